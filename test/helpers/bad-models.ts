// Model files and checkpoints that are none.
import { dense, Network } from '../../lib/index.ts';
import { encodeSafetensors, type NamedTensor } from '../../lib/io/safetensors.ts';
import { casesOf, nested, type BadFile } from './bad-files.ts';

const weights = new Network({ inputs: 2, layers: [dense(3, 'tanh'), dense(1)], backend: 'typescript' }).weights();
const description = { version: 1, inputs: 2, layers: [dense(3, 'tanh'), dense(1)].map(({ type, options }) => ({ type, options })), seed: 0, steps: 4, adapted: false };
type Description = Record<string, unknown>;

/** A file of any header, as text or as what becomes JSON, and any data. */
function file(header: string | object, data: Uint8Array | number = 0): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header)), length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, typeof data === 'number' ? new Uint8Array(data) : data]);
}

const entry = (begin: number, end: number, ...shape: unknown[]): object => ({ dtype: 'F32', shape, data_offsets: [begin, end] });
const whole = (text: string, tensors: readonly NamedTensor[] = weights): Buffer => Buffer.concat(encodeSafetensors(tensors.map(({ name, shape, data }) => ({ name, shape, data })), { densely: text }));
/** A good file that describes something else. */
const described = (change: object | ((given: Description) => object)): (() => Buffer) => () => whole(JSON.stringify(typeof change === 'function' ? change(structuredClone(description)) : { ...description, ...change }));
/** The same with other options of its first layer. */
const optioned = (options: object): (() => Buffer) => described((given) => ({ ...given, layers: [{ type: 'dense', options }, description.layers[1]] }));
const tensors = (change: (given: NamedTensor[]) => NamedTensor[]): (() => Buffer) => () => whole(JSON.stringify(description), change(weights.map((tensor) => ({ ...tensor }))));
const graphed = (more: object): (() => Buffer) => described({ inputs: [{ name: 'a', features: 2 }], applications: [{ layer: 0, inputs: [0] }, { layer: 1, inputs: [1] }], outputs: [{ name: 'o', value: 2 }], ...more });
const model = (): Buffer => whole(JSON.stringify(description));
const preprocessor = { format: 'densely-preprocessor', version: 1, missingValues: [], columns: [{ name: 'a', kind: 'numeric', fill: null, indicator: false, shift: 0, scale: 1 }, { name: 't', kind: 'target', shift: 0, scale: 1 }] };

