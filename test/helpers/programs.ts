// Programs for tests to look at: compiled from nodes or from a network, without running them.
import type { Precision } from '../../lib/backend/backend.ts';
import { typescriptBackend } from '../../lib/backend/typescript/backend.ts';
import { compileProgram, layoutState, stateNodes } from '../../lib/compile/compile.ts';
import type { Instruction, Program } from '../../lib/compile/program.ts';
import type { Node } from '../../lib/graph/node.ts';
import type { LayerSpec } from '../../lib/layers/layer.ts';
import { chain } from '../../lib/network/architecture.ts';
import { buildModel } from '../../lib/network/model.ts';
import { settleGoal } from '../../lib/network/objective.ts';
import type { LossName } from '../../lib/train/losses/registry.ts';
import { Store } from '../../lib/network/store.ts';
import { makeTrainer } from '../../lib/network/trainer.ts';
import type { OptimizerSpec } from '../../lib/train/optimizers/optimizer.ts';

export interface ProgramRequest {
  readonly outputs?: Readonly<Record<string, Node>>;
  readonly assignments?: readonly Node[];
  readonly feeds?: Readonly<Record<string, Node>>;
}

export function programOf(request: ProgramRequest, maxRows = 32, precision: Precision = 'float32'): Program {
  const roots = [...Object.values(request.outputs ?? {}), ...(request.assignments ?? [])];
  return compileProgram({ ...request, maxRows, state: layoutState(stateNodes(roots)), bfloat16: precision === 'bfloat16' });
}

export interface TrainingRequest {
  readonly inputs: number;
  readonly layers: readonly LayerSpec[];
  readonly optimizer: OptimizerSpec;
  /** Columns of the targets (default 1). */
  readonly targets?: number;
  readonly loss?: string;
  readonly maxRows?: number;
  readonly precision?: Precision;
}

/** The step that `fit` runs. */
export function trainingProgram({ inputs, layers, optimizer, targets = 1, loss, maxRows = 32, precision }: TrainingRequest): Program {
  const model = buildModel(chain(inputs, layers), 0);
  const store = new Store(typescriptBackend(precision), model.parameters.map(({ node }) => node), 1);
  const goal = settleGoal('test', model.training, [targets], { loss: loss as LossName | undefined });
  return makeTrainer(store, model, goal, optimizer, maxRows).loaded.program;
}

/** The program that `predict` runs. */
export function predictionProgram(inputs: number, layers: readonly LayerSpec[], maxRows = 32, precision?: Precision): Program {
  return programOf({ outputs: { output: buildModel(chain(inputs, layers), 0).prediction.output } }, maxRows, precision);
}

export function named(program: Program, name: string): Instruction[] {
  return program.instructions.filter((instruction) => instruction.name === name);
}

/** Number of instructions by name, without loads and stores. */
export function tally(program: Program): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of program.instructions) if (name !== 'load' && name !== 'store') counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Names of the elementwise operations of an instruction. */
export function operations(instruction: Instruction): string[] {
  return (instruction.chain?.operations ?? []).map(({ name }) => name);
}

/** Names of all elementwise operations of a program. */
export function allOperations(program: Program): string[] {
  return program.instructions.flatMap(operations);
}

/** Multiplications of all products at `rows` rows. */
export function multiplyAdds(program: Program, rows: number): number {
  let total = 0;
  for (const { attributes } of named(program, 'product')) total += attributes.slice(0, 3).reduce((a, b) => a * (b === -1 ? rows : b), 1);
  return total;
}
