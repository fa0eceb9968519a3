// Whole networks against central differences in double precision: every kind of layer, activation and loss that fit together.
import { describe, expect, test } from 'vitest';
import { typescriptBackend } from '../../lib/backend/typescript/backend.ts';
import { OptionError } from '../../lib/errors.ts';
import { activation, dense, dropout, type Activation, type ActivationName, type LossName } from '../../lib/index.ts';
import { activations } from '../../lib/layers/activations.ts';
import { layerTypes } from '../../lib/layers/registry.ts';
import { DirectProgram } from '../../lib/network/direct.ts';
import { chain, type Architecture } from '../../lib/network/architecture.ts';
import { buildModel, type Model } from '../../lib/network/model.ts';
import { goalOutputs, settleGoal } from '../../lib/network/objective.ts';
import { Store } from '../../lib/network/store.ts';
import { Tensors } from '../../lib/network/tensors.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { losses } from '../../lib/train/losses/registry.ts';
import { lossCases } from '../helpers/loss-cases.ts';
import { architectureOf, denseCases, layerCases, withActivation } from '../helpers/layer-cases.ts';
import { drawValues, relativeError } from '../helpers/values.ts';

const rows = 7, inputs = 5, hidden = 4, outputs = 6;
const names = Object.keys(activations) as ActivationName[];
/** Every activation, and those with a parameter once more with another. */
const variants: Activation[] = [...names, ...names.filter((name) => 'alpha' in activations[name]).map((name) => ({ name, alpha: 0.37 }))];

/** Losses with a kink, which a difference may fall on: then other weights and data are taken. */
const kinked: readonly LossName[] = ['meanAbsoluteError', 'hinge', 'multiMargin'];
/** Losses under which every activation is checked in every layer; under the others two are enough, for the layer does not see the loss. */
const thorough: readonly LossName[] = ['meanSquaredError', 'binaryCrossEntropy', 'crossEntropy'];
const goals = lossCases, goalList = (Object.keys(losses) as LossName[]).flatMap((loss) => goals[loss].map((goal) => ({ loss, ...goal })));

type TestedGoal = Pick<(typeof goalList)[number], 'loss' | 'domain' | 'width' | 'options'>;

const widths = { inputs, hidden, outputs };
const penalised = (architecture: Architecture): Architecture => ({
  ...architecture,
  layers: architecture.layers.map((layer, i) => (layer.type === 'dense' ? layerTypes['dense']!.check({ ...layer.options, l1: 0.02 * (i + 1), l2: 0.03 }) : layer)),
});

/** Many steps of power iteration: at the singular vectors themselves the largest singular value does not depend on them. */
function convergeSingularVectors(store: Store, model: Model): void {
  if (!model.states.some(({ name }) => name.endsWith('.u'))) return;
  const vectors = new DirectProgram(store, { assignments: model.training.updates });
  const x = new Float64Array(rows * inputs).fill(1);
  for (let round = 0; round < 3000; round++) vectors.run(rows, { x });
}

/** Largest relative error over the gradients of all parameters and of the inputs. */
function gradientError(architecture: Architecture, goal: TestedGoal, seed = 1): number {
  const error = errorAt(architecture, goal, seed);
  return error < 1e-6 || !kinked.includes(goal.loss) ? error : errorAt(architecture, goal, seed + 10);
}

function errorAt(architecture: Architecture, { loss, domain, width, options = {} }: TestedGoal, seed: number): number {
  const model = buildModel(architecture, seed);
  const store = new Store(typescriptBackend('float64'), [...model.parameters, ...model.states].map(({ node }) => node), undefined);
  Tensors.initialize(store, model, seed);
  convergeSingularVectors(store, model);
  const cost = goalOutputs(settleGoal('test', model.training, [width], { loss: { type: loss, options }, metrics: [] }), model.training, model.parameters)['loss']!;
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
  expect(Object.keys(layerCases)).toEqual(Object.keys(layerTypes));
  expect(Object.keys(goals)).toEqual(Object.keys(losses));
  expect(variants.length).toBeGreaterThan(names.length);
});

describe.each(Object.keys(layerTypes))('%s', (type) => {
  test.each(goalList.map((goal) => [`${goal.loss} ${JSON.stringify(goal.options ?? {})} of ${goal.domain}`, goal] as const))('under %s', (_name, goal) => {
    const isThorough = withActivation.includes(type) && thorough.includes(goal.loss) && goal.options === undefined;
    for (const name of isThorough ? variants : ['tanh', 'softplus'] as const) {
      const architecture = architectureOf(layerCases[type]!(name, widths, 'linear'));
      expect(gradientError(architecture, goal), label(name)).toBeLessThan(1e-6);
      expect(gradientError(penalised(architecture), goal, 2), `${label(name)} with penalties`).toBeLessThan(1e-6);
    }
  });
});

test.each(Object.keys(denseCases))('dense with %s', (name) => {
  const architecture = architectureOf(denseCases[name]!(widths));
  for (const goal of goalList.filter((each) => each.output.includes('softmax'))) expect(gradientError(architecture, goal), goal.loss).toBeLessThan(1e-6);
});

describe('at the output', () => {
  test.each(goalList.map((goal) => [`${goal.loss} ${JSON.stringify(goal.options ?? {})} of ${goal.domain}`, goal] as const))('%s', (_name, goal) => {
    for (const name of variants) {
      const fits = goal.output.includes(typeof name === 'string' ? name : name.name);
      for (const last of [[dense(outputs, name)], [dense(outputs), activation(name)]]) {
        const architecture = chain(inputs, [dense(hidden, 'tanh', { l1: 0.01, l2: 0.02 }), dropout(0.3), ...last]);
        if (fits) expect(gradientError(architecture, goal), label(name)).toBeLessThan(1e-6);
        else expect(() => gradientError(architecture, goal), label(name)).toThrow(OptionError);
      }
    }
  });

  test.each([0, 1])('a deep network, of every other activation', (first) => {
    const specs = names.filter((name, i) => name !== 'softmax' && i % 2 === first).map((name, i) => dense(5 + (i % 3), name, { l2: 0.01 }));
    for (const goal of goalList) expect(gradientError(chain(inputs, [...specs, dense(outputs)]), goal), goal.loss).toBeLessThan(1e-6);
  });
});