export const badModels: BadFile[] = casesOf('model', 'ERR_MODEL_FORMAT', [
  ['empty', 'at least 8 bytes', () => ''],
  ['seven bytes', 'at least 8 bytes', () => new Uint8Array(7)],
  ['text', /header/, () => 'this is a poem and no model'],
  ['a header of 2^64 - 1', 'claims 18446744073709551615', () => Buffer.alloc(64, 255)],
  ['a header of 100 MB and one byte', 'at most 100000000 bytes but it claims 100000001', () => Buffer.concat([Buffer.from('01e1f50500000000', 'hex'), Buffer.alloc(64, 32)])],
  ['a header of 100 MB that is not there', 'expected a header of 100000000 bytes but', () => Buffer.concat([Buffer.from('00e1f50500000000', 'hex'), Buffer.alloc(64, 32)])],
  ['a header of none', "begins with '{'", () => new Uint8Array(8)],
  ['a header that is a list', "begins with '{'", () => file('[]')],
  ['space before the header', "begins with '{'", () => file(' {}')],
  ['a byte order mark', "begins with '{'", () => file('\ufeff{}')],
  ['no JSON', 'cannot be parsed', () => file('{"a":')],
  ['no UTF-8', 'cannot be parsed', () => file('{"a":1}').with(10, 0xff)],
  ['UTF-8 of too many bytes', 'cannot be parsed', () => Buffer.from(file('{"ab":1}')).fill(Buffer.from('c0af', 'hex'), 10, 12)],
  ['text behind the header', 'cannot be parsed', () => file('{} {}')],
  ['deep lists', 'cannot be parsed', () => file(`{"a":${nested('[', ']', 100_000)}}`)],
  ['deep objects', 'cannot be parsed', () => file(nested('{"a":', '}', 100_000, '1'))],
  ['a name twice', "'w' is there twice", () => file('{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4)],
  ['a name twice, once escaped', "'w' is there twice", () => file('{"w":1,"\\u0077":2}')],
  ['metadata twice', "'__metadata__' is there twice", () => file('{"__metadata__":{},"__metadata__":{}}')],
  ['metadata that are a list', 'object of texts', () => file({ __metadata__: [] })],
  ['metadata that are numbers', "metadata 'a' to be a text", () => file({ __metadata__: { a: 1 } })],
  ['a tensor that is null', 'object with dtype', () => file({ w: null })],
  ['a tensor named __proto__ that is a number', "tensor '__proto__'", () => file('{"__proto__":5}')],
  ['a dtype that is none', "unknown dtype 'F33'", () => file({ w: { dtype: 'F33', shape: [1], data_offsets: [0, 4] } }, 4)],
  ['a dtype of Object', "unknown dtype 'constructor'", () => file({ w: { dtype: 'constructor', shape: [1], data_offsets: [0, 4] } }, 4)],
  ['a dtype that is a list', 'unknown dtype that is no text', () => file({ w: { dtype: ['F32'], shape: [1], data_offsets: [0, 4] } }, 4)],
  ['a field too many', "unknown field 'path'", () => file({ w: { ...entry(0, 4, 1), path: '/etc/passwd' } }, 4)],
  ['a shape that is a text', 'shape of non-negative whole numbers', () => file({ w: { ...entry(0, 4), shape: '1' } }, 4)],
  ['a negative dimension', 'shape of non-negative whole numbers', () => file({ w: entry(0, 4, -1) }, 4)],
  ['two negative dimensions', 'shape of non-negative whole numbers', () => file({ w: entry(0, 4, -1, -1) }, 4)],
  ['half a dimension', 'shape of non-negative whole numbers', () => file({ w: entry(0, 4, 0.5, 2) }, 4)],
  ['a dimension that is null', 'shape of non-negative whole numbers', () => file({ w: entry(0, 4, null) }, 4)],
  ['a dimension of 1e400', 'shape of non-negative whole numbers', () => file('{"w":{"dtype":"F32","shape":[1e400],"data_offsets":[0,4]}}', 4)],
  ['a dimension beyond 2^53', 'shape of non-negative whole numbers', () => file('{"w":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', 4)],
  ['a shape that wraps to nothing', 'is too large', () => file({ w: entry(0, 0, 2 ** 32, 2 ** 32) })],
  ['a shape beyond memory', /expected 4398046511104 bytes/, () => file({ w: entry(0, 4, 2 ** 20, 2 ** 20) }, 4)],
  ['one offset', 'two non-negative whole numbers', () => file({ w: { ...entry(0, 4, 1), data_offsets: [0] } }, 4)],
  ['negative offsets', 'two non-negative whole numbers', () => file({ w: entry(-4, 0, 1) }, 4)],
  ['offsets beyond 2^53', 'two non-negative whole numbers', () => file('{"w":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551616]}}', 4)],
  ['offsets the wrong way round', 'data_offsets are 4 to 0', () => file({ w: entry(4, 0, 1) }, 4)],
  ['fewer bytes than the shape', 'expected 24 bytes', () => file({ w: entry(0, 8, 2, 3) }, 8)],
  ['data beyond the end', 'the file is truncated', () => file({ w: entry(0, 8, 2) }, 7)],
  ['data that overlap', "overlaps another's", () => file({ a: entry(0, 8, 2), b: entry(4, 12, 2) }, 12)],
  ['data twice', "overlaps another's", () => file({ a: entry(0, 8, 2), b: entry(0, 8, 2) }, 8)],
  ['a hole', 'leaves a hole', () => file({ a: entry(0, 4, 1), b: entry(8, 12, 1) }, 12)],
  ['a hole in front', 'leaves a hole', () => file({ a: entry(4, 8, 1) }, 8)],
  ['bytes behind the data', 'but there are', () => Buffer.concat([model(), Buffer.of(0)])],
  ["another library's file", "no 'densely' entry", () => Buffer.concat(encodeSafetensors(weights.map(({ name, shape, data }) => ({ name, shape, data })), { format: 'pt' }))],
  ['a description that is no JSON', 'expected the configuration to be JSON', () => whole('{')],
  ['a description that is null', 'no version', () => whole('null')],
  ['a description nested 100,000 deep', 'expected the configuration to be JSON', () => whole(nested('[', ']', 100_000))],
  ['a newer version', 'version 2 but this release reads version 1', described({ version: 2 })],
  ['a version that is a text', 'no version', described({ version: '1' })],
  ['a sum that is another', 'damaged or changed', () => Buffer.concat(encodeSafetensors(weights.map(({ name, shape, data }) => ({ name, shape, data })), { densely: JSON.stringify(description), sha256: '0'.repeat(64) }))],
  ['a sum that was lost', "a metadata entry 'sha256'", described({ sum: 'sha256' })],
  ['no inputs', 'lacks inputs', described({ inputs: undefined })],
  ['inputs that are null', "'inputs'", described({ inputs: null })],
  ['half an input', "'inputs'", described({ inputs: 2.5 })],
  ['2^53 inputs', /'dense1\.weight'|'inputs'/, described({ inputs: 2 ** 53 })],
  ['a seed that is negative', "'seed'", described({ seed: -1 })],
  ['steps that are none', 'lacks', described({ steps: -1 })],
  ['layers that are an object', 'lacks', described({ layers: { length: 2 } })],
  ['no layers', "'layers'", described({ layers: [] })],
  ['a layer that is null', 'layers[0]', described({ layers: [null] })],
  ['a layer of __proto__', "unknown layer type '__proto__'", described({ layers: [{ type: '__proto__', options: {} }] })],
  ['a layer of constructor', "unknown layer type 'constructor'", described({ layers: [{ type: 'constructor', options: {} }] })],
  ['a layer that names a module', "unknown layer type './evil.mjs'", described({ layers: [{ type: './evil.mjs', options: {} }] })],
  ['options that are a list', 'dense', optioned([1])],
  ['an unknown option', "unknown option 'unit'", optioned({ unit: 3 })],
  ['an option named __proto__', "unknown option '__proto__'", () => whole(JSON.stringify(description).replace('"units":3', '"__proto__":{"units":3}'))],
  ['no units', "'units'", optioned({ activation: 'tanh' })],
  ['units of 1e308', /'units'/, optioned({ units: 1e308, activation: 'tanh' })],
  ['units beyond memory', /at most 2147483647 values|for 'dense1\.weight'/, optioned({ units: 2 ** 40, activation: 'tanh' })],
  ['units of 4 GB in a small file', "for 'dense1.weight'", optioned({ units: 2 ** 29, activation: 'tanh' })],
  ['a mask of 2 GB in a small file', "for 'dense1.weight'", described({ inputs: 2 ** 21, layers: [dense(1000, 'relu', { connections: Array.from({ length: 1000 }, () => [0]) }), dense(1)].map(({ type, options }) => ({ type, options })) })],
  ['an activation that is none', /activation/, optioned({ units: 3, activation: 'eval' })],
  ['an activation nested deeply', 'expected the configuration to be JSON', () => whole(JSON.stringify(description).replace('"tanh"', nested('{"name":', '}', 20_000, '"elu"')))],
  ['a tensor missing', "no values for 'dense2.bias'", tensors((given) => given.slice(0, -1))],
  ['a tensor too many', "no tensor is named 'dense3.weight'", tensors((given) => [...given, { name: 'dense3.weight', shape: [1], data: Float32Array.of(1) }])],
  ['a tensor of another name', "no values for 'dense1.weight'", tensors((given) => given.with(0, { ...given[0]!, name: 'dense9.weight' }))],
  ['a tensor turned round', "expected shape [3, 2] for 'dense1.weight' but received [2, 3]", tensors((given) => given.with(0, { ...given[0]!, shape: [2, 3] }))],
  ['whole numbers as weights', 'not of single or double precision', tensors((given) => given.with(0, { ...given[0]!, data: new Int32Array(6) as never }))],
  ['a weight that is NaN', 'a finite number but received NaN', tensors((given) => given.with(1, { ...given[1]!, data: Float32Array.of(0, NaN, 0) }))],
  ['a weight that is infinite', 'a finite number but received -Infinity', tensors((given) => given.with(1, { ...given[1]!, data: Float32Array.of(0, 0, -Infinity) }))],
  ['a weight beyond single precision', 'a finite number but received 1e+300', tensors((given) => given.with(1, { ...given[1]!, data: Float64Array.of(0, 1e300, 0) }))],
  ['an application to what comes later', 'application 0', graphed({ applications: [{ layer: 0, inputs: [1] }, { layer: 1, inputs: [0] }] })],
  ['an application of no layer', 'application 0', graphed({ applications: [{ layer: 7, inputs: [0] }, { layer: 1, inputs: [1] }] })],
  ['an application to too many', 'expected one input', graphed({ applications: [{ layer: 0, inputs: [0, 0] }, { layer: 1, inputs: [1] }] })],
  ['an output that is an input', 'is an input', graphed({ outputs: [{ name: 'o', value: 0 }] })],
  ['an output twice', 'every output once', graphed({ outputs: [{ name: 'o', value: 2 }, { name: 'p', value: 2 }] })],
  ['inputs of one name', 'to differ', graphed({ inputs: [{ name: 'a', features: 1 }, { name: 'a', features: 1 }], applications: [{ layer: 0, inputs: [0] }, { layer: 1, inputs: [2] }], outputs: [{ name: 'o', value: 3 }] })],
  ['names of columns that are numbers', 'names of the columns', described({ columns: { inputs: [1, 2], targets: ['t'], classes: null } })],
  ['a preprocessor of another width', 'expected a preprocessor that makes 2 inputs but it makes 1', described({ preprocessor })],
  ['a preprocessor that is a text', 'preprocessor', described({ preprocessor: './evil.mjs' })],
  ['100,000 layers without weights', 'at most 4096 inputs, layers', described({ layers: Array.from({ length: 100_000 }, () => ({ type: 'activation', options: { activation: 'relu' } })) })],
  ['100,000 layers with weights', 'at most 4096 inputs, layers', described({ layers: Array.from({ length: 100_000 }, () => ({ type: 'dense', options: { units: 2, activation: 'relu' } })) })],
]);

export { model as goodModel };
