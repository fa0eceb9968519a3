// What the kernels of the TypeScript backend work on: the memory and the numbers of the step that runs.
import type { Instruction, Operand } from '../../compile/program.ts';
import type { Binding, Memory } from '../backend.ts';

export interface Context {
  /** Memory by region: state, scratch, constants, step. */
  readonly regions: Memory[];
  binding: Binding;
  rows: number;
  /** Position of the first row of the step. */
  first: number;
  step: number;
  counter: number;
}

/** An instruction made ready: its work comes in tiles, between which a run may pause. */
export interface PreparedInstruction {
  tiles(context: Context): number;
  run(context: Context, tile: number): void;
}

/** Makes an instruction ready. */
export type Preparation = (instruction: Instruction) => PreparedInstruction;

/** An instruction that is one piece of work. */
export function whole(run: (context: Context) => void): PreparedInstruction {
  return { tiles: () => 1, run };
}

/** A dimension attribute as a number: -1 is rows, -c is c times rows. */
export function extent(dimension: number, rows: number): number {
  return dimension < 0 ? -dimension * rows : dimension;
}

export function memoryOf(context: Context, operand: Operand): Memory {
  return context.regions[operand.region]!;
}
