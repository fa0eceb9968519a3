// Whole networks against central differences in double precision: every kind of layer, activation and loss that fit together.
import { describe, expect, test } from 'vitest';
import { typescriptBackend } from '../../lib/backend/typescript/backend.ts';
import { OptionError } from '../../lib/errors.ts';
import { activation, dense, dropout, type Activation, type ActivationName, type LayerSpec, type LossName } from '../../lib/index.ts';
import { activations } from '../../lib/layers/activations.ts';
import { layerTypes } from '../../lib/layers/registry.ts';
import { DirectProgram } from '../../lib/network/direct.ts';
import { chain } from '../../lib/network/architecture.ts';
import { buildModel } from '../../lib/network/model.ts';
import { goalOutputs, settleGoal } from '../../lib/network/objective.ts';
import { Store } from '../../lib/network/store.ts';
import { Tensors } from '../../lib/network/tensors.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { losses } from '../../lib/train/losses/registry.ts';
import { drawValues, relativeError } from '../helpers/values.ts';

const rows = 6, inputs = 5, hidden = 4, outputs = 3;
const names = Object.keys(activations) as ActivationName[];
/** Every activation, and those with a parameter once more with another. */
const variants: Activation[] = [...names, ...names.filter((name) => 'alpha' in activations[name]).map((name) => ({ name, alpha: 0.37 }))];

/** Losses with the targets they take: domain and width. */
const goals: Record<LossName, { readonly domain: string; readonly width: number; readonly output: readonly ActivationName[] }[]> = {
  meanSquaredError: [{ domain: 'normal', width: outputs, output: names }],
  binaryCrossEntropy: [{ domain: `probability:${outputs}`, width: outputs, output: ['linear', 'sigmoid'] }],
  crossEntropy: [{ domain: `label:${outputs}`, width: 1, output: ['linear', 'softmax'] }, { domain: `probability:${outputs}`, width: outputs, output: ['linear', 'softmax'] }],
};
const goalList = (Object.keys(losses) as LossName[]).flatMap((loss) => goals[loss].map((goal) => ({ loss, ...goal })));

/** A network around each kind of layer. */
const around: Record<string, (name: Activation) => LayerSpec[]> = {
  dense: (name) => [dense(hidden, name, { biasInitializer: 'randomNormal' }), dense(outputs, 'linear', { bias: false })],
  activation: (name) => [dense(hidden), activation(name), dense(outputs, 'tanh'), activation('linear'), dense(outputs)],
  dropout: (name) => [dropout(0.2), dense(hidden, name), dropout(0.4), dense(outputs), dropout(0)],
};

const penalised = (specs: LayerSpec[]): LayerSpec[] => specs.map((spec, i) => (spec.type === 'dense' ? dense(Number(spec.options['units']), spec.options['activation'] as Activation, { l1: 0.02 * (i + 1), l2: 0.03 }) : spec));

/** Largest relative error over the gradients of all parameters and of the inputs. */
function gradientError(specs: readonly LayerSpec[], { loss, domain, width }: { loss: LossName; domain: string; width: number }, seed = 1): number {
  const model = buildModel(chain(inputs, specs), seed);
  const store = new Store(typescriptBackend('float64'), model.parameters.map(({ node }) => node), undefined);
  Tensors.initialize(store, model, seed);
  const cost = goalOutputs(settleGoal('test', model.training, [width], { loss, metrics: [] }), model.training, model.parameters)['loss']!;
  const targets = [...model.parameters.map(({ node }) => node), model.input];
  const parts = gradients(cost, targets);
  const program = new DirectProgram(store, { outputs: { cost, ...Object.fromEntries(parts.map((part, i) => [`d${i}`, part])) } });
  const costAlone = new DirectProgram(store, { outputs: { cost } });
  const x = drawValues([rows, inputs], 'normal', new RandomStream(seed, 91));
  const feeds = { x, targets: drawValues([rows, width], domain, new RandomStream(seed, 92)) };
  // The same counter every time: dropout draws the same mask.
  const found = program.run(rows, feeds, { counter: 17 });
  const at = (values: Float64Array, i: number, value: number, write: () => void): number => {
    const kept = values[i]!;
    values[i] = value;
    write();
    const result = costAlone.run(rows, feeds, { counter: 17 })['cost']!.data[0]!;
    values[i] = kept;
    write();
    return result;
  };
  return Math.max(...targets.map((node, t) => {
    const isInput = node === model.input, values = isInput ? x : Float64Array.from(store.read(node));
    const write = (): void => { if (!isInput) store.write(node, values); };
    const step = 1e-5;
    const expected = values.map((value, i) => {
      const difference = (h: number): number => at(values, i, value + h, write) - at(values, i, value - h, write);
      return (8 * difference(step) - difference(2 * step)) / (12 * step);
    });
    return relativeError(found[`d${t}`]!.data, expected);
  }));
}

const label = (name: Activation): string => JSON.stringify(name);

test('every kind of layer and every loss has its cases here', () => {
  expect(Object.keys(around)).toEqual(Object.keys(layerTypes));
  expect(Object.keys(goals)).toEqual(Object.keys(losses));
  expect(variants.length).toBeGreaterThan(names.length);
});

describe.each(Object.keys(layerTypes))('%s', (type) => {
  test.each(goalList.map((goal) => [`${goal.loss} of ${goal.domain}`, goal] as const))('under %s', (_name, goal) => {
    for (const name of variants) {
      expect(gradientError(around[type]!(name), goal), label(name)).toBeLessThan(1e-6);
      expect(gradientError(penalised(around[type]!(name)), goal, 2), `${label(name)} with penalties`).toBeLessThan(1e-6);
    }
  });
});

describe('at the output', () => {
  test.each(goalList.map((goal) => [`${goal.loss} of ${goal.domain}`, goal] as const))('%s', (_name, goal) => {
    for (const name of variants) {
      const fits = goal.output.includes(typeof name === 'string' ? name : name.name);
      for (const last of [[dense(outputs, name)], [dense(outputs), activation(name)]]) {
        const specs = [dense(hidden, 'tanh', { l1: 0.01, l2: 0.02 }), dropout(0.3), ...last];
        if (fits) expect(gradientError(specs, goal), label(name)).toBeLessThan(1e-6);
        else expect(() => gradientError(specs, goal), label(name)).toThrow(OptionError);
      }
    }
  });

  test('a deep network', () => {
    const specs = names.filter((name) => name !== 'softmax').map((name, i) => dense(7 + i, name, { l2: 0.01 }));
    for (const goal of goalList) expect(gradientError([...specs, dense(outputs)], goal), goal.loss).toBeLessThan(1e-6);
  });
});
