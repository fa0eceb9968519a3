// Learning-rate schedules in runs: what they watch, how a warm-up leads into another schedule, and what is refused.
import { describe, expect, test } from 'vitest';
import {
  adam, constant, cosine, cosineRestarts, cyclic, dense, exponential, inverseTime, linear, multiStep, Network, oneCycle, polynomial, reduceOnPlateau, sgd, step, warmup,
  type LearningRate, type ScheduleSpec,
} from '../../lib/index.ts';
import { optimizers } from '../../lib/train/optimizers/registry.ts';
import { schedules, startSchedule } from '../../lib/train/schedules/registry.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, refusal, regression, rowsOf } from '../helpers/networks.ts';

const data = regression(21, 4, 3);

/** Rates of the steps of a run, as the schedule gives them. */
function ratesOf(rate: LearningRate, epochs: number, stepsPerEpoch: number): number[] {
  const running = startSchedule(rate);
  return Array.from({ length: epochs * stepsPerEpoch }, (_, t) => running.rate({ step: t, epoch: Math.floor(t / stepsPerEpoch), stepsPerEpoch, epochs }));
}

describe.each(backends)('%s', (backend) => {
  const build = (): Network => new Network({ inputs: 4, layers: [dense(5, 'tanh'), dense(3)], seed: 2, backend });
  const ratesReported = async (learningRate: LearningRate, epochs: number, validation?: typeof data): Promise<number[]> => {
    const history = await build().fit(data, { epochs, batchSize: 8, optimizer: sgd({ learningRate }), ...(validation && { validation }) });
    return history.epochs.map((record) => record.learningRate);
  };

  test('a schedule of one rate is that rate', async () => {
    const one = build(), other = build();
    await one.fit(data, { epochs: 3, optimizer: adam({ learningRate: 0.02 }) });
    await other.fit(data, { epochs: 3, optimizer: adam({ learningRate: constant(0.02) }) });
    expect(bits(one)).toBe(bits(other));
  });

  test('rates by step reach the steps: a run of many blocks is as good as steps by hand', async () => {
    // Halves with every step; without momentum the weights go by each gradient times its own rate.
    const whole = build(), parts = build(), learningRate = 0.1;
    await whole.fit(data, { epochs: 2, batchSize: 8, shuffle: false, optimizer: sgd({ learningRate: exponential({ rate: learningRate, factor: 0.5, per: 'step' }) }) });
    for (let t = 0; t < 6; t++) {
      const from = (t % 3) * 8, batch = { x: data.x.slice(from, from + 8), y: data.y.slice(from, from + 8) };
      await parts.fit(batch, { batchSize: 8, shuffle: false, optimizer: sgd({ learningRate: learningRate * 0.5 ** t }) });
    }
    expect(bits(whole)).toBe(bits(parts));
  });

  test('warm restarts come after the same number of epochs where no factor says otherwise', async () => {
    const [first, second, ...rest] = await ratesReported(cosineRestarts({ rate: 0.5, period: 2 }), 6);
    expect(first).toBe(0.5);
    expect(second).toBeCloseTo(0.25, 12);
    expect(rest).toEqual([first, second, first, second]);
  });

  test('every epoch reports the rate of its first step', async () => {
    expect(await ratesReported(step({ rate: 0.5, every: 2, factor: 0.5 }), 5)).toEqual([0.5, 0.5, 0.25, 0.25, 0.125]);
    expect(await ratesReported(multiStep({ rate: 1, milestones: [6, 9], factor: 0.5, per: 'step' }), 4)).toEqual([1, 1, 0.5, 0.25]);
  });

  test('a plateau of the validation loss reduces the rate though the training loss falls', async () => {
    // Targets that cannot be learnt: the more it learns the worse it gets.
    const validation = { x: data.x, y: rowsOf(21, 3, 77).map((row, i) => row.map((_, k) => -4 * data.y[i]![k]!)) };
    const rate = reduceOnPlateau({ rate: 0.1, factor: 0.5, patience: 1 });
    expect(await ratesReported(rate, 7, validation)).toEqual([0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025]);
    expect(await ratesReported(rate, 7)).toEqual(Array.from({ length: 7 }, () => 0.1));
  });

  test('a plateau of a metric, behind a warm-up', async () => {
    const labels = data.y.map((row) => row.indexOf(Math.max(...row))), network = new Network({ inputs: 4, layers: [dense(3, 'softmax')], backend });
    const learningRate = warmup({ steps: 1, startFactor: 0, learningRate: reduceOnPlateau({ rate: 1e-9, factor: 0.5, patience: 0, epsilon: 0, monitor: 'accuracy' }) });
    const { epochs } = await network.fit({ x: data.x, y: labels }, { epochs: 4, batchSize: 21, optimizer: sgd({ learningRate }) });
    expect(epochs.map((record) => record.learningRate)).toEqual([0, 1e-9, 0.5e-9, 0.25e-9]);
    const unmeasured = sgd({ learningRate: reduceOnPlateau({ rate: 0.1, monitor: 'accuracy' }) });
    expectRefusal(await refusal(() => build().fit(data, { optimizer: unmeasured })), 'ERR_OPTION', "'monitor' to be measured");
  });

  test('a run begins its schedule anew', async () => {
    const network = build(), optimizer = sgd({ learningRate: reduceOnPlateau({ rate: 0.1, factor: 0.1, patience: 0, threshold: 1 }) });
    for (let run = 0; run < 2; run++) {
      const { epochs } = await network.fit(data, { epochs: 2, optimizer });
      expect(epochs[0]!.learningRate).toBe(0.1);
    }
  });
});

