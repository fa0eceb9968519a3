// Targets: files of data, preprocessors and configurations.
import { gzipSync } from 'node:zlib';
import { parseCsv } from '../../lib/data/csv.ts';
import { idxIn } from '../../lib/data/idx.ts';
import { decodeNpy, npzIn } from '../../lib/data/npy.ts';
import { fitPreprocessor } from '../../lib/data/preprocess/fit.ts';
import { Preprocessor } from '../../lib/data/preprocess/preprocessor.ts';
import { csvChunks } from '../../lib/data/rows/csv-rows.ts';
import { jsonLinesChunks } from '../../lib/data/rows/json-lines.ts';
import { readRows } from '../../lib/data/rows/row-table.ts';
import { RowSource } from '../../lib/data/rows/row-source.ts';
import { parseConfiguration } from '../../lib/cli/configuration.ts';
import { clipOf, earlyStoppingOf, layersOf, lossOf, optimizerOf, preprocessOf } from '../../lib/cli/specs.ts';
import { jobFlags, runFlags } from '../../lib/cli/training-flags.ts';
import { npyFile, zipFile } from './archive.ts';
import { mutateBytes, mutateData, toJson, wordsOf } from './mutate.ts';
import type { Draws } from './random.ts';
import type { Target } from './target.ts';

/** An IDX file of these dimensions, its numbers counted up. */
function idxFile(type: number, size: number, shape: readonly number[]): Buffer {
  const head = Buffer.alloc(4 + 4 * shape.length), count = shape.reduce((product, dimension) => product * dimension, 1);
  head[2] = type;
  head[3] = shape.length;
  shape.forEach((dimension, i) => head.writeUInt32BE(dimension, 4 + 4 * i));
  return Buffer.concat([head, Buffer.from(Uint8Array.from({ length: count * size }, (_, i) => i))]);
}

export const idx: Target = {
  name: 'idx', codes: ['ERR_DATA'],
  async prepare() {
    const plain = [idxFile(8, 1, [3, 2, 2]), idxFile(8, 1, [5]), idxFile(13, 4, [2, 3]), idxFile(14, 8, [4]), idxFile(11, 2, [2, 2, 2, 2])], packed = plain.map((file) => gzipSync(file));
    return (draws) => {
      // Unpacking takes most of the time: few are packed.
      const changed = draws.once(24) ? mutateBytes(draws.of(packed), packed, [], draws) : mutateBytes(draws.of(plain), plain, [], draws);
      const bytes = draws.once(24) ? gzipSync(changed) : changed;
      return { bytes, run: () => idxIn(bytes, 'fuzz') };
    };
  },
};

const npyFiles = (): Buffer[] => ['<f4', '>f8', '|u1', '<i8', '|b1', '<f2'].map((type, i) => {
  const shape = ['(3,)', '(2, 3)', '()', '(1, 2, 2)', '(2L,)', '(2, 2)'][i]!, count = [3, 6, 1, 4, 2, 4][i]!;
  return npyFile(`{'descr': '${type}', 'fortran_order': ${i % 2 === 1 ? 'True' : 'False'}, 'shape': ${shape}, }`, Buffer.alloc(count * Number(type[2])));
});

const npyTokens = ["'descr': '", "'|O'", "'<f8'", "'>i4'", "'<U8'", "'fortran_order': True", "'shape': (", '(9999999999,)', '(0,)', '(-1,)', '(2, 2, 2', ', }', "[('a', '<f4')]", '\x93NUMPY', '\x02\x00', '\x03\x00', '\n', '1e3', '0x10', ',,,,', '__import__'];

export const npy: Target = {
  name: 'npy', codes: ['ERR_DATA'],
  async prepare() {
    const files = npyFiles();
    return (draws) => {
      const bytes = mutateBytes(draws.of(files), files, npyTokens, draws);
      return { bytes, run: () => decodeNpy(bytes, 'fuzz') };
    };
  },
};

