// Every command but train: what it prints, for people and for programs.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../lib/cli/run.ts';
import { diagnose, dense, Network, readCsv } from '../../lib/index.ts';
import { densely, digits, numberTable, scratch } from './session.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const model = at('digits.safetensors'), twoModel = at('two.safetensors'), numberModel = at('numbers.safetensors');
const twoRows = (rows: number): string => `id,a,b,kind\n${Array.from({ length: rows }, (_, i) => `r${i},${(i * 7) % 13},${(i * 5) % 11},${(i * 7) % 13 > (i * 5) % 11 ? '"more, or so"' : 'less'}`).join('\n')}\n`;
const lines = (text: string): string[] => text.trimEnd().split('\n');

beforeAll(async () => {
  writeFileSync(at('two.csv'), twoRows(143));
  numberTable(at('numbers.csv'), 80, 5);
  for (const args of [
    ['-d', digits, '-t', 'label', '-l', '24:relu', '-e', '8', '-o', model], ['-d', at('two.csv'), '-t', 'kind', '--columns', 'a,b', '-l', '8:tanh', '-e', '60', '-o', twoModel],
    ['-d', at('numbers.csv'), '-t', 'y', '-l', '4:tanh', '--optimizer', 'lbfgs', '-e', '40', '-o', numberModel],
  ]) expect(await densely(['train', '-q', ...args])).toEqual({ code: 0, output: '', errors: '' });
});

describe('evaluate', () => {
  test('has the measures of the library', async () => {
    const { output, code } = await densely(['evaluate', model, '--data', digits, '--json']);
    const { loss, accuracy } = await (await Network.load(model)).evaluate(await readCsv(digits, { target: 'label' }));
    expect({ code, ...(JSON.parse(output) as object) }).toEqual({ code: 0, model, examples: 1797, loss, accuracy });
  });

  test('finds columns and classes by their names, whatever their order and whichever are there', async () => {
    const rows = lines(twoRows(40)).slice(1).map((row) => /^(\w+),(\d+),(\d+),(.*)$/.exec(row)!.slice(1));
    const table = (wanted: (kind: string) => boolean): string => `kind,b,other,a\n${rows.filter((row) => wanted(row[3]!)).map(([id, a, b, kind]) => `${kind},${b},${id!.slice(1)},${a}`).join('\n')}\n`;
    const whole = JSON.parse((await densely(['evaluate', twoModel, '-d', '-', '--json'], { input: table(() => true) })).output) as { accuracy: number };
    expect(whole.accuracy).toBeGreaterThan(0.9);
    const one = JSON.parse((await densely(['evaluate', twoModel, '-d', '-', '--json'], { input: table((kind) => kind !== 'less') })).output) as { accuracy: number; examples: number };
    expect(one.examples).toBeLessThan(30);
    expect(one.accuracy).toBeGreaterThan(0.8);
    const unknown = await densely(['evaluate', twoModel, '-d', '-'], { input: 'a,b,kind\n1,2,les\n' });
    expect(unknown).toMatchObject({ code: 1, output: '', errors: "densely evaluate: expected one of the 2 classes of the model in column 'kind' but received 'les'; did you mean 'less'?\n" });
  });
});

describe('predict', () => {
  test('keeps columns, calls classes by their names and gives probabilities', async () => {
    const out = at('predicted.csv'), { code, errors } = await densely(['predict', twoModel, '-d', at('two.csv'), '-o', out, '--keep', 'id,kind', '--probabilities']);
    expect({ code, errors }).toEqual({ code: 0, errors: `143 predictions in '${out}'.\n` });
    const [head, ...rows] = lines(readFileSync(out, 'utf8'));
    expect(head).toBe('id,kind,prediction,probability_less,"probability_more, or so"');
    expect(rows).toHaveLength(143);
    expect(rows[0]).toMatch(/^r0,less,less,0\.\d+,[\d.e-]+$/);
  });

  test('is what the library predicts, piece by piece, from gzip and JSON lines too', async () => {
    const network = await Network.load(numberModel), data = await readCsv(at('numbers.csv'), { target: 'y' });
    const expected = Array.from((await network.predict(data.inputs.data as Float32Array)).data);
    writeFileSync(at('numbers.csv.gz'), gzipSync(readFileSync(at('numbers.csv'))));
    const { output } = await densely(['predict', numberModel, '-d', at('numbers.csv')]);
    expect(lines(output).slice(1).map((cell) => Math.fround(Number(cell)))).toEqual(expected);
    expect((await densely(['predict', numberModel, '-d', at('numbers.csv.gz')])).output).toBe(output);
    expect((await densely(['predict', numberModel, '-d', '-'], { input: readFileSync(at('numbers.csv'), 'utf8') })).output).toBe(output);
    writeFileSync(at('numbers.jsonl'), lines(readFileSync(at('numbers.csv'), 'utf8')).slice(1).map((row) => `{"b":${row.split(',')[1]},"a":${row.split(',')[0]}}`).join('\n'));
    expect((await densely(['predict', numberModel, '-d', at('numbers.jsonl')])).output).toBe(output);
  });

  test('reads long tables with quotes and line feeds within them', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `"line ""${i}""\nof two",${i % 7},${i % 5}`);
    writeFileSync(at('long.csv'), `text,a,b\r\n${rows.join('\r\n')}`);
    const { output, code } = await densely(['predict', twoModel, '-d', at('long.csv'), '-k', 'text', '--json']);
    expect(code).toBe(0);
    const found = lines(output).map((row) => JSON.parse(row) as { text: string; prediction: string });
    expect(found.map(({ text }) => text)).toEqual(rows.map((_, i) => `line "${i}"\nof two`));
    const separate = await densely(['predict', twoModel, '-d', '-', '--json'], { input: `a,b\n${rows[29_999 - 3]!.split('",')[1]}\n` });
    expect(found[29_999 - 3]!.prediction).toBe((JSON.parse(separate.output) as { prediction: string }).prediction);
  });

  test('a bad row leaves an older file as it was', async () => {
    writeFileSync(at('kept.csv'), 'older\n');
    writeFileSync(at('bad.csv'), `a,b\n${'1,2\n'.repeat(60_000)}3,x\n`);
    const { code, errors } = await densely(['predict', twoModel, '-d', at('bad.csv'), '-o', at('kept.csv')]);
    expect(code).toBe(1);
    expect(errors).toContain("expected a number but received 'x' (line 60002, column 'b')");
    expect(readFileSync(at('kept.csv'), 'utf8')).toBe('older\n');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('raw outputs', async () => {
    const { output } = await densely(['predict', twoModel, '-d', at('two.csv'), '--raw']);
    expect(lines(output)[0]).toBe('prediction');
    expect(lines(output).slice(1).every((cell) => Number(cell) >= 0 && Number(cell) <= 1)).toBe(true);
  });
});

