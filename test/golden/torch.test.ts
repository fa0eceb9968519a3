// PyTorch's numbers: optimizers over 50 steps, losses and activations with their gradients, on every backend. The numbers
// are in torch.json, made in double precision by make_torch.py.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile, gradients, input, multiply, sum, type Node } from '../../lib/graph.ts';
import { selectBackend } from '../../lib/backend/select.ts';
import { dense } from '../../lib/index.ts';
import { applyActivation, type ActivationName } from '../../lib/layers/activations.ts';
import { chain } from '../../lib/network/architecture.ts';
import { buildModel } from '../../lib/network/model.ts';
import { settleGoal } from '../../lib/network/objective.ts';
import { Store } from '../../lib/network/store.ts';
import { makeTrainer } from '../../lib/network/trainer.ts';
import { losses } from '../../lib/train/losses/registry.ts';
import { optimizers } from '../../lib/train/optimizers/registry.ts';
import { backends } from '../helpers/backends.ts';

type Table = number[][];
interface Golden {
  batch: number;
  data: Record<string, Table>;
  start: Record<string, number[] | Table>;
  runs: { loss: keyof typeof losses; targets: string; activation: ActivationName; optimizer: keyof typeof optimizers; options: Record<string, unknown>; losses: number[]; weights: Record<string, Record<string, number[]>> }[];
  losses: { loss: keyof typeof losses; logits: Table; targets: Table; values: number[]; gradients: Table }[];
  activations: Record<ActivationName, { x: Table; weights: number[]; y: Table; dx: Table }>;
}
const golden = JSON.parse(readFileSync(new URL('torch.json', import.meta.url), 'utf8')) as Golden;

const double = { name: 'float64', backend: 'typescript' as const, precision: 'float64' as const, lossError: 1e-10, weightError: 1e-10, valueError: 1e-10 };
const configurations = [double, ...backends.map((backend) => ({ name: backend, backend, precision: 'float32' as const, lossError: 1e-5, weightError: 1e-4, valueError: 2e-6 }))];

/** Largest difference relative to the largest value expected. */
function difference(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs), 1e-300);
  return Math.max(...expected.map((value, i) => (Object.is(actual[i], value) ? 0 : Math.abs(actual[i]! - value) / largest)));
}

/** Largest relative difference of single values; values below `tiny` count as that. */
function eachDifference(actual: ArrayLike<number>, expected: readonly number[], tiny: number): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value) / Math.max(Math.abs(value), tiny)));
}

describe.each(configurations)('$name', ({ backend: choice, precision, lossError, weightError, valueError }) => {
  test.each(golden.runs.map((run) => ({ ...run, title: `${run.optimizer} ${JSON.stringify(run.options)} on ${run.loss}` })))('$title', (run) => {
    const backend = selectBackend(choice, precision);
    const x = golden.data['x']!, targets = golden.data[run.targets]!, steps = run.losses.length;
    const model = buildModel(chain(5, [dense(4, 'tanh'), dense(3, run.activation)]), 0);
    const store = new Store(backend, model.parameters.map(({ node }) => node), 2);
    for (const { name, node } of model.parameters) store.write(node, golden.start[name]!.flat());
    const goal = settleGoal('test', model.training, [targets[0]!.length], { loss: run.loss, metrics: [] });
    const trainer = makeTrainer(store, model, goal, optimizers[run.optimizer].check(run.options), golden.batch);
    const { executable, scratch, program } = trainer.loaded;

    const table = (rows: Table, width: number) => ({ array: precision === 'float64' ? Float64Array.from(rows.flat()) : Float32Array.from(rows.flat()), width, scale: 1, shift: 0 });
    const given: Record<string, ReturnType<typeof table>> = { x: table(x, 5), targets: table(targets, targets[0]!.length) };
    const batches = Int32Array.from({ length: 2 * steps }, (_, i) => {
      const first = (Math.floor(i / 2) % 3) * golden.batch;
      return i % 2 === 0 ? first : Math.min(golden.batch, x.length - first);
    });
    const hyper = backend.allocate(steps * program.hypers.length);
    for (let step = 0; step < steps; step++) hyper.set(trainer.hypers({ step, epoch: 0, stepsPerEpoch: steps, epochs: 1 }), step * program.hypers.length);
    const sinks = program.sinks.map(() => backend.allocate(steps));
    executable.bind({ state: store.state, scratch, sources: program.sources.map(({ name }) => given[name]!), sinks, order: null, batches, hyper });

    let done = 0;
    for (const [step, weights] of Object.entries(run.weights)) {
      executable.run(done, Number(step), 0);
      done = Number(step);
      for (const { name, node } of model.parameters) expect(difference(store.read(node), weights[name]!), `${name} after ${step} steps`).toBeLessThan(weightError);
    }
    expect(done).toBe(steps);
    expect(eachDifference(sinks[0]!, run.losses, 1e-3)).toBeLessThan(lossError);
    store.dispose();
  });

  test.each(golden.losses.map((each, i) => ({ ...each, title: `${each.loss} ${i}` })))('$title of logits up to ±1e4, with its gradient', ({ loss, logits, targets, values, gradients: expected }) => {
    const z = input('z', ['rows', 3]), t = input('t', ['rows', targets[0]!.length]);
    const value = losses[loss].build(z, t, {});
    const program = compile({ outputs: { value, dz: gradients(value, [z])[0]! } }, { backend: choice, precision });
    const result = program.run({ z: logits, t: targets });
    expect(eachDifference(result['value']!.data, values, 1e-3)).toBeLessThan(Math.max(valueError, 1e-10));
    expect(eachDifference(result['dz']!.data, expected.flat(), 1e-1)).toBeLessThan(5 * valueError);
  });

  test.each(Object.keys(golden.activations) as ActivationName[])('%s on a grid, with its gradient', (name) => {
    const { x: grid, weights, y: expected, dx } = golden.activations[name];
    const x = input('x', ['rows', grid[0]!.length]), w = input('w', [weights.length]);
    const y: Node = applyActivation(x, name);
    const program = compile({ outputs: { y, dx: gradients(sum(multiply(y, w)), [x])[0]! } }, { backend: choice, precision });
    const result = program.run({ x: grid, w: weights });
    expect(eachDifference(result['y']!.data, expected.flat(), 1e-2)).toBeLessThan(valueError);
    expect(eachDifference(result['dx']!.data, dx.flat(), 1e-2)).toBeLessThan(Math.max(5 * valueError, 1e-10));
  });
});
