// A reader under test: how its cases are made, and what it may answer.
import type { Draws } from './random.ts';

/** One case: what the reader gets, and the call. */
export interface Case {
  /** Bytes of the file, for the limit on memory and to be kept where something is found. */
  readonly bytes: Uint8Array;
  run(): unknown;
}

export interface Target {
  readonly name: string;
  /** Codes of the errors that a bad file may be refused with. */
  readonly codes: readonly string[];
  /** Makes ready what the cases are made from. */
  prepare(): Promise<(draws: Draws) => Case>;
}
