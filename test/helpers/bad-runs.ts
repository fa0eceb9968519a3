// Checkpoints and ONNX models that are none.
import { nodeOf, modelOf, portOf, weightsOf } from './onnx-models.ts';
import { encodeSafetensors, type NamedTensor, type Safetensors } from '../../lib/io/safetensors.ts';
import { withSum } from '../../lib/io/safetensors-sum.ts';
import { casesOf, nested, type BadFile } from './bad-files.ts';

interface Run { [name: string]: unknown }

/** Checkpoints made of a good one with a right sum each; where the state of the run is what is wrong. */
export async function badCheckpoints(good: Safetensors): Promise<BadFile[]> {
  const tensors = [...good.tensors].map(([name, { shape, data }]): NamedTensor => ({ name, shape, data }));
  const summed = async (metadata: Record<string, string>, list = tensors): Promise<Buffer> => {
    const { sha256: _, ...others } = metadata;
    return Buffer.concat(encodeSafetensors(list, await withSum(list, others)));
  };
  const told = (change: (run: Run) => string): Promise<Buffer> => summed({ ...good.metadata, 'densely-run': change(JSON.parse(good.metadata['densely-run']!) as Run) });
  const changed = (more: object): Promise<Buffer> => told((run) => JSON.stringify({ ...run, ...more }));
  const resized = (name: string, length: number): Promise<Buffer> => summed(good.metadata, tensors.map((tensor) => (tensor.name === name ? { name, shape: [length], data: new Float32Array(length) } : tensor)));
  const rows: [name: string, says: string | RegExp, bytes: Buffer][] = [
    ['another sum', 'damaged or changed', Buffer.concat(encodeSafetensors(tensors, { ...good.metadata, sha256: 'f'.repeat(64) }))],
    ['no sum', "says 'nothing'", Buffer.concat(encodeSafetensors(tensors, { densely: good.metadata['densely']!, 'densely-run': good.metadata['densely-run']! }))],
    ['a model alone', 'a model alone', await summed({ densely: good.metadata['densely']! })],
    ['a run that is no JSON', 'to be JSON', await told(() => '{')],
    ['a run that is null', 'a model alone', await told(() => 'null')],
    ['a newer version', 'version 2', await changed({ version: 2 })],
    ['a version nested deeply', 'to be JSON', await told((run) => JSON.stringify({ ...run, version: 'X' }).replace('"X"', nested('[', ']', 100_000)))],
    ['no identity', 'the identity of the run', await changed({ identity: null })],
    ['a negative epoch', 'the place of the run', await changed({ epoch: -1 })],
    ['a step beyond the epoch', 'the place of the run', await changed({ step: 99 })],
    ['records that are missing', 'records of 1 epochs', await changed({ records: [] })],
    ['records of texts', 'records of 1 epochs', await changed({ records: [{ epoch: 1, loss: '0.5' }] })],
    ['records nested deeply', 'to be JSON', await told((run) => JSON.stringify({ ...run, records: ['X'] }).replace('"X"', nested('{"a":', '}', 100_000, '1')))],
    ['callbacks that are a list', 'data of callbacks', await changed({ callbacks: [] })],
    ['a callback of other data', "[checkpoint] the checkpoint has null as 'epoch'", await changed({ callbacks: { checkpoint1: { epoch: null } } })],
    ['slots that are missing', "'run:slots' is missing", await summed(good.metadata, tensors.filter(({ name }) => name !== 'run:slots'))],
    ['slots of another size', "numbers in tensor 'run:slots'", await resized('run:slots', 7)],
    ['a trace too long', "numbers in tensor 'run:trace.0'", await resized('run:trace.0', 5)],
    ['no description of the network', 'steps of its network', await summed({ ...good.metadata, densely: '{}' })],
    ['a description nested deeply', 'of the network to be JSON', await summed({ ...good.metadata, densely: nested('[', ']', 100_000) })],
  ];
  return casesOf('checkpoint', 'ERR_MODEL_FORMAT', rows.map(([name, says, bytes]) => [name, says, () => bytes]));
}

