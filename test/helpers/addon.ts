// The addon itself, for tests of the encoding; undefined where there is none and none is required.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Opcodes } from '../../lib/compile/encode.ts';
import type { Program } from '../../lib/compile/program.ts';
import { nativeUnavailable } from '../../lib/backend/native.ts';

export interface Addon extends Opcodes {
  readonly Program: new (code: Float64Array, options: object) => { dispose(): void };
}

export function loadAddon(): Addon {
  const load = createRequire(import.meta.url)('node-gyp-build') as (folder: string) => Addon;
  return load(fileURLToPath(new URL('../..', import.meta.url)));
}

export const addon: Addon | undefined = nativeUnavailable() === undefined || process.env['DENSELY_REQUIRE_NATIVE'] === '1' ? loadAddon() : undefined;

/** What the addon is told of a program besides its code. */
export function nativeOptions(program: Program): Record<string, unknown> {
  return {
    maxRows: program.maxRows, stateLength: program.stateLength, scratchLength: program.scratchLength, constants: Float32Array.from(program.constants),
    hyperCount: program.hypers.length, sourceCount: program.sources.length, sinkCount: program.sinks.length, guard: program.guard,
  };
}
