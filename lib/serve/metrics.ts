// What a predictor counts, as data and in Prometheus' text format.
import { OptionError } from '../errors.ts';
import { describe, quote } from '../options.ts';
import { Histogram, logarithmicBounds, quantileOf, type HistogramData } from './histogram.ts';

/** What a predictor has counted since it was made. */
export interface PredictorMetrics {
  /** Calls that entered the queue, and their rows. */
  readonly requests: number;
  readonly rows: number;
  /** Calls answered, and calls whose batch failed. */
  readonly answered: number;
  readonly failed: number;
  /** Calls refused before they entered the queue, by the reason. */
  readonly refused: { readonly overloaded: number; readonly invalid: number; readonly closed: number };
  readonly batches: number;
  readonly swaps: number;
  /** Rows waiting for a batch to begin, and rows of the batch that runs, at this moment. */
  readonly waitingRows: number;
  readonly runningRows: number;
  /** Rows of each batch. */
  readonly batchRows: HistogramData;
  /** Seconds from call to answer. */
  readonly latency: HistogramData & Latency;
  /** Seconds of each batch's run. */
  readonly runTime: HistogramData;
}

/** Quantiles of the latency in seconds, as exact as its buckets; NaN before the first answer. */
export interface Latency { readonly p50: number; readonly p95: number; readonly p99: number }

/** 0.1 ms to 26 s, each √2 times the one before. */
const secondsBounds = logarithmicBounds(1e-4, Math.SQRT2, 37);
/** 1 to 8192 rows. */
const rowsBounds = logarithmicBounds(1, 2, 14);

export class Counters {
  requests = 0;
  rows = 0;
  answered = 0;
  failed = 0;
  readonly refused = { overloaded: 0, invalid: 0, closed: 0 };
  batches = 0;
  swaps = 0;
  waitingRows = 0;
  runningRows = 0;
  readonly batchRows = new Histogram(rowsBounds);
  readonly latency = new Histogram(secondsBounds);
  readonly runTime = new Histogram(secondsBounds);

  data(): PredictorMetrics {
    const { requests, rows, answered, failed, refused, batches, swaps, waitingRows, runningRows } = this, latency = this.latency.data();
    return {
      requests, rows, answered, failed, refused: { ...refused }, batches, swaps, waitingRows, runningRows, batchRows: this.batchRows.data(),
      latency: { ...latency, p50: quantileOf(latency, 0.5), p95: quantileOf(latency, 0.95), p99: quantileOf(latency, 0.99) }, runTime: this.runTime.data(),
    };
  }
}

type Labels = Readonly<Record<string, string>>;

function checkLabels(labels: unknown): Labels {
  if (typeof labels !== 'object' || labels === null) throw new OptionError(`[prometheus] expected labels to be an object of texts but received ${describe(labels)}`);
  for (const [name, value] of Object.entries(labels)) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name.startsWith('__') || name === 'le' || name === 'reason') throw new OptionError(`[prometheus] expected names of labels of letters, digits and '_', neither 'le' nor 'reason', but received ${quote(name)}`);
    if (typeof value !== 'string') throw new OptionError(`[prometheus] expected label '${name}' to be a text but received ${describe(value)}`);
  }
  return labels as Labels;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

/** `{a="1",b="2"}`, or nothing without labels. */
function formatLabels(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (character) => escapes[character]!)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

/** The metrics in the text exposition format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). */
export function formatPrometheus(metrics: PredictorMetrics, given: Labels): string {
  const labels = checkLabels(given), lines: string[] = [];
  const family = (name: string, type: 'counter' | 'gauge' | 'histogram', help: string): string => {
    const full = `densely_predictor_${name}`;
    lines.push(`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`);
    return full;
  };
  const single = (name: string, type: 'counter' | 'gauge', help: string, value: number): void => {
    lines.push(`${family(name, type, help)}${formatLabels(labels)} ${value}`);
  };
  const histogram = (name: string, help: string, { bounds, counts, count, sum }: HistogramData): void => {
    const full = family(name, 'histogram', help);
    let so = 0;
    bounds.forEach((bound, i) => {
      so += counts[i]!;
      lines.push(`${full}_bucket${formatLabels({ ...labels, le: String(bound) })} ${so}`);
    });
    lines.push(`${full}_bucket${formatLabels({ ...labels, le: '+Inf' })} ${count}`, `${full}_sum${formatLabels(labels)} ${sum}`, `${full}_count${formatLabels(labels)} ${count}`);
  };
  single('requests_total', 'counter', 'Calls that entered the queue.', metrics.requests);
  single('rows_total', 'counter', 'Rows of these calls.', metrics.rows);
  single('answered_total', 'counter', 'Calls answered.', metrics.answered);
  single('failed_total', 'counter', 'Calls whose batch failed.', metrics.failed);
  const refused = family('refused_total', 'counter', 'Calls refused before they entered the queue.');
  for (const [reason, value] of Object.entries(metrics.refused)) lines.push(`${refused}${formatLabels({ ...labels, reason })} ${value}`);
  single('batches_total', 'counter', 'Batches begun.', metrics.batches);
  single('swaps_total', 'counter', 'Networks put in the place of another.', metrics.swaps);
  single('waiting_rows', 'gauge', 'Rows waiting for a batch to begin.', metrics.waitingRows);
  single('running_rows', 'gauge', 'Rows of the batch that runs.', metrics.runningRows);
  histogram('batch_rows', 'Rows of each batch.', metrics.batchRows);
  histogram('latency_seconds', 'Seconds from call to answer.', metrics.latency);
  histogram('run_seconds', 'Seconds of the run of each batch.', metrics.runTime);
  return `${lines.join('\n')}\n`;
}