const gemm = nodeOf('Gemm', ['x', 'w'], 'y'), w = weightsOf('w', 3, 2);
const outside = (location: string) => ({ ...w, dataLocation: 1, externalData: [{ key: 'location', value: location }] });
const varint = (length: number): number[] => (length < 128 ? [length] : [(length & 127) | 128, ...varint(Math.floor(length / 128))]);
/** A field of bytes. */
const field = (number: number, bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([number * 8 + 2, ...varint(bytes.length)]), bytes]);

export const badOnnx: BadFile[] = casesOf('onnx', 'ERR_MODEL_FORMAT', [
  ['empty', 'no graph', () => ''],
  ['text', /no ONNX model|no graph/, () => 'this is a poem and no model'],
  ['a length of 2^63', /bytes but|at most 64 bits|no ONNX model/, () => Buffer.from('3affffffffffffffff7f', 'hex')],
  ['a number of eleven bytes', 'at most 64 bits', () => Buffer.from('08ffffffffffffffffffff01', 'hex')],
  ['messages within messages', /no ONNX model|expected|no graph/, () => { let bytes: Buffer = Buffer.alloc(0); for (let i = 0; i < 2000; i++) bytes = field(7, bytes); return bytes; }],
  ['three million empty nodes', /at most 100000/, () => field(7, Buffer.alloc(6_000_000, Buffer.from('0a00', 'hex')))],
  ['no graph', 'no graph', () => Buffer.from('0808', 'hex')],
  ['a newer operator set', 'operator set 7 to 24', () => modelOf({ nodes: [gemm], tensors: [w], opset: 99 })],
  ['an unknown operator', 'not supported', () => modelOf({ nodes: [nodeOf('Conv', ['x', 'w'], 'y')], tensors: [w] })],
  ['a loop', 'not supported', () => modelOf({ nodes: [nodeOf('Loop', ['x', 'w'], 'y')], tensors: [w] })],
  ['an operator of another domain', "domain 'evil'", () => modelOf({ nodes: [nodeOf('Gemm', ['x', 'w'], 'y', {}, 'evil')], tensors: [w] })],
  ['a circle', 'made by no node before it', () => modelOf({ nodes: [nodeOf('Add', ['x', 'y'], 'z'), nodeOf('Relu', ['z'], 'y')] })],
  ['an output that nothing makes', 'no node makes it', () => modelOf({ nodes: [gemm], tensors: [w], outputs: ['z'] })],
  ['a value twice', 'there already', () => modelOf({ nodes: [gemm, gemm], tensors: [w] })],
  ['a tensor twice', 'is there twice', () => modelOf({ nodes: [gemm], tensors: [w, w] })],
  ['a shape beyond memory', 'bytes for', () => modelOf({ nodes: [gemm], tensors: [{ ...w, dims: [2 ** 20, 2 ** 20] }] })],
  ['a shape beyond 2^53', 'the shape is too large', () => modelOf({ nodes: [gemm], tensors: [{ ...w, dims: [2 ** 40, 2 ** 40] }] })],
  ['a negative dimension', 'shape of non-negative', () => modelOf({ nodes: [gemm], tensors: [{ ...w, dims: [-3, -2] }] })],
  ['features beyond 2^31', 'a known number of features', () => modelOf({ nodes: [gemm], tensors: [w], inputs: [portOf('x', ['rows', 2 ** 31, 2 ** 31])] })],
  ['values beside the folder', 'inside of the folder', () => modelOf({ nodes: [gemm], tensors: [outside('../secret')] })],
  ['values at a path of their own', 'inside of the folder', () => modelOf({ nodes: [gemm], tensors: [outside('/etc/passwd')] })],
  ['values at an address', 'inside of the folder', () => modelOf({ nodes: [gemm], tensors: [outside('https://example.org/w')] })],
  ['values that are not there', 'cannot be read', () => modelOf({ nodes: [gemm], tensors: [outside('none.bin')] })],
]);
