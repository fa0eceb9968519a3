// What a command works with: its streams, the width of the terminal, and what interrupts it.
import { once } from 'node:events';
import { Interruption } from './interruption.ts';

/** A stream that a command writes to, such as `process.stdout`. */
export interface OutputStream {
  write(text: string | Uint8Array): boolean;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** Whether colours can be shown; those of Node's streams heed `NO_COLOR`. */
  hasColors?(): boolean;
}

/** Everything around a command. */
export interface Terminal {
  readonly input: AsyncIterable<Uint8Array | string>;
  readonly output: OutputStream;
  readonly errors: OutputStream;
  readonly interruption: Interruption;
  /** Waits until the output has taken what was written to it. */
  drained(): Promise<void>;
}

/** Characters of a line where nobody says how many. */
const defaultColumns = 80;

/** Characters of a line. */
export function columnsOf({ columns }: OutputStream): number {
  return columns !== undefined && columns > 0 ? columns : defaultColumns;
}

/** The terminal of this process. Output that nobody reads any more ends it quietly, as `head` does to what it reads from. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    input: stdin, output: stdout, errors: stderr, interruption: Interruption.ofProcess((line) => stderr.write(`${line}\n`)),
    drained: async () => {
      if (stdout.writableNeedDrain) await once(stdout, 'drain');
    },
  };
}

/** Writes a line to the output. */
export function print({ output }: Terminal, text: string): void {
  output.write(`${text}\n`);
}

/** Writes a line beside the output: what a reader of the output does not want among it. */
export function note({ errors }: Terminal, text: string): void {
  errors.write(`${text}\n`);
}
