// The errors users see: one sentence that says where, what was expected and what came, and a code that stays the same.

/** The stable codes of every error this library throws on bad input or in a bad state. */
export type ErrorCode =
  | 'ERR_SHAPE' // shapes that do not fit each other, wrong feature counts, ragged rows
  | 'ERR_OPTION' // an unknown or impossible option
  | 'ERR_DATA' // bad values in data: not a number, label out of range, empty set, bad cell, wrong count
  | 'ERR_NON_FINITE' // a loss that became NaN or infinite
  | 'ERR_MODEL_FORMAT' // a model file that is truncated, malformed or too new
  | 'ERR_BUSY' // a run in flight makes this call impossible now
  | 'ERR_DISPOSED' // use after dispose
  | 'ERR_ABORTED' // stopped by an AbortSignal
  | 'ERR_BACKEND' // the backend asked for is not available
  | 'ERR_OUT_OF_MEMORY' // memory is short; what was there before is still there
  | 'ERR_STATE' // a call that needs another call first, or that an attached network cannot do
  | 'ERR_OVERLOADED'; // more is asked of a predictor than may wait

/** Base class of all errors thrown by this library; `code` is stable, the sentence is for people. */
export class DenselyError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Shapes that do not fit each other (`ERR_SHAPE`). */
export class ShapeError extends DenselyError {
  constructor(message: string) { super('ERR_SHAPE', message); }
}

/** An unknown or impossible option (`ERR_OPTION`). */
export class OptionError extends DenselyError {
  constructor(message: string) { super('ERR_OPTION', message); }
}

/** Bad values in data (`ERR_DATA`). */
export class DataError extends DenselyError {
  constructor(message: string, options?: ErrorOptions) { super('ERR_DATA', message, options); }
}

/** A loss that became NaN or infinite (`ERR_NON_FINITE`), with where it happened. */
export class NonFiniteError extends DenselyError {
  /** Epoch, counted from 1, in which it happened. */
  readonly epoch: number;
  /** Batch of that epoch, counted from 1. */
  readonly batch: number;
  /** Name of the layer whose weights, outputs or loss were the first to be no finite numbers; undefined where none stands out. */
  readonly layer: string | undefined;
  constructor(message: string, epoch: number, batch: number, layer?: string) {
    super('ERR_NON_FINITE', message);
    this.epoch = epoch;
    this.batch = batch;
    this.layer = layer;
  }
}

/** A model file that is truncated, malformed or too new (`ERR_MODEL_FORMAT`). */
export class ModelFormatError extends DenselyError {
  constructor(message: string, options?: ErrorOptions) { super('ERR_MODEL_FORMAT', message, options); }
}

/** A run in flight makes this call impossible now (`ERR_BUSY`). */
export class BusyError extends DenselyError {
  constructor(message: string) { super('ERR_BUSY', message); }
}

/** Use after dispose (`ERR_DISPOSED`). */
export class DisposedError extends DenselyError {
  constructor(message: string) { super('ERR_DISPOSED', message); }
}

/** Memory is short (`ERR_OUT_OF_MEMORY`). What was there before the call is still there, and can be used. */
export class OutOfMemoryError extends DenselyError {
  constructor(message: string, options?: ErrorOptions) { super('ERR_OUT_OF_MEMORY', message, options); }
}

/** More rows are waiting for a predictor than may wait (`ERR_OVERLOADED`); try again later. */
export class OverloadedError extends DenselyError {
  constructor(message: string) { super('ERR_OVERLOADED', message); }
}

/** A run stopped by an AbortSignal (`ERR_ABORTED`); `cause` is the signal's reason. */
export class AbortedError extends DenselyError {
  constructor(message: string, reason?: unknown) {
    super('ERR_ABORTED', message, { cause: reason });
    this.name = 'AbortError';
  }
}

/** A bug of the library itself; its message begins with `internal:`. */
export function internal(message: string): Error {
  return new Error(`internal: ${message}`);
}
