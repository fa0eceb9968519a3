// densely train: the numbers of the library, configurations, output layers, checkpoints.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backends } from '../helpers/backends.ts';
import { adamw, cosine, crossEntropy, dense, dropout, earlyStopping, Network, readCsv } from '../../lib/index.ts';
import { densely, digits, mixedTable, numberTable, scratch } from './session.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);

describe.each(backends)('%s', (backend) => {
  test('the same job through the library has the same weights and history', async () => {
    const path = at(`same-${backend}.safetensors`);
    const { code, output } = await densely([
      'train', '-d', digits, '-t', 'label', '-l', '12:tanh,dropout:0.1', '-s', '7', '-e', '3', '-b', '50', '-v', '0.25', '--backend', backend,
      '--optimizer', 'adamw(beta1=0.8)', '--learning-rate', '0.004', '--schedule', 'cosine(minRate=1e-4)', '--loss', 'crossEntropy(labelSmoothing=0.05)',
      '--clip', 'globalNorm=2', '--early-stopping', 'patience=2,monitor=accuracy', '--metrics', 'accuracy', '-o', path, '--json',
    ]);
    expect(code).toBe(0);
    const network = new Network({ inputs: 64, seed: 7, backend, layers: [dense(12, 'tanh'), dropout(0.1), dense(10, 'softmax')] });
    const history = await network.fit(await readCsv(digits, { target: 'label' }), {
      epochs: 3, batchSize: 50, validation: 0.25, optimizer: adamw({ beta1: 0.8, learningRate: cosine({ rate: 0.004, minRate: 1e-4 }) }),
      loss: crossEntropy({ labelSmoothing: 0.05 }), clip: { globalNorm: 2 }, metrics: ['accuracy'], callbacks: [earlyStopping({ patience: 2, monitor: 'accuracy' })],
    });
    expect(JSON.parse(output)).toMatchObject({ model: path, backend, epochs: JSON.parse(JSON.stringify(history.epochs)) });
    expect((await Network.load(path)).weights()).toEqual(network.weights());
  });

  test('a run that was interrupted and goes on ends with the model of one that was not', async () => {
    const common = ['train', '-d', digits, '-t', 'label', '-l', '16:relu', '-e', '6', '--backend', backend, '--early-stopping', '4', '-v', '0.2'];
    const [whole, parts, checkpoints] = [at(`whole-${backend}.st`), at(`parts-${backend}.st`), at(`runs-${backend}`)];
    expect((await densely([...common, '-o', whole])).code).toBe(0);
    const first = await densely([...common, '-o', parts, '--checkpoints', checkpoints, '--checkpoint-every', '100'], { interruptAt: 'epoch 3/6' });
    expect(first.code).toBe(130);
    expect(first.errors).toMatch(/Interrupted: .*\n[^]*densely train: interrupted after 3 epochs; the checkpoint '.*checkpoint-\d+\.safetensors' is written, --checkpoints .* --resume goes on from it\n$/);
    expect(readdirSync(checkpoints)).toHaveLength(1);
    expect(readdirSync(folder)).not.toContain(`parts-${backend}.st`);
    const inspected = await densely(['inspect', checkpoints]);
    expect(inspected.output).toMatch(/checkpoint {2}after 3 epochs of 1,438 examples, adam, minibatches\s+of 32/);
    const second = await densely([...common, '-o', parts, '--checkpoints', checkpoints, '--resume']);
    expect(second.code).toBe(0);
    expect(second.errors).toMatch(/^epoch 4\/6/);
    expect(readFileSync(parts)).toEqual(readFileSync(whole));
  });
});

test('where the checkpoint cannot be written the model is saved as it stands', async () => {
  const [path, checkpoints] = [at('unwritten.st'), at('blocked')];
  const args = ['train', '-d', digits, '-t', 'label', '-e', '1000', '-o', path, '--checkpoints', checkpoints, '--checkpoint-every', '2000'];
  // A folder of the checkpoint's name is in its way.
  for (let epoch = 1; epoch < 9; epoch++) mkdirSync(join(checkpoints, `checkpoint-${String(57 * epoch).padStart(10, '0')}.safetensors`, 'full'), { recursive: true });
  const { code, errors } = await densely(args, { interruptAt: 'epoch    2/1000' });
  expect(code).toBe(130);
  expect(errors).toMatch(/interrupted after 2 epochs; the checkpoint could not be written \(.+\) and the model as it stands is saved as/);
  expect((await densely(['inspect', path])).output).toContain('114 minibatches');
});

