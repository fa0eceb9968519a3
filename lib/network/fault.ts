// Where training went wrong: the layer whose weights, outputs or loss are the first that are not finite.
import type { SourceBinding } from '../backend/backend.ts';
import type { Program } from '../compile/program.ts';
import type { Node } from '../graph/node.ts';
import { abs, add, subtract } from '../ops/elementwise.ts';
import { max, sum } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { isFiniteThroughout, type Fault, type FaultFinder } from '../train/fault.ts';
import type { Model } from './model.ts';
import { goalOutputs, type Goal } from './objective.ts';
import type { Store } from './store.ts';

/** A number that is finite where all of `x` is: NaN tells in the differences, and what overflows only when it is stored, in the largest. */
const finiteness = (x: Node): Node => add(reshape(sum(subtract(x, x)), []), reshape(max(abs(x)), []));

/** Names of the probe's results: of a layer by number, before and after its activation. */
const before = (layer: number): string => `${layer} before`, after = (layer: number): string => `${layer} after`;

const named = (layer: string, what: string): Fault => ({ layer, what: `${what} of layer '${layer}'` });

/** Looks at the network's tensors, at `slots` behind them, and at minibatches of at most `maxRows` rows. */
export function faultFinder(store: Store, model: Model, goal: Goal, maxRows: number, slots: readonly Node[], sources: (program: Program) => SourceBinding[]): FaultFinder {
  return {
    inTensors() {
      const isBad = (node: Node): boolean => !isFiniteThroughout(store.view(node));
      // Gradients go from the last layer to the first, and so does what is wrong with them.
      const weight = model.parameters.findLast(({ node }) => isBad(node));
      if (weight !== undefined) return named(layerOf(weight.name), 'the weights');
      const statistic = model.states.find(({ node }) => isBad(node));
      if (statistic !== undefined) return named(layerOf(statistic.name), 'the statistics');
      const slot = slots.find(isBad);
      return slot === undefined ? undefined : named(layerOf(slot.name), 'what the optimizer keeps of the weights');
    },
    async inBatch(order, batches, counter) {
      const { training } = model, outputs: Record<string, Node> = {};
      training.layers.forEach(({ z, a }, i) => { outputs[before(i)] = finiteness(z); outputs[after(i)] = finiteness(a); });
      const loaded = store.load({ outputs: { ...outputs, ...goalOutputs(goal, { outputs: training.outputs, penalties: [] }, []) }, maxRows });
      try {
        const { program, executable, scratch } = loaded, sinks = program.sinks.map(({ count }) => store.backend.allocate(count));
        executable.bind({ state: store.state, scratch, sources: sources(program), sinks, order, batches, hyper: store.backend.allocate(0) });
        await executable.runAsync(0, 1, counter);
        const isBad = (name: string): boolean => !Number.isFinite(sinks[program.sinks.findIndex((sink) => sink.name === name)]![0]!);
        const broken = training.layers.find((_, i) => isBad(before(i)) || isBad(after(i)));
        if (broken !== undefined) return named(broken.name, 'the outputs');
        const several = goal.outputs.length > 1, output = goal.outputs.findIndex(({ name }) => isBad(several ? `${name}.loss` : 'loss'));
        const last = training.layers.find(({ a }) => a === training.outputs[output]?.node);
        if (last !== undefined) return named(last.name, 'the loss at the outputs');
        return isBad('loss') ? undefined : { layer: undefined, what: 'the penalties on weights' };
      } finally {
        store.unload(loaded);
      }
    },
  };
}

/** The layer of a tensor whose name begins with it. */
const layerOf = (tensor: string): string => tensor.slice(0, tensor.indexOf('.'));
