// Ctrl-C and SIGTERM: the first one ends a command cleanly, the second at once.
import { exitCodes } from './exit-codes.ts';

/** What ends a command from outside. */
export class Interruption {
  private readonly controller = new AbortController();
  private held: string | undefined;
  private readonly say: (line: string) => void;
  private readonly leave: () => void;

  constructor(say: (line: string) => void, leave: () => void) {
    this.say = say;
    this.leave = leave;
  }

  /** The signals of this process. */
  static ofProcess(say: (line: string) => void): Interruption {
    const interruption = new Interruption(say, () => process.exit(exitCodes.interrupted));
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interruption.interrupt());
    return interruption;
  }

  /** Aborts at the first interruption. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** While `work` goes on, the first interruption aborts the signal, with `message` for the user; without anybody who holds it, it ends the process. */
  async during<Result>(message: string, work: () => Promise<Result>): Promise<Result> {
    this.held = message;
    try {
      return await work();
    } finally {
      this.held = undefined;
    }
  }

  /** A signal has come. */
  interrupt(): void {
    if (this.held === undefined || this.signal.aborted) {
      this.leave();
      return;
    }
    this.say(`\n${this.held}`);
    this.controller.abort();
  }
}
