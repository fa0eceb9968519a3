// What a command is.
import type { FlagDefinitions, Flags } from './flags.ts';
import type { Terminal } from './terminal.ts';

export interface Command {
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What stands behind the name, such as `<model> --data <file>`. */
  readonly usage: readonly string[];
  /** Least and largest number of arguments besides the flags. */
  readonly operands: readonly [least: number, most: number];
  readonly flags: FlagDefinitions;
  readonly examples: readonly { readonly line: string; readonly doc: string }[];
  /** Paragraphs after the flags. */
  readonly notes?: readonly string[];
  /** Does the work. Throws UsageError, InterruptedError, or any other error where the job fails. */
  run(line: CommandLine, terminal: Terminal): Promise<void>;
}

/** A command line that was read. */
export interface CommandLine {
  readonly operands: readonly string[];
  readonly flags: Flags;
}
