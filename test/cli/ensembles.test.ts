// Ensembles from the command line: the bits of the library, files of each member, predictions with their spread.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dense, Ensemble, readCsv } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { densely, digits, numberTable, scratch } from './session.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);

describe.each(backends)('%s', (backend) => {
  test('trains, measures and predicts with the numbers of the library', async () => {
    const path = at(`digits-${backend}`);
    const { code, output, errors } = await densely(['train', '-d', digits, '-t', 'label', '-l', '12:tanh', '-s', '7', '-e', '3', '--members', '3', '--bagging', '--backend', backend, '-o', path, '--json']);
    expect(code).toBe(0);
    expect(errors).toMatch(/3 networks of\n[^]*member [123] of 3: 3 epochs, loss [\d.]+, accuracy [\d.]+\n/);
    const data = await readCsv(digits, { target: 'label' }), ensemble = new Ensemble({ members: 3, bagging: true, network: { inputs: 64, seed: 7, backend, layers: [dense(12, 'tanh'), dense(10, 'softmax')] } });
    const history = await ensemble.fit(data, { epochs: 3 });
    expect(JSON.parse(output)).toMatchObject({ model: path, backend, failures: [], outOfBag: { accuracy: history.outOfBag!.accuracy }, members: history.members.map((run) => ({ epochs: JSON.parse(JSON.stringify(run!.epochs)) as object })) });
    expect((await Ensemble.load(path)).members.map((member) => member.weights())).toEqual(ensemble.members.map((member) => member.weights()));

    const measured = await densely(['evaluate', path, '-d', digits, '--backend', backend]), expected = await ensemble.evaluate(data);
    expect(measured.output).toMatch(/1,797 examples\n\nloss +[\d.]+\naccuracy +[\d.]+\nmembers' loss +[\d.]+ to [\d.]+\nmembers' accuracy +[\d.]+ to [\d.]+\n$/);
    expect(JSON.parse((await densely(['evaluate', path, '-d', digits, '--backend', backend, '--json'])).output)).toMatchObject({ examples: 1797, loss: expected.loss, accuracy: expected.accuracy });

    const input = readFileSync(digits, 'utf8').split('\n').slice(0, 4).join('\n'), predicted = await densely(['predict', path, '-d', '-', '--spread', '--probabilities', '--backend', backend, '--json'], { input });
    const rows = predicted.output.trim().split('\n').map((line) => JSON.parse(line) as Record<string, number>), { data: means, spread } = ensemble.predictSync([0, 1, 2].map((row) => data.row(row).x));
    rows.forEach((row, r) => {
      expect(row['probability_4']).toBeCloseTo(means[10 * r + 4]!, 6);
      expect(row['spread']).toBeCloseTo(spread[10 * r + row['prediction']!]!, 6);
    });
  });
});

test('numbers, a spread for each, logs and checkpoints of each member, and a second run that goes on', async () => {
  numberTable(at('numbers.csv'), 120, 1);
  const path = at('numbers'), common = ['train', '-d', at('numbers.csv'), '-t', 'y', '-l', '8:tanh', '--members', '2', '--early-stopping', '50', '-v', '0.2', '--checkpoints', at('runs'), '--log', at('log.csv'), '--tensorboard', at('events')];
  expect((await densely([...common, '-e', '3', '-o', path])).output).toMatch(/2 members trained, the longest in [\d.]+ s\nSaved as '.*numbers'\.\n$/);
  expect(readdirSync(at('runs'))).toEqual(['member-1', 'member-2']);
  expect(readdirSync(at('events'))).toEqual(['member-1', 'member-2']);
  expect(readFileSync(at('log-2.csv'), 'utf8').trim().split('\n')).toHaveLength(4);
  expect((await densely([...common, '-e', '5', '-o', path, '--resume', '--json'])).output).toContain('"epoch":5');
  const shown = await densely(['inspect', path]);
  expect(shown.output).toMatch(/ensemble +'.*numbers', 2 members\nseed +0\nsamples +all examples for each\nfirst file +'.*member-1-\w+\.safetensors'/);
  expect(JSON.parse((await densely(['inspect', path, '--json'])).output)).toMatchObject({ ensemble: { seed: 0, fraction: null, members: [{ failed: false }, { failed: false }] } });
  expect((await densely(['predict', path, '-d', at('numbers.csv'), '--spread'])).output).toMatch(/^prediction,spread\n-?[\d.]+,[\d.e-]+\n/);
});

test('an interrupted ensemble keeps the checkpoints of its members, and saves nothing without', async () => {
  // As soon as the first of them has ended; the others have many epochs to go.
  const command = ['train', '-d', digits, '-t', 'label', '-e', '5000', '-o', at('never'), '--members', '3', '--early-stopping', '20', '-v', '0.5'], interruptAt = ' of 3:';
  const plain = await densely(command, { interruptAt });
  expect([plain.code, plain.errors]).toEqual([130, expect.stringMatching(/densely train: interrupted; nothing is saved\n$/)]);
  const kept = await densely([...command, '--checkpoints', at('kept')], { interruptAt });
  expect([kept.code, kept.errors]).toEqual([130, expect.stringContaining("each member's checkpoints are in")]);
  expect(readdirSync(at('kept'))).toContain('member-1');
  expect(existsSync(at('never'))).toBe(false);
});

test.each([
  [['train', '-d', digits, '-t', 'label', '--members', '0'], 2, "expected 'members' to be a positive integer but received 0"],
  [['train', '-d', digits, '-t', 'label', '--members', '2', '--report', at('r.html')], 2, 'expected no --report with --members'],
  [['train', '-d', digits, '-t', 'label', '--members', '2', '--diagnose'], 2, 'expected no --diagnose with --members'],
  [['train', '-d', digits, '-t', 'label', '--members', '2', '-o', digits], 2, 'expected a folder to write the ensemble to but received the file'],
  [['diagnose', at('numbers'), '-d', at('numbers.csv')], 2, 'holds an ensemble; its members are files of their own'],
  [['evaluate', at('numbers'), '-d', at('numbers.csv'), '--report', at('r.html')], 2, 'expected a single model with --report but received an ensemble'],
] as const)('%#: what does not fit is said', async (args, code, sentence) => {
  expect(await densely(args)).toMatchObject({ code, errors: expect.stringContaining(sentence) as string });
});