describe('warmup', () => {
  test('rises with every step to what it leads to, which then begins', () => {
    const rates = ratesOf(warmup({ epochs: 2, startFactor: 0.2, learningRate: linear({ rate: 1, startFactor: 1, endFactor: 0, over: 2 }) }), 5, 4);
    [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0].forEach((rate, t) => expect(rates[t]).toBeCloseTo(rate, 14));
    expect(ratesOf(warmup({ steps: 2, learningRate: 0.5 }), 1, 4)).toEqual([0.005, 0.2525, 0.5, 0.5]);
  });

  test('leaves the rest of the run to schedules that span the run', () => {
    const rest = (rate: LearningRate): number[] => ratesOf(warmup({ steps: 5, learningRate: rate }), 4, 5).slice(5);
    expect(rest(cosine({ rate: 1, per: 'step' }))).toEqual(ratesOf(cosine({ rate: 1, per: 'step' }), 3, 5));
    expect(rest(polynomial({ rate: 1 }))).toEqual(ratesOf(polynomial({ rate: 1 }), 3, 5));
    expect(rest(oneCycle({ maxRate: 1 }))).toEqual(ratesOf(oneCycle({ maxRate: 1 }), 3, 5));
  });

  test('longer than the run gives numbers all the same', () => {
    for (const rate of [cosine({ rate: 1 }), polynomial({ rate: 1 }), oneCycle({ maxRate: 1 })]) {
      for (const value of ratesOf(warmup({ epochs: 9, learningRate: rate }), 2, 3)) expect(value).toSatisfy((found: number) => found > 0 && found < 1);
    }
  });
});

test('one cycle of a single step, and of phases without length, gives numbers', () => {
  for (const options of [{ maxRate: 1 }, { maxRate: 1, threePhase: true }, { maxRate: 1, risingPart: 0 }, { maxRate: 1, risingPart: 1 }, { maxRate: 1, risingPart: 0.5, threePhase: true }]) {
    for (const count of [1, 2, 3, 7]) {
      for (const rate of ratesOf(oneCycle(options), 1, count)) expect(rate).toSatisfy((found: number) => found > 0 && found <= 1);
    }
  }
});

describe('descriptions', () => {
  const specs: ScheduleSpec[] = [
    constant(0.1), step({ rate: 0.1, every: 2 }), inverseTime({ rate: 0.1, decay: 1 }), cyclic({ rate: 0.01, maxRate: 0.1 }), oneCycle({ maxRate: 0.1, over: 7 }),
    warmup({ steps: 3, learningRate: cosine({ rate: 0.1 }) }), reduceOnPlateau({ rate: 0.1, monitor: 'accuracy' }),
  ];
  test.each(specs)('$type is plain data that every optimizer takes and keeps', (spec) => {
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    for (const type of Object.values(optimizers)) expect(type.check({ learningRate: spec }).options['learningRate']).toEqual(spec);
  });

  test('every schedule goes by its own name and says what it is', () => {
    for (const [name, { type, doc }] of Object.entries(schedules)) {
      expect(type).toBe(name);
      expect(doc).toMatch(/\S{3}/);
    }
  });
});

test.each<[string, () => unknown, string | RegExp]>([
  ['an unknown schedule', () => sgd({ learningRate: { type: 'cosin', options: {} } }), "did you mean 'cosine'"],
  ['a schedule by name alone', () => sgd({ learningRate: 'cosine' as never }), "'learningRate' to be a non-negative number or a schedule"],
  ['a wrong option within an optimizer', () => sgd({ learningRate: { type: 'cosine', options: { rate: -1 } } }), "[cosine] expected 'rate'"],
  ['no rate', () => cosine({} as never), "expected 'rate' to be a non-negative number but received undefined"],
  ['an unknown option', () => step({ rate: 1, every: 2, gamma: 0.1 } as never), "unknown option 'gamma'"],
  ['stairs of no length', () => step({ rate: 1, every: 0 }), "'every' to be a positive integer"],
  ['an unknown unit of time', () => exponential({ rate: 1, factor: 0.5, per: 'batch' as never }), "'per' to be one of 'epoch', 'step'"],
  ['no milestones', () => multiStep({ rate: 1, milestones: [] }), "'milestones'"],
  ['milestones that do not ascend', () => multiStep({ rate: 1, milestones: [3, 2] }), "'milestones[1]' to be at least 3"],
  ['a factor that does not reduce', () => reduceOnPlateau({ rate: 1, factor: 1 }), "'factor' to be a number in [0, 1)"],
  ['an unknown measure', () => reduceOnPlateau({ rate: 1, monitor: 'acuracy' }), "did you mean 'accuracy'"],
  ['three phases of which two take more than all', () => oneCycle({ maxRate: 1, risingPart: 0.6, threePhase: true }), "'risingPart' to be a number in [0, 0.5]"],
  ['a division by nothing', () => oneCycle({ maxRate: 1, divideStart: 0 }), "'divideStart'"],
  ['a warm-up in steps and epochs', () => warmup({ steps: 1, epochs: 1, learningRate: 1 }), "either 'steps' or 'epochs'"],
  ['a warm-up of no length', () => warmup({ learningRate: 1 }), "either 'steps' or 'epochs'"],
  ['a warm-up to nothing', () => warmup({ steps: 1 } as never), "[warmup] expected 'learningRate'"],
])('refuses %s', async (_name, call, part) => {
  expectRefusal(await refusal(call), 'ERR_OPTION', part);
});
