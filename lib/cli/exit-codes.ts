// What a command says to the shell.
import { DenselyError } from '../errors.ts';

/** Every exit code there is. */
export const exitCodes = { ok: 0, failed: 1, wrongUse: 2, interrupted: 130 } as const;

/** A command line that means nothing: an unknown flag, a value that is missing. */
export class UsageError extends Error {}

/** A command that was interrupted and has left everything in order. */
export class InterruptedError extends Error {}

/** The exit code of an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.wrongUse;
  if (error instanceof InterruptedError) return exitCodes.interrupted;
  return error instanceof DenselyError && error.code === 'ERR_OPTION' ? exitCodes.wrongUse : exitCodes.failed;
}
