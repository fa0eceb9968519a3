// Where numbers went wrong in training, and how an error says so.
import type { Memory } from '../backend/backend.ts';

/** A layer whose numbers are the first that are not finite. */
export interface Fault {
  /** Its name; undefined where no layer stands out. */
  readonly layer: string | undefined;
  /** What of it is wrong, as in `the outputs of layer 'dense2'`. */
  readonly what: string;
}

/** Looks for the fault in a network as it stands. */
export interface FaultFinder {
  /** Among the weights, and what the optimizer keeps of them. */
  inTensors(): Fault | undefined;
  /** In a minibatch, where all weights are finite: `order` and `batches` as a program binds them, `counter` the step for random draws. */
  inBatch(order: Int32Array | null, batches: Int32Array, counter: number): Promise<Fault | undefined>;
}

/** What became of the loss, or of the weights where the loss is good, for an error's sentence. */
export function describeFault(loss: number, fault: Fault | undefined, epoch: number, batch: number): string {
  const place = `in epoch ${epoch}, batch ${batch}`;
  if (Number.isFinite(loss)) return `${fault?.what ?? 'the weights'} became NaN or infinite ${place}`;
  return `the loss became ${loss} ${place}${fault === undefined ? '' : ` by ${fault.what}`}`;
}

/** True where every number is finite. */
export function isFiniteThroughout(values: Memory): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}
