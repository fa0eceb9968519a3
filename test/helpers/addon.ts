// The addon itself, for tests of the encoding; undefined where there is none and none is required.
import type { Opcodes } from '../../lib/compile/encode.ts';
import type { Program } from '../../lib/compile/program.ts';
import { addonProblem, loadAddon as search } from '../../lib/backend/addon.ts';

export interface Addon extends Opcodes {
  readonly Program: new (code: Float64Array, options: object) => { dispose(): void };
}

export function loadAddon(): Addon {
  const { addon } = search();
  if (addon === undefined) throw new Error(addonProblem());
  return addon as Addon;
}

export const addon: Addon | undefined = addonProblem() === undefined || process.env['DENSELY_REQUIRE_NATIVE'] === '1' ? loadAddon() : undefined;

/** What the addon is told of a program besides its code. */
export function nativeOptions(program: Program): Record<string, unknown> {
  return {
    maxRows: program.maxRows, stateLength: program.stateLength, scratchLength: program.scratchLength, constants: Float32Array.from(program.constants),
    hyperCount: program.hypers.length, sourceCount: program.sources.length, sinkCount: program.sinks.length, guard: program.guard,
  };
}
