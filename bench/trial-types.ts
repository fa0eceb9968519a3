// What the benchmark's driver says to one trial process and what it hears back, as JSON; node and Python trials alike.

import { dirname, join } from 'node:path';
import type { BenchmarkCase } from './cases.ts';

/** Settings of a contestant that has more than one way to run, such as `{ mode: 'trace', foreach: true }`. */
export type Settings = Readonly<Record<string, string | boolean>>;

export interface TrialRequest {
  readonly case: BenchmarkCase;
  readonly contestant: string;
  readonly threads: number;
  /**
   * `measure` times, `calibrate` times every variant briefly, `agree` reports the loss after a few steps from given weights, `export`
   * writes the network for peers.
   */
  readonly mode: 'measure' | 'calibrate' | 'agree' | 'export';
  /** Seconds that the measured run lasts at least. */
  readonly seconds: number;
  readonly data: DataFiles;
  readonly settings?: Settings;
  /** `calibrate`: the settings to try inside one process. */
  readonly variants?: readonly Settings[];
  /** `agree`: the weights' manifest. The library writes it where `writes` is set; everybody else reads it. */
  readonly weights?: string;
  readonly writes?: boolean;
  /** `agree`: the first `rows` of the data, in order, `epochs` times. */
  readonly plan?: AgreementPlan;
}

export interface AgreementPlan {
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
  /** `agree`: the greatest difference between its probabilities for the first batch and the library's. */
  readonly difference?: number;
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

/** Where the driver keeps a network of the case, exported once: beside its data. */
export function modelPath({ case: one, data }: TrialRequest, extension: 'onnx' | 'safetensors' | 'tfjs.json'): string {
  return join(dirname(data.x), `${one.networkName}.${extension}`);
}

/** Ten steps for a training case, none for an inference case. */
export function agreementPlan(one: BenchmarkCase): AgreementPlan {
  if (one.kind !== 'training') return { rows: one.batch, epochs: 0 };
  const stepsPerEpoch = Math.min(5, Math.floor(one.rows / one.batch));
  return { rows: stepsPerEpoch * one.batch, epochs: Math.ceil(10 / stepsPerEpoch) };
}
