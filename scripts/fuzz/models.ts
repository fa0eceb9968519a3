// Targets: model files, checkpoints, safetensors and ONNX.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as densely from '../../lib/index.ts';
import { modelSchema } from '../../lib/io/onnx/schema.ts';
import { decodeMessage, encodeMessage } from '../../lib/io/onnx/wire.ts';
import { checkSum, sumEntry, withSum } from '../../lib/io/safetensors-sum.ts';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../../lib/io/safetensors.ts';
import { layerTypes } from '../../lib/layers/registry.ts';
import { Network } from '../../lib/network/network.ts';
import { networkIn } from '../../lib/network/persist.ts';
import { readRun, type RunIdentity, type RunSizes } from '../../lib/network/resume.ts';
import { exportOnnx, importOnnx } from '../../lib/index.ts';
import { mutateBytes, mutateData, toJson, wordsOf } from './mutate.ts';
import type { Draws } from './random.ts';
import type { Target } from './target.ts';

const { activation, add, batchNorm, concatenate, dense, dropout, highway, input, layerNorm, maxout, minMaxScaler, prelu, standardScaler } = densely;

/** Small networks of every kind of layer. */
function networks(): Network[] {
  const x = input(3), y = input(2), hidden = dense(3, 'tanh').apply(x), shared = dense(3, 'relu', { weightNorm: true });
  const mask = [[1, 0, 1], [1, 1, 1]], run = { backend: 'typescript', seed: 5 } as const;
  return [
    new Network({ inputs: 4, layers: [dense(3, 'tanh'), dropout(0.2), dense(2, 'softmax')], ...run }),
    new Network({ inputs: 3, layers: [standardScaler(), dense(2, { name: 'elu', alpha: 0.5 }, { mask }), batchNorm(), prelu(), dense(1)], ...run }),
    new Network({ inputs: 3, layers: [minMaxScaler(), maxout(2, 2), layerNorm(), highway('relu'), activation('sigmoid'), dense(2, 'linear', { spectralNorm: true })], ...run }),
    new Network({ inputs: { left: x, right: y }, outputs: { sum: add().apply(hidden, shared.apply(shared.apply(x))), both: concatenate().apply(hidden, y) }, ...run }),
  ];
}

