// The list of chains that the native backend compiles ahead of time: those of common layers, losses and optimizers, as the compiler makes them.
import { access, emission, type Chain } from '../../lib/compile/program.ts';
import { Dataset } from '../../lib/data/dataset.ts';
import { batchNorm, dense, dropout, layerNorm } from '../../lib/index.ts';
import type { ActivationName } from '../../lib/layers/activations.ts';
import type { Layer } from '../../lib/layers/layer.ts';
import { makeTrainer } from '../../lib/network/trainer.ts';
import { Network } from '../../lib/network/network.ts';
import type { LossName } from '../../lib/train/losses/registry.ts';
import type { OptimizerSpec } from '../../lib/train/optimizers/optimizer.ts';
import { checkOptimizer, optimizers } from '../../lib/train/optimizers/registry.ts';

/** Variants of the optimizers that make other chains than their defaults. */
const variants: Readonly<Record<string, readonly object[]>> = {
  sgd: [{ momentum: 0.9 }, { momentum: 0.9, nesterov: true }, { weightDecay: 1e-4 }, { momentum: 0.9, weightDecay: 1e-4 }, { momentum: 0.9, nesterov: true, weightDecay: 1e-4 }],
  adam: [{ weightDecay: 1e-4 }, { amsgrad: true }],
  rmsprop: [{ momentum: 0.9 }, { centered: true }],
};

/** The others take longer to compile than they are worth. */
const common: readonly ActivationName[] = ['linear', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'elu', 'gelu', 'silu', 'softplus'];
const regressions: readonly LossName[] = ['meanSquaredError', 'meanAbsoluteError', 'huber'];

/** As in ChainView of native/kernels/chain_code.h. */
const mostOperands = 16;

/** Chains of a network that ends in the given layers, for training and for prediction. */
function chainsOf(layers: readonly Layer[], loss: LossName, optimizer: OptimizerSpec): Chain[] {
  const network = new Network({ inputs: 7, layers, backend: 'typescript' });
  const { model, store } = network.internals;
  const data = Dataset.from({ x: new Float32Array(14), width: 7, ...(loss === 'crossEntropy' ? { y: Int32Array.of(0, 1) } : { y: new Float32Array(2 * network.outputs), targetWidth: network.outputs }) });
  const { program } = makeTrainer(store, model, network.settle('fit', data, { loss }), optimizer, 32).loaded;
  const prediction = store.load({ outputs: { output: model.prediction.output }, maxRows: 32 }).program;
  return [...program.instructions, ...prediction.instructions].flatMap(({ chain }) => chain ?? []);
}

/** Whether code for the chain is worth its place: it runs over more than a number, and does what vectors are good at. */
function isWorthwhile({ lines, columns, inputKinds, outKinds, operations }: Chain): boolean {
  return lines * columns !== 1 && inputKinds.length <= mostOperands && outKinds.length <= mostOperands && operations.every(({ name }) => name !== 'power');
}

function mask(kinds: readonly number[], test: (kind: number) => boolean): number {
  return kinds.reduce((bits, kind, i) => bits + (test(kind) ? 2 ** i : 0), 0);
}

function entryOf({ inputKinds, outKinds, registers, operations }: Chain): string {
  const numbers = mask(inputKinds, (kind) => kind === access.line || kind === access.scalar), sums = mask(outKinds, (kind) => kind === emission.lineSum);
  const steps = operations.map(({ name, destination, a, b, c }) => `DENSELY_STEP(${name}, ${destination}, ${a}, ${b}, ${c})`);
  return `DENSELY_CHAIN(${inputKinds.length}, ${outKinds.length}, ${registers}, ${numbers}, ${sums}, ${steps.join(', ')})`;
}

/** The text of the list. */
export function chainList(): string {
  const known = new Set<string>(), lines: string[] = [];
  const include = (title: string, layers: readonly Layer[], { loss = 'crossEntropy', optimizer = 'sgd', options = {} }: { loss?: LossName; optimizer?: string; options?: object } = {}): void => {
    const spec = checkOptimizer('chains', { type: optimizer, options });
    const fresh = chainsOf(loss === 'crossEntropy' ? [...layers, dense(3, 'softmax')] : layers, loss, spec).filter(isWorthwhile).map(entryOf).filter((entry) => !known.has(entry) && known.add(entry));
    if (fresh.length > 0) lines.push(`// ${title}`, ...new Set(fresh));
  };
  for (const name of common) include(name, [dense(5, name), dense(4, name)]);
  include('binaryCrossEntropy', [dense(5, 'sigmoid'), dense(1, 'sigmoid')], { loss: 'binaryCrossEntropy' });
  include('binaryCrossEntropy of several', [dense(5, 'tanh'), dense(3, 'sigmoid')], { loss: 'binaryCrossEntropy' });
  for (const loss of regressions) for (const outputs of [1, 3]) include(`${loss}, ${outputs}`, [dense(5, 'relu'), dense(outputs)], { loss });
  include('dropout', [dense(5, 'relu'), dropout(0.5)]);
  include('batchNorm', [dense(5), batchNorm(), dense(5, 'relu')]);
  include('layerNorm', [dense(5), layerNorm(), dense(5, 'relu')]);
  for (const name of Object.keys(optimizers)) {
    for (const options of [{}, ...(variants[name] ?? [])]) include(`${name} ${JSON.stringify(options)}`, [dense(5, 'relu')], { optimizer: name, options });
  }
  return [
    '// Written by scripts/chains.ts. Chains as lib/compile makes them: inputs, outs, registers, which inputs are numbers, which outs are sums; then',
    '// operations with their destination and operands.',
    ...lines, '',
  ].join('\n');
}
