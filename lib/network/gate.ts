// The gate to a network's memory: one run at a time, in the order of asking.
import { BusyError } from '../errors.ts';

export class Gate {
  private held = false;
  private readonly waiting: (() => void)[] = [];
  /** Called when somebody waits: lets a long run stop at its next step. */
  onWait: (() => void) | undefined;

  get isHeld(): boolean {
    return this.held;
  }

  get hasWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** Runs `work` when it is its turn. */
  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.held) {
      const turn = new Promise<void>((resolve) => this.waiting.push(resolve));
      this.onWait?.();
      await turn;
    }
    this.held = true;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // The gate stays held while it is handed over, so that nobody slips in between.
      if (next === undefined) this.held = false;
      else next();
    }
  }

  /** Throws a BusyError while a run is in flight. */
  checkFree(where: string): void {
    if (this.held) throw new BusyError(`[${where}] a run is in flight; await it first, or use the asynchronous form`);
  }
}
