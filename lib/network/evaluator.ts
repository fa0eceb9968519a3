// Evaluation: cost and metrics over a data set, with the graph for prediction.
import type { Dataset } from '../data/dataset.ts';
import { measuresOf, type Evaluation } from '../train/history.ts';
import { prepareBlock } from '../train/blocks.ts';
import type { Goal } from './objective.ts';
import { goalOutputs } from './objective.ts';
import type { Model } from './model.ts';
import { bindSources } from './sources.ts';
import type { LoadedProgram, Store } from './store.ts';

const chunkRows = 512;

export class Evaluator {
  private readonly store: Store;
  private readonly loaded: LoadedProgram;
  private readonly names: readonly string[];

  constructor(store: Store, model: Pick<Model, 'prediction' | 'parameters'>, goal: Goal) {
    this.store = store;
    const outputs = goalOutputs(goal, model.prediction, model.parameters);
    this.names = Object.keys(outputs);
    this.loaded = store.load({ outputs, maxRows: chunkRows });
  }

  /** Means over all examples. The caller holds the gate. */
  async run(data: Dataset): Promise<Evaluation> {
    const { backend, state } = this.store;
    const { executable, scratch, program } = this.loaded;
    const schedule = { length: data.length, index: data.index, batchSize: chunkRows, shuffle: false, seed: 0, stepsBefore: 0, epochs: 1, hypers: () => [], hyperCount: 0 };
    const block = prepareBlock(schedule, 0, 1, this.names.length, backend.allocate);
    executable.bind({ state, scratch, sources: bindSources(program, data), sinks: block.sinks, order: block.order, batches: block.batches, hyper: block.hyper });
    for (let step = 0; step < block.steps;) step = await executable.runAsync(step, block.steps, 0);
    return measuresOf(this.names, block.sinks, (step) => block.batches[2 * step + 1]!, 0, block.steps);
  }

  dispose(): void {
    this.store.unload(this.loaded);
  }
}
