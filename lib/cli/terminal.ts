// What a command works with: its streams, the width of the terminal, and what interrupts it.
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { several, wrapLines } from './format.ts';
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
  /** Waits until the output has taken what was written to it; false where nobody reads it any more. */
  drained(): Promise<boolean>;
}

/** Characters of a line where nobody says how many. */
const defaultColumns = 80;

/** Characters of a line. */
export function columnsOf({ columns }: OutputStream): number {
  return columns !== undefined && columns > 0 ? columns : defaultColumns;
}

/** A stream that drops what is written to it once nobody reads it. */
class GuardedStream implements OutputStream {
  isRead = true;
  private readonly stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      this.isRead = false;
    });
  }

  get isTTY(): boolean {
    return this.stream.isTTY;
  }

  get columns(): number | undefined {
    return this.stream.columns;
  }

  hasColors(): boolean {
    return this.stream.isTTY && this.stream.hasColors();
  }

  write(text: string | Uint8Array): boolean {
    return !this.isRead || this.stream.write(text);
  }
}

/** The terminal of this process. Output that nobody reads any more, as behind `head`, is dropped: work that leaves files goes on. */
export function processTerminal(): Terminal {
  const { stdin, stdout } = process, output = new GuardedStream(stdout), errors = new GuardedStream(process.stderr);
  return {
    input: stdin, output, errors, interruption: Interruption.ofProcess((line) => errors.write(fitted(errors, line))),
    drained: async () => {
      // A pipe tells only later that nobody reads it.
      await setImmediate();
      if (output.isRead && stdout.writableNeedDrain) await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]).catch(() => undefined);
      return output.isRead;
    },
  };
}

/** A text as it fits on a terminal; elsewhere lines stay as they are. */
function fitted(stream: OutputStream, text: string): string {
  return `${stream.isTTY === true ? wrapLines(text, columnsOf(stream)) : text}\n`;
}

/** Writes a text to the output. */
export function print({ output }: Terminal, text: string): void {
  output.write(fitted(output, text));
}

/** Writes a value to the output as one line of JSON. */
export function printJson({ output }: Terminal, value: unknown): void {
  output.write(`${JSON.stringify(value)}\n`);
}

/** Writes a text beside the output: what a reader of the output does not want among it. */
export function note({ errors }: Terminal, text: string): void {
  errors.write(fitted(errors, text));
}

/** Milliseconds between two drawings. */
const drawTime = 200;

/** A count that grows on one line of a terminal, and nowhere else. */
export class RunningCount {
  private readonly stream: OutputStream;
  private readonly noun: string;
  private drawn = performance.now();
  private isShown = false;

  constructor({ errors }: Terminal, noun: string) {
    this.stream = errors;
    this.noun = noun;
  }

  at(value: number): void {
    if (this.stream.isTTY !== true || performance.now() - this.drawn < drawTime) return;
    this.drawn = performance.now();
    this.isShown = true;
    this.stream.write(`\r\x1b[K${several(value, this.noun)} …`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.isShown) this.stream.write('\r\x1b[K');
    this.isShown = false;
  }
}
