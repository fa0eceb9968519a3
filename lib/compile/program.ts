// The program: a flat list of instructions over a few memory regions, run by either backend.

/** Memory regions, by number. */
export const region = { state: 0, scratch: 1, constants: 2, step: 3 } as const;

/** How a tensor lies in memory: static (row-major), rows tensor (feature-major, `[count, ld]`), example-major copy (`[rows, count]`). */
export const layout = { static: 0, featureMajor: 1, exampleMajor: 2 } as const;

/** A tensor in memory. Offset in elements; `count` elements in all (static) or per example. */
export interface Operand {
  readonly region: number;
  readonly offset: number;
  readonly count: number;
  readonly kind: number;
}

/** How a chain's input is spread over its space of lines × columns; `product` is the tile that a product has just made. */
export const access = { full: 0, line: 1, column: 2, scalar: 3, product: 4 } as const;

/** How a chain's result leaves it: whole, or summed over the columns of each line. */
export const emission = { full: 0, lineSum: 1 } as const;

/** Most inputs, outs and registers of a chain together: the native backend has so many places for them. */
export const valueLimit = 256;

/** One operation of a chain: `destination` and operands are value numbers (inputs, then outs, then registers). */
export interface ChainOperation {
  readonly name: string;
  readonly destination: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly immediate: number;
}

/** An elementwise program over lines × columns (columns -1 = rows), run block by block. */
export interface Chain {
  readonly lines: number;
  readonly columns: number;
  readonly inputKinds: readonly number[];
  readonly outKinds: readonly number[];
  readonly registers: number;
  readonly operations: readonly ChainOperation[];
}

/** One instruction. A dimension of -1 in the attributes means `rows`, -c means c · rows. */
export interface Instruction {
  readonly name: string;
  readonly outs: readonly Operand[];
  readonly ins: readonly Operand[];
  readonly attributes: readonly number[];
  readonly chain: Chain | undefined;
  /** Path of the layer it belongs to, for printing. */
  readonly path: string;
}

/** Data that `load` reads: `width` numbers per example, or in all where `rows` is false. */
export interface Source { readonly name: string; readonly width: number; readonly rows: boolean; readonly shape: readonly (number | 'rows')[] }
/** Results that `store` writes: `count` numbers per example, or per step where `rows` is false. */
export interface Sink { readonly name: string; readonly count: number; readonly rows: boolean; readonly shape: readonly (number | 'rows')[] }

/** A compiled program. Lengths in elements. */
export interface Program {
  readonly maxRows: number;
  readonly stateLength: number;
  readonly scratchLength: number;
  readonly constants: Float64Array;
  readonly hypers: readonly string[];
  readonly sources: readonly Source[];
  readonly sinks: readonly Sink[];
  /** Number of the sink whose value must stay finite, or -1. */
  readonly guard: number;
  readonly instructions: readonly Instruction[];
}

/** Width of the widest vector in elements: rows tensors are reserved in multiples of it. */
export const lanes = 16;

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Elements reserved for an operand of `count` elements at most `maxRows` rows. */
export function reservedLength(count: number, kind: number, maxRows: number): number {
  return roundUp(kind === layout.static ? count : count * roundUp(maxRows, lanes), lanes);
}