test('without checkpoints an interrupted run saves the model as it stands', async () => {
  const path = at('stopped.st');
  const { code, errors } = await densely(['train', '-d', digits, '-t', 'label', '-e', '1000', '-o', path], { interruptAt: 'epoch    2/1000' });
  expect(code).toBe(130);
  expect(errors).toContain(`interrupted after 2 epochs; the model as it stands is saved as '${path}'`);
  expect((await densely(['evaluate', path, '-d', digits])).output).toMatch(/1,797 examples\n\nloss +[\d.]+\naccuracy +0\.[4-9]/);
});

describe('the output layer', () => {
  const layersOf = async (...args: string[]): Promise<string[]> => {
    const path = at('layers.st'), { code, errors } = await densely(['train', '-e', '1', '-q', '-o', path, ...args]);
    expect(errors).toBe('');
    expect(code).toBe(0);
    return (await Network.load(path)).describe().layers.map(({ type, description }) => `${type} ${description}`);
  };
  numberTable(at('numbers.csv'), 60, 1);
  writeFileSync(at('two.csv'), `a,kind\n${Array.from({ length: 30 }, (_, i) => `${i},${i > 12 ? 'yes' : 'no'}`).join('\n')}\n`);
  writeFileSync(at('signs.csv'), `a,y\n${Array.from({ length: 30 }, (_, i) => `${i},${i > 12 ? 1 : -1}`).join('\n')}\n`);

  test.each([
    ['digits: ten classes', [digits, 'label', '8:relu'], ['dense 8, relu', 'dense 10, softmax']],
    ['given with its activation', [digits, 'label', '8:relu,10:softmax'], ['dense 8, relu', 'dense 10, softmax']],
    ['given as an activation by itself', [digits, 'label', '10,activation:softmax'], ['dense 10, linear', 'activation softmax']],
    ['a hidden layer as wide as the classes', [digits, 'label', '10:relu'], ['dense 10, relu', 'dense 10, softmax']],
    ['two classes by name', [at('two.csv'), 'kind', '3:tanh'], ['dense 3, tanh', 'dense 1, sigmoid']],
    ['numbers', [at('numbers.csv'), 'y', '5:tanh'], ['dense 5, tanh', 'dense 1, linear']],
    ['several numbers', [at('numbers.csv'), 'y,b', '5:tanh'], ['dense 5, tanh', 'dense 2, linear']],
  ] as const)('%s', async (_what, [data, target, layers], expected) => {
    expect(await layersOf('-d', data, '-t', target, '-l', layers)).toEqual(expected);
  });

  test('follows the loss and the task', async () => {
    expect((await layersOf('-d', at('numbers.csv'), '-t', 'y', '-l', '4:tanh', '--loss', 'gaussianNegativeLogLikelihood')).at(-1)).toBe('dense 2, linear');
    expect((await layersOf('-d', at('numbers.csv'), '-t', 'y', '-l', '4:tanh', '--loss', 'mixtureDensity(components=3)')).at(-1)).toBe('dense 9, linear');
    expect((await layersOf('-d', digits, '-t', 'label', '-l', '4:tanh', '--task', 'numbers')).at(-1)).toBe('dense 1, linear');
    expect((await layersOf('-d', digits, '-t', 'label', '-l', '4:tanh', '--loss', 'huber')).at(-1)).toBe('dense 1, linear');
    expect((await layersOf('-d', at('signs.csv'), '-t', 'y', '-l', '4:tanh', '--task', 'classes')).at(-1)).toBe('dense 1, sigmoid');
    expect((await Network.load(at('layers.st'))).columns).toEqual({ inputs: ['a'], targets: ['y'], classes: ['-1', '1'] });
  });
});