export const npz: Target = {
  name: 'npz', codes: ['ERR_DATA'],
  async prepare() {
    const arrays = npyFiles(), names = ['x.npy', 'y.npy', '__proto__.npy', '../x', '', 'a/', 'x.npy'];
    const archive = (draws: Draws, change: boolean): Buffer => zipFile(Array.from({ length: 1 + draws.below(3) }, () => ({
      name: draws.of(names), bytes: change ? mutateBytes(draws.of(arrays), arrays, npyTokens, draws) : draws.of(arrays), deflated: draws.once(8),
    })));
    return (draws) => {
      const made = archive(draws, draws.once(4)), bytes = draws.once(5) ? made : mutateBytes(made, arrays, ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', '\xff\xff\xff\xff', '\x08\x00'], draws);
      const source = { size: bytes.length, read: async (at: number, length: number) => Buffer.from(bytes.subarray(at, at + length)) };
      return { bytes, run: () => npzIn(source, 'fuzz') };
    };
  },
};

const csvTokens = ['"', '""', '\r\n', '\n\n', ',', ',,', '\t', ';', '1e400', '-0', '.5', '5.', 'nan', 'inf', '1e-400', '0x1', '\ufeff', '\xff\xfe', '\x00', '123456789012345678901234567890', '1e5', 'label', 'a', '+1'];

/** In pieces, cut anywhere. */
function* piecesOf(bytes: Uint8Array, draws: Draws): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const length = 1 + draws.below(draws.once(2) ? 8 : bytes.length);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

export const csv: Target = {
  name: 'csv', codes: ['ERR_DATA', 'ERR_OPTION'],
  async prepare() {
    const files = ['a,b,label\n1,2,yes\n3.5,-4e2,no\n"5",6,yes\n', 'x;y\r\n1;2\r\n3;4\r\n', '1,2,3\n4,5,6\n', '"a ""b""","c\nd",label\n1,2,0\n7,8,1\n'].map((text) => Buffer.from(text));
    const collect = async (bytes: Uint8Array, draws: Draws, header: boolean | 'auto', delimiter: number): Promise<void> => {
      const pieces = (async function* () { yield* piecesOf(bytes, draws); })();
      for await (const chunk of csvChunks(pieces, 'fuzz', { header, delimiter })) void chunk.rows.length;
    };
    return (draws) => {
      const bytes = mutateBytes(draws.of(files), files, csvTokens, draws), header = draws.of([true, false, 'auto'] as const), delimiter = draws.of([',', ',', ';', '\t']);
      const target = draws.of(['label', 'y', -1, 0, 'a']), weights = draws.once(8) ? { weights: draws.of(['b', 1]) } : {};
      const run = draws.once(3) ? () => collect(bytes, draws, header, delimiter.charCodeAt(0)) : () => parseCsv(bytes, { target, header, delimiter, ...weights });
      return { bytes, run };
    };
  },
};

const jsonTokens = ['{', '}', '[', ']', '"', ':', ',', 'null', 'true', '1e999', '-', '\\u', '\\ud800', '__proto__', '\n', '\r\n', '\ufeff', '\x00', '\xff', '[[[[[[[[', 'NaN', '1e5', '""'];

export const jsonLines: Target = {
  name: 'jsonlines', codes: ['ERR_DATA', 'ERR_OPTION'],
  async prepare() {
    const rows: unknown[][] = [
      [{ a: 1, b: [1, 2, 3], label: 'yes' }, { a: true, b: [4, 5, 6], label: 'no' }], [[1, 2, 0], [3, 4, 1], [5, 6, 0]], [{ x: 1, y: 2 }, { x: 3, y: 4 }],
    ];
    const text = (list: readonly unknown[]): Buffer => Buffer.from(`${list.map((row) => toJson(row)).join('\n')}\n`);
    const files = rows.map(text), words = wordsOf(rows);
    return (draws) => {
      const list = draws.of(rows), bytes = draws.once(2) ? mutateBytes(draws.of(files), files, jsonTokens, draws) : text(list.map((row) => (draws.once(2) ? mutateData(row, words, draws) : row)));
      const source = new RowSource(async () => ['x'], () => jsonLinesChunks(piecesOf(bytes, draws), 'fuzz'));
      const options = { target: draws.of(['label', 'y', -1, 'a', 0]), ...(draws.once(3) && { columns: draws.of([['a', 'b'], ['x'], [0, 1]]) }), ...(draws.once(8) && { weights: draws.of(['a', 1]) }) };
      return { bytes, run: () => readRows('fuzz', source, options) };
    };
  },
};

const rawRows = Array.from({ length: 12 }, (_, i) => ({ age: i, city: ['Rome', 'Oslo', 'Lima'][i % 3], member: i % 2 === 0, id: `n${i}`, note: i === 3 ? null : `t${i % 2}`, label: i % 2 === 0 ? 'yes' : 'no' }));

export const preprocessor: Target = {
  name: 'preprocessor', codes: ['ERR_MODEL_FORMAT', 'ERR_DATA'],
  async prepare() {
    const seeds = [
      (await fitPreprocessor(rawRows, { target: 'label', columns: { id: 'ignored' } })).toJSON(),
      (await fitPreprocessor(rawRows, { target: 'age', columns: { city: { kind: 'categorical', unseen: 'other' }, id: 'ignored' } })).toJSON(),
    ];
    const words = wordsOf([seeds, rawRows]), texts = seeds.map((seed) => Buffer.from(toJson(seed)));
    const read = (text: string, row: unknown): void => {
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        return;
      }
      const found = Preprocessor.from(json);
      found.transformRow(row as Record<string, unknown>);
      JSON.stringify(found.toJSON());
    };
    return (draws) => {
      const text = draws.once(6) ? mutateBytes(draws.of(texts), texts, jsonTokens, draws).toString() : toJson(mutateData(draws.of(seeds), words, draws));
      const row = draws.once(2) ? draws.of(rawRows) : mutateData(draws.of(rawRows), words, draws);
      return { bytes: Buffer.from(text), run: () => read(text, row) };
    };
  },
};

