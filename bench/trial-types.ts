// What the benchmark's driver says to one trial process and what it hears back, as JSON; node and Python trials alike.

import type { BenchmarkCase } from './cases.ts';

/** Settings of a contestant that has more than one way to run, such as `{ mode: 'trace', foreach: true }`. */
export type Settings = Readonly<Record<string, string | boolean>>;

export interface TrialRequest {
  readonly case: BenchmarkCase;
  readonly contestant: string;
  readonly threads: number;
  /** `measure` times, `check` reports the loss after a few steps from given weights, `calibrate` times every variant briefly. */
  readonly mode: 'measure' | 'check' | 'calibrate';
  /** Seconds that the measured run lasts at least. */
  readonly seconds: number;
  readonly data: DataFiles;
  readonly settings?: Settings;
  /** `calibrate`: the settings to try inside one process. */
  readonly variants?: readonly Settings[];
  /** `check`: the weights' manifest. The library writes it, its peer reads it. */
  readonly weights?: string;
  /** `check`: the first `rows` of the data, in order, `epochs` times. */
  readonly plan?: CheckPlan;
}

export interface CheckPlan {
  readonly rows: number;
  readonly epochs: number;
}

/** The data set every contestant reads: raw little-endian numbers. */
export interface DataFiles {
  /** Float32, `[rows, inputs]`. */
  readonly x: string;
  /** Int32, one label a row. */
  readonly y: string;
}

export interface TrialResult {
  /** Milliseconds per step or microseconds per call. */
  readonly value?: number;
  /** Steps or calls in the measured run, and how long it took. */
  readonly count?: number;
  readonly seconds?: number;
  /** 99th percentile of the calls, microseconds (inference). */
  readonly p99?: number;
  /** Processors that worked for other processes meanwhile, on average. */
  readonly others?: number;
  /** Mean loss over the first batch, before anything ran and after everything ran. */
  readonly lossBefore?: number;
  readonly lossAfter?: number;
  readonly versions: Readonly<Record<string, string>>;
  /** `calibrate`: what each variant took. */
  readonly variants?: readonly TriedSettings[];
}

export interface TriedSettings {
  readonly settings: Settings;
  readonly value: number;
  readonly others?: number;
  /** True for the few that were measured again, longer: `value` is what they took then. */
  readonly finalist?: boolean;
}

/** Ten steps for a training case, none for an inference case. */
export function checkPlan(one: BenchmarkCase): CheckPlan {
  if (one.kind === 'inference') return { rows: one.batch, epochs: 0 };
  const stepsPerEpoch = Math.min(5, Math.floor(one.rows / one.batch));
  return { rows: stepsPerEpoch * one.batch, epochs: Math.ceil(10 / stepsPerEpoch) };
}