test('inspect tells layers, parameters, operations and columns', async () => {
  const { output } = await densely(['inspect', twoModel]), json = JSON.parse((await densely(['inspect', twoModel, '--json'])).output) as Record<string, unknown>;
  expect(output).toContain('dense1  8, tanh     [rows, 8]          24');
  expect(output).toMatch(/classes {2}less, more/);
  // Two for each weight, one for each bias, one for each tanh; the sigmoid is one more.
  expect(json).toMatchObject({ parameters: 33, operations: 2 * (2 * 8) + 8 + 8 + 2 * 8 + 1 + 1, steps: 300, run: null, columns: { inputs: ['a', 'b'], targets: ['kind'] } });
});

describe('diagnose', () => {
  test('is the report of the library', async () => {
    const { output } = await densely(['diagnose', model, '-d', digits, '--examples', '300', '--learning-rate', '0.01']);
    const report = await diagnose(await Network.load(model), await readCsv(digits, { target: 'label' }), { examples: 300, learningRate: 0.01 });
    expect(output).toBe(`${String(report)}\n`);
  });

  test('looks at a configuration before it is trained', async () => {
    writeFileSync(at('job.json'), JSON.stringify({ data: digits, target: 'label', layers: '40:sigmoid,30:sigmoid,20:sigmoid', optimizer: 'sgd(0.1)', epochs: 5, checkpoints: 'none' }));
    const { output } = await densely(['diagnose', at('job.json'), '--json']);
    const network = new Network({ inputs: 64, layers: [dense(40, 'sigmoid'), dense(30, 'sigmoid'), dense(20, 'sigmoid'), dense(10, 'softmax')] });
    const report = await diagnose(network, await readCsv(digits, { target: 'label' }), { learningRate: 0.1, shuffle: true });
    expect(JSON.parse(output)).toEqual(JSON.parse(JSON.stringify({ ...report, healthy: report.healthy })));
    expect(existsSync(at('none'))).toBe(false);
  });
});

test('info says what computes', async () => {
  expect((await densely(['info'])).output).toMatch(/^backend +(native|typescript): .+\nthreads +\d+\n[^]*Node +v\d+/);
  expect(JSON.parse((await densely(['info', '--json'])).output)).toHaveProperty('reason');
});

test('bench measures each backend', async () => {
  const { output } = await densely(['bench', '--backend', 'typescript', '--inputs', '5', '--layers', '4:relu,1:sigmoid', '--seconds', '0.05', '--json']);
  const { speeds, parameters } = JSON.parse(output) as { parameters: number; speeds: { backend: string; training: number; prediction: number; single: number }[] };
  expect(parameters).toBe(5 * 4 + 4 + 4 + 1);
  expect(speeds).toHaveLength(1);
  for (const speed of [speeds[0]!.training, speeds[0]!.prediction, speeds[0]!.single]) expect(speed).toBeGreaterThan(100);
});

test('convert: to ONNX and back predicts the same', async () => {
  const [onnx, back] = [at('digits.onnx'), at('back.safetensors')];
  expect((await densely(['convert', model, onnx])).errors).toBe(`'${model}' is now '${onnx}', which cannot keep the names of columns and classes.\n`);
  expect((await densely(['convert', onnx, back])).code).toBe(0);
  const [first, second] = await Promise.all([model, back].map(async (path) => (await densely(['evaluate', path, '-d', digits, '-t', 'label', '--json'])).output));
  expect(JSON.parse(second!)).toMatchObject({ accuracy: (JSON.parse(first!) as { accuracy: number }).accuracy });
  expect((await densely(['convert', model, at('torch.safetensors'), '--pytorch'])).output).toContain('nn.Linear(64, 24)');
});

describe('help', () => {
  test.each(commands.map((command) => ({ command })))('$command.name fits into narrow terminals and has examples that are read', async ({ command }) => {
    for (const columns of [60, 120]) {
      const { output, code } = await densely([command.name, '--help'], { columns });
      expect(code).toBe(0);
      const long = lines(output).filter((line) => line.length > Math.min(columns, 100) && !/^ {2}(\w+=\w+ |gzip .*)?densely |^(Usage:| {6}) /.test(line));
      expect(long).toEqual([]);
      for (const name of Object.keys(command.flags)) expect(output).toContain(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    }
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { line } of command.examples) expect(line).toMatch(new RegExp(`densely ${command.name}\\b`));
  });
});
