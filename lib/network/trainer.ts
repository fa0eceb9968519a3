// Training programs: cost, gradients and updates of a network in one program that runs a step.
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { assign } from '../ops/assign.ts';
import { gradients } from '../ops/gradients.ts';
import { hyper, state } from '../ops/variables.ts';
import { clipGradients, type Clip } from '../train/clipping.ts';
import type { OptimizerSpec } from '../train/optimizers/optimizer.ts';
import { optimizerType } from '../train/optimizers/registry.ts';
import { startSchedule, type LearningRate } from '../train/schedules/registry.ts';
import type { Moment, RunningSchedule } from '../train/schedules/schedule.ts';
import type { Model } from './model.ts';
import { goalOutputs, type Goal } from './objective.ts';
import type { LoadedProgram, Store } from './store.ts';

/** A compiled training step. */
export interface Trainer {
  readonly loaded: LoadedProgram;
  /** What the optimizer keeps, by names that begin with the parameter's. */
  readonly slots: readonly Node[];
  /** Names of the results: the loss first. */
  readonly names: readonly string[];
  /** The learning rate in the course of this run. */
  readonly schedule: RunningSchedule;
  /** Numbers of a step, in the program's order. */
  hypers(moment: Moment): number[];
}

/** Compiles the training step for a goal, an optimizer and minibatches of at most `maxRows`. */
export function makeTrainer(store: Store, model: Model, goal: Goal, optimizer: OptimizerSpec, maxRows: number, clip?: Clip): Trainer {
  if (model.parameters.length === 0) throw new OptionError('[fit] the network has no parameters to train');
  const type = optimizerType(optimizer);
  const outputs = goalOutputs(goal, model.training, model.parameters);
  const targets = model.parameters.map(({ node }) => node);
  const whole = gradients(outputs['loss']!, targets);
  const parts = clip === undefined ? whole : clipGradients(whole, clip);

  const hypers = new Map<string, Node>();
  const slots: Node[] = [];
  const assignments: Node[] = [...model.training.updates];
  // From the last layer to the first: the order in which the gradients become known.
  for (let i = targets.length - 1; i >= 0; i--) {
    const parameter = targets[i]!, own = new Map<string, Node>();
    const update = type.update(parameter, parts[i]!, optimizer.options, {
      slot(name) {
        if (!own.has(name)) own.set(name, state(`${parameter.name}.${name}`, parameter.shape as number[]));
        return own.get(name)!;
      },
      hyper(name) {
        if (!hypers.has(name)) hypers.set(name, hyper(name));
        return hypers.get(name)!;
      },
    });
    for (const [name, value] of Object.entries(update.slots)) assignments.push(assign(own.get(name)!, value));
    const { constraint } = model.parameters[i]!.request;
    assignments.push(assign(parameter, constraint === undefined ? update.parameter : constraint(update.parameter)));
    slots.push(...own.values());
  }

  store.useSlots(slots);
  const loaded = store.load({ outputs, assignments, maxRows, guard: 'loss' }, slots);
  const schedule = startSchedule(optimizer.options['learningRate'] as LearningRate);
  return {
    loaded, slots, schedule, names: Object.keys(outputs),
    hypers(moment) {
      const values = type.hypers(moment.step + 1, schedule.rate(moment), optimizer.options);
      return loaded.program.hypers.map((name) => values[name]!);
    },
  };
}