const configurations = [
  { data: 'digits.csv', target: 'label', layers: '64:relu,dropout:0.2', epochs: 3, optimizer: 'adamw(weightDecay=0.01)', learningRate: 0.01, schedule: 'cosine', metrics: ['accuracy'], validation: 0.2, clip: 1, shuffle: true },
  { data: ['a.csv'], target: [0], columns: 'a,b', layers: ['dense(8, relu, l2=1e-4)', { type: 'dense', options: { units: 3, activation: 'softmax' } }], loss: { type: 'crossEntropy', options: { labelSmoothing: 0.1 } }, optimizer: { type: 'sgd', options: { momentum: 0.9 } }, earlyStopping: 'patience=3,monitor=accuracy', preprocess: 'id=ignored,city=categorical', header: false, backend: 'typescript', seed: 4 },
  { data: 'x.npz', layers: 'dense(4, leakyRelu(alpha=0.2)),batchNorm', optimizer: 'lbfgs', loss: 'huber(delta=2)', clip: { norm: 1, value: 2 }, schedule: 'warmup(epochs=2, learningRate=cosine(0.01))', preprocess: 'auto', earlyStopping: true, checkpointEvery: '60 s', log: 'a.jsonl' },
];
const languageTokens = ['(', ')', '=', ',', ':', 'dense', 'relu', 'dropout', 'adam', "'", '"', '1e999', '-', '[', ']', '((((((((', 'cosine(', 'warmup(learningRate=', 'l2=', 'units=', 'step(every=', '{"type":"dense"}', '__proto__', 'constructor', '\\u0000'];

export const configuration: Target = {
  name: 'configuration', codes: ['ERR_OPTION', 'ERR_SHAPE', 'USAGE'],
  async prepare() {
    const texts = configurations.map((each) => Buffer.from(toJson(each))), words = [...wordsOf(configurations), ...languageTokens], definitions = { ...jobFlags, ...runFlags };
    const read = (text: string): void => {
      const settings = parseConfiguration(text, 'folder/job.json', definitions);
      for (const use of [
        () => layersOf(settings['layers'] ?? '64:relu', 'layers'), () => optimizerOf(settings['optimizer'], { learningRate: settings['learningRate'] as number, schedule: settings['schedule'] }),
        () => lossOf(settings['loss']), () => clipOf(settings['clip']), () => earlyStoppingOf(settings['earlyStopping']), () => preprocessOf(settings['preprocess']),
      ]) use();
    };
    return (draws) => {
      const changed = (): unknown => {
        const data = mutateData(draws.of(configurations), words, draws) as Record<string, unknown>;
        const key = draws.of(['layers', 'optimizer', 'loss', 'schedule', 'earlyStopping', 'clip', 'preprocess']);
        if (typeof data === 'object' && data !== null && typeof data[key] === 'string' && draws.once(2)) {
          return { ...data, [key]: draws.once(50) ? draws.of(languageTokens).repeat(draws.below(20000)) : mutateBytes(Buffer.from(data[key]), texts, languageTokens, draws).toString() };
        }
        return data;
      };
      const text = draws.once(8) ? mutateBytes(draws.of(texts), texts, [...jsonTokens, ...languageTokens], draws).toString() : toJson(changed());
      return { bytes: Buffer.from(text), run: () => read(text) };
    };
  },
};