async function filesOf(write: (folder: string) => Promise<readonly string[]>): Promise<Buffer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'densely-fuzz-'));
  try {
    return await Promise.all((await write(folder)).map((path) => readFile(path)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const modelFiles = (): Promise<Buffer[]> => filesOf((folder) => Promise.all(networks().map(async (network, i) => {
  const path = join(folder, `${i}`);
  if (i === 0) network.columns = { inputs: ['a', 'b', 'c', 'd'], targets: ['t'], classes: ['no', 'yes'] };
  await network.save(path);
  return path;
})));

const headerTokens = ['"F64"', '"BF16"', '"I64"', '"U8"', '"BOOL"', '__metadata__', '__proto__', 'data_offsets', 'shape', 'dtype', '"densely"', 'sha256', '[0,0]', '{}', '\\u0000', '9007199254740993', '1e999', '-0', '{"', '"}', '[[[[', '\x00\x00\x00\x00\x01\x00\x00\x00'];

/** The header of a file as data, and what is behind it. */
function headerOf(bytes: Buffer): { header: unknown; rest: Buffer } {
  const length = Number(bytes.readBigUInt64LE());
  return { header: JSON.parse(bytes.toString('utf8', 8, 8 + length)), rest: bytes.subarray(8 + length) };
}

function withHeader(header: unknown, rest: Buffer): Buffer {
  const json = Buffer.from(toJson(header)), length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, rest]);
}

/** Bytes with changes anywhere, or with a header that is JSON of other contents. */
function changedFile(files: readonly Buffer[], words: readonly string[], draws: Draws): Buffer {
  const file = draws.of(files);
  if (draws.once(2)) return mutateBytes(file, files, headerTokens, draws);
  const { header, rest } = headerOf(file);
  return withHeader(mutateData(header, words, draws), draws.once(4) ? mutateBytes(rest, files, [], draws) : rest);
}

export const safetensors: Target = {
  name: 'safetensors', codes: ['ERR_MODEL_FORMAT'],
  async prepare() {
    const files = await modelFiles(), words = [...wordsOf(files.map((file) => headerOf(file).header)), 'F16', 'BF16', 'I64', 'U8', 'BOOL'];
    return (draws) => {
      const bytes = changedFile(files, words, draws);
      return { bytes, run: () => decodeSafetensors(bytes, 'fuzz') };
    };
  },
};

interface Parts { tensors: NamedTensor[]; readonly metadata: Record<string, string> }

/** The tensors of a file, some lost, some of another name, shape or type. */
function changedTensors(tensors: readonly NamedTensor[], words: readonly string[], draws: Draws): NamedTensor[] {
  const list = [...tensors], at = draws.below(list.length), chosen = list[at]!;
  switch (draws.below(6)) {
    case 0: list.splice(at, 1); break;
    case 1: list[at] = { ...chosen, name: draws.of(words) }; break;
    case 2: list[at] = { ...chosen, shape: draws.once(2) ? chosen.shape.toReversed() : [chosen.data.length] }; break;
    case 3: list[at] = { ...chosen, data: draws.once(2) ? Float64Array.from(chosen.data as Float32Array) : Int32Array.from(chosen.data as Float32Array) }; break;
    case 4: list[at] = { ...chosen, data: (chosen.data as Float32Array).map((value) => (draws.once(3) ? draws.of([NaN, Infinity, 3e38, -0, 1e-45]) : value)) }; break;
    default: list.push({ name: draws.of(words), shape: [1, 0], data: new Float32Array(0) });
  }
  return list.filter(({ name }, i) => name !== '__metadata__' && list.findIndex((each) => each.name === name) === i);
}

function partsOf(file: Buffer): Parts {
  const { tensors, metadata } = decodeSafetensors(file, 'seed');
  return { tensors: [...tensors].map(([name, { shape, data }]) => ({ name, shape, data: data as Float32Array })), metadata };
}

/** A file that is well made but says something else: its descriptions, or its tensors. */
function forged(parts: Parts, entries: readonly string[], words: readonly string[], draws: Draws): Parts {
  const metadata = { ...parts.metadata }, entry = draws.of(entries);
  delete metadata[sumEntry];
  if (!draws.once(4)) {
    const description = JSON.parse(metadata[entry]!) as Record<string, unknown>;
    delete description['sum'];
    metadata[entry] = draws.once(20) ? mutateBytes(Buffer.from(metadata[entry]!), [Buffer.from(metadata[entry]!)], headerTokens, draws).toString() : toJson(mutateData(description, words, draws));
  }
  return { metadata, tensors: draws.once(3) ? changedTensors(parts.tensors, words, draws) : parts.tensors };
}

const layerWords = [...Object.keys(layerTypes), 'relu', 'softmax', 'glorotUniform', 'LR', 'weightNorm', 'connections', 'mask', 'units', 'applications', 'preprocessor', 'columns'];

async function load(bytes: Uint8Array, predict: boolean): Promise<void> {
  const { description, tensors } = await networkIn(decodeSafetensors(bytes, 'fuzz'), 'fuzz');
  const network = Network.restore('fuzz', description, tensors, { backend: 'typescript' });
  if (predict && network.inputs < 1000) network.predictSync(new Float32Array(network.inputs));
  network.dispose();
}

export const model: Target = {
  name: 'model', codes: ['ERR_MODEL_FORMAT'],
  async prepare() {
    const files = await modelFiles(), parts = files.map(partsOf), descriptions = parts.map(({ metadata }) => JSON.parse(metadata['densely']!) as unknown);
    const words = [...wordsOf(descriptions), ...layerWords], headerWords = wordsOf(files.map((file) => headerOf(file).header));
    return (draws) => {
      const { tensors, metadata } = draws.once(4) ? { tensors: null, metadata: {} } : forged(draws.of(parts), ['densely'], words, draws);
      const bytes = tensors === null ? changedFile(files, headerWords, draws) : Buffer.concat(encodeSafetensors(tensors, metadata)), predict = draws.once(32);
      return { bytes, run: () => load(bytes, predict) };
    };
  },
};

export const checkpoint: Target = {
  name: 'checkpoint', codes: ['ERR_MODEL_FORMAT', 'ERR_OPTION'],
  async prepare() {
    const files = await filesOf(async (folder) => {
      const options = { epochs: 3, batchSize: 4, callbacks: [densely.checkpoint(folder, { every: { steps: 1 }, keep: 9, best: true }), densely.earlyStopping({ patience: 9 })] };
      const data = { x: Array.from({ length: 10 }, (_, i) => [i, -i, 1]), y: Array.from({ length: 10 }, (_, i) => i % 2) };
      await new Network({ inputs: 3, layers: [dense(3, 'tanh'), batchNorm(), dense(2, 'softmax')], backend: 'typescript' }).fit(data, { ...options, metrics: ['accuracy'] });
      const { readdir } = await import('node:fs/promises');
      return (await readdir(folder)).filter((name) => name.startsWith('checkpoint')).map((name) => join(folder, name));
    });
    const parts = files.map(partsOf), runs = parts.map(({ metadata }) => JSON.parse(metadata['densely-run']!) as { identity: RunIdentity });
    const words = [...wordsOf(runs), ...wordsOf(parts.map(({ metadata }) => JSON.parse(metadata['densely']!) as unknown)), 'run:slots', 'run:trace.0', 'run:trace.1', 'run:callback.earlyStopping1.weights'];
    const names = new Set(parts.flatMap(({ tensors }) => tensors.map(({ name }) => name)).filter((name) => !name.startsWith('run:')));
    const slots = parts[0]!.tensors.find(({ name }) => name === 'run:slots')!.data.length;
    const results = new Set(parts.flatMap(({ tensors }) => tensors.map(({ name }) => name)).filter((name) => name.startsWith('run:trace.'))).size;
    const sizes: RunSizes = { slots, results, stepsPerEpoch: 3, isKept: (name) => names.has(name) };
    const read = async (bytes: Uint8Array): Promise<void> => {
      const found = decodeSafetensors(bytes, 'fuzz');
      await checkSum(found, 'fuzz');
      readRun('fuzz', found, runs[0]!.identity, sizes);
    };
    return (draws) => {
      if (draws.once(8)) {
        const bytes = mutateBytes(draws.of(files), files, headerTokens, draws);
        return { bytes, run: () => read(bytes) };
      }
      const { tensors, metadata } = forged(draws.of(parts), ['densely-run', 'densely-run', 'densely'], words, draws);
      const made = Buffer.concat(encodeSafetensors(tensors, metadata));
      return {
        bytes: made,
        async run() {
          await read(Buffer.concat(encodeSafetensors(tensors, await withSum(tensors, metadata))));
        },
      };
    };
  },
};

const onnxTokens = ['Gemm', 'MatMul', 'Add', 'Relu', 'Softmax', 'Reshape', 'Concat', 'Constant', 'BatchNormalization', 'LayerNormalization', 'Shape', 'Slice', 'Gather', 'Expand', 'Loop', 'If', 'axis', 'perm', 'value', 'location', '../x', '\x08\x01', '\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01', '\x0a', '\x12', '\x22', '\x3a'];

export const onnx: Target = {
  name: 'onnx', codes: ['ERR_MODEL_FORMAT'],
  async prepare() {
    const files = await filesOf((folder) => Promise.all(networks().map(async (network, i) => {
      const path = join(folder, `${i}.onnx`);
      await exportOnnx(network, path);
      return path;
    })));
    const messages = files.map((file) => decodeMessage(file, modelSchema, 'seed')), words = [...wordsOf(messages), ...onnxTokens];
    const bytesOf = (draws: Draws): Buffer => {
      if (!draws.once(3)) return mutateBytes(draws.of(files), files, onnxTokens, draws);
      try {
        return Buffer.concat(encodeMessage(modelSchema, mutateData(draws.of(messages), words, draws) as object).parts);
      } catch {
        // A message that has no bytes: a text where a number has to be, and the like.
        return mutateBytes(draws.of(files), files, onnxTokens, draws);
      }
    };
    return (draws) => {
      const bytes = bytesOf(draws);
      return {
        bytes,
        async run() {
          (await importOnnx(bytes, { backend: 'typescript' })).dispose();
        },
      };
    };
  },
};