describe('configurations', () => {
  const settings = { data: digits, target: 'label', layers: ['9:relu', { type: 'dropout', options: { rate: 0.2 } }], seed: 3, epochs: 2, batchSize: 40, optimizer: { type: 'sgd', options: { learningRate: 0.02, momentum: 0.9 } } };
  const flags = ['-d', digits, '-t', 'label', '-l', '9:relu,dropout:0.2', '-s', '3', '-e', '2', '-b', '40', '--optimizer', 'sgd(learningRate=0.02, momentum=0.9)'];

  test('JSON, a module and flags give the same bits; paths are those from the folder of the file', async () => {
    writeFileSync(at('job.json'), JSON.stringify({ ...settings, output: 'json.st' }));
    writeFileSync(at('job.mjs'), `export default async () => (${JSON.stringify({ ...settings, output: 'module.st' })});\n`);
    for (const args of [[at('job.json')], ['--config', at('job.mjs')], [...flags, '-o', at('flags.st')]]) expect((await densely(['train', '-q', ...args])).errors).toBe('');
    expect(readFileSync(at('module.st'))).toEqual(readFileSync(at('json.st')));
    expect(readFileSync(at('flags.st'))).toEqual(readFileSync(at('json.st')));
  });

  test('flags come before them', async () => {
    writeFileSync(at('job.json'), JSON.stringify({ ...settings, shuffle: false, output: 'json.st' }));
    const { output } = await densely(['train', at('job.json'), '-e', '3', '--json']);
    expect((JSON.parse(output) as { epochs: unknown[] }).epochs).toHaveLength(3);
  });

  test.each([
    [{ ...settings, epoch: 3 }, "unknown key 'epoch' in '", "; did you mean 'epochs'?"],
    [{ ...settings, epochs: '3' }, "expected 'epochs' in '", "to be a number but received '3'"],
    [{ ...settings, shuffle: 1 }, "expected 'shuffle' in '", 'to be true or false but received 1'],
    [[1], "expected '", 'to hold an object but received an array of length 1'],
  ])('%#: what is wrong is said', async (content, ...parts) => {
    writeFileSync(at('wrong.json'), JSON.stringify(content));
    const { code, errors } = await densely(['train', at('wrong.json'), '-o', at('wrong.st')]);
    expect(code).toBe(2);
    for (const part of parts) expect(errors).toContain(part);
    expect(readdirSync(folder)).not.toContain('wrong.st');
  });
});

test('logs, events and a report are written', async () => {
  const [lines, values, html] = [at('run.jsonl'), at('run.csv'), at('report.html')];
  const { output } = await densely(['train', '-d', digits, '-t', 'label', '-e', '3', '-v', '0.2', '-o', at('logged.st'), '--log', lines, '--log', values, '--tensorboard', at('events'), '--report', html, '--diagnose', '--json']);
  const { epochs, findings } = JSON.parse(output) as { epochs: { loss: number }[]; findings: { code: string }[] };
  expect(readFileSync(lines, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(epochs);
  expect(readFileSync(values, 'utf8').split('\n')[3]).toContain(String(epochs[2]!.loss));
  expect(readdirSync(at('events'))).not.toEqual([]);
  expect(readFileSync(html, 'utf8')).toMatch(/^<!DOCTYPE html>[^]*Learning curves/i);
  expect(findings.map(({ code }) => code)).toContain('constant-features');
  const evaluated = at('evaluated.html');
  expect((await densely(['evaluate', at('logged.st'), '-d', digits, '--report', evaluated])).code).toBe(0);
  expect(readFileSync(evaluated, 'utf8')).toContain('precision');
});

test('raw columns are preprocessed as the model remembers', async () => {
  mixedTable(at('mixed.csv'), 400, 1);
  mixedTable(at('mixed-test.csv'), 90, 2);
  const model = at('mixed.st');
  const trained = await densely(['train', '-d', at('mixed.csv'), '-t', 'species', '-p', 'id=ignored', '-e', '25', '-v', at('mixed-test.csv'), '-o', model, '--json']);
  expect(trained.errors).toContain("400 examples of 6 inputs, 3 classes in 'species': 'bird, big', cat, dog");
  const { epochs } = JSON.parse(trained.output) as { epochs: { validation: { loss: number; accuracy: number } }[] }, last = epochs.at(-1)!.validation;
  expect(last.accuracy).toBeGreaterThan(0.85);
  const evaluated = JSON.parse((await densely(['evaluate', model, '-d', at('mixed-test.csv'), '--json'])).output) as typeof last;
  expect(evaluated).toMatchObject({ loss: last.loss, accuracy: last.accuracy, examples: 90 });
  const { output } = await densely(['predict', model, '-d', at('mixed-test.csv'), '-k', 'id,species', '--json']);
  const rows = output.trim().split('\n').map((line) => JSON.parse(line) as { id: string; species: string; prediction: string });
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 90 }, (_, i) => String(i)));
  expect(rows.filter(({ species, prediction }) => species === prediction).length / 90).toBeCloseTo(last.accuracy, 6);
  const unseen = await densely(['predict', model, '-d', '-'], { input: 'id,age,city,sex\n1,40,Rome,m\n2,41,Romee,f\n' });
  expect(unseen).toMatchObject({ code: 1, output: expect.not.stringContaining('dog') });
  expect(unseen.errors).toMatch(/^densely predict: \[standard input\] .*'Romee'.* \(line 3, column 'city'\)\n$/);
  const without = await densely(['train', '-d', at('mixed.csv'), '-t', 'species', '-o', at('no.st')]);
  expect(without).toMatchObject({ code: 1 });
  expect(without.errors).toMatch(/expected a number but received 'Paris' \(line 2, column 'city'\); --preprocess auto takes names and missing cells\n$|empty cell/);
});
