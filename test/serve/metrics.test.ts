// What a predictor counts: histograms with fixed buckets, and the text that Prometheus reads.
import { describe, expect, test } from 'vitest';
import { createPredictor, dense, Network } from '../../lib/index.ts';
import { Histogram, logarithmicBounds, quantileOf } from '../../lib/serve/histogram.ts';
import { expectRefusal, refusal, rowsOf } from '../helpers/networks.ts';

describe('histograms', () => {
  test('values fall into the bucket whose bound is the first not below them', () => {
    const histogram = new Histogram([1, 2, 4]);
    for (const value of [0.5, 1, 1.5, 2, 3, 4, 5, 100]) histogram.add(value);
    expect(histogram.data()).toEqual({ bounds: [1, 2, 4], counts: [2, 2, 2, 2], count: 8, sum: 117 });
  });

  test('bounds are a geometric series', () => {
    expect(logarithmicBounds(1, 2, 5)).toEqual([1, 2, 4, 8, 16]);
    expect(logarithmicBounds(1e-4, Math.SQRT2, 4)).toEqual([1e-4, 1.41e-4, 2e-4, 2.83e-4]);
  });

  test('quantiles are interpolated in their bucket', () => {
    const histogram = new Histogram([10, 20, 40]);
    for (let i = 0; i < 10; i++) histogram.add(15);
    for (let i = 0; i < 30; i++) histogram.add(30);
    const data = histogram.data();
    expect(quantileOf(data, 0.125)).toBeCloseTo(15, 10);
    expect(quantileOf(data, 0.25)).toBeCloseTo(20, 10);
    expect(quantileOf(data, 0.625)).toBeCloseTo(30, 10);
    expect(quantileOf(data, 1)).toBe(40);
    histogram.add(1000);
    expect(quantileOf(histogram.data(), 1)).toBe(40);
    expect(quantileOf(new Histogram([1]).data(), 0.5)).toBeNaN();
  });
});

/** Samples by name with labels, and the type of each family; every sample belongs to the family announced before it. */
function parse(text: string): { samples: Map<string, number>; types: Map<string, string> } {
  const samples = new Map<string, number>(), types = new Map<string, string>(), helped = new Set<string>();
  let family = '';
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP (\S+) \S.*$/.exec(line), type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (help !== null) {
      expect(helped.has(help[1]!)).toBe(false);
      helped.add(help[1]!);
    } else if (type !== null) {
      family = type[1]!;
      expect(helped.has(family)).toBe(true);
      types.set(family, type[2]!);
    } else {
      const [, name, labels = '', value] = /^([a-z_]+)(\{(?:[a-zA-Z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})? (\S+)$/.exec(line) ?? expect.fail(line);
      expect(types.get(family) === 'histogram' ? [`${family}_bucket`, `${family}_sum`, `${family}_count`] : [family]).toContain(name);
      expect(samples.has(name! + labels)).toBe(false);
      samples.set(name! + labels, Number(value));
    }
  }
  return { samples, types };
}

describe('a predictor', () => {
  const network = new Network({ inputs: 3, layers: [dense(2)] });

  test('counts as data and as text the same', async () => {
    const predictor = createPredictor(network, { maxBatch: 8 });
    await Promise.all([1, 2, 3, 6].map((rows) => predictor.predict(rowsOf(rows, 3, rows))));
    await refusal(() => predictor.predict([1]));
    const data = predictor.metrics(), { samples, types } = parse(predictor.prometheus());
    expect(samples.get('densely_predictor_requests_total')).toBe(4);
    expect(samples.get('densely_predictor_rows_total')).toBe(12);
    expect(samples.get('densely_predictor_answered_total')).toBe(4);
    expect(samples.get('densely_predictor_batches_total')).toBe(2);
    expect(samples.get('densely_predictor_refused_total{reason="invalid"}')).toBe(1);
    expect(samples.get('densely_predictor_refused_total{reason="overloaded"}')).toBe(0);
    expect(samples.get('densely_predictor_batch_rows_bucket{le="4"}')).toBe(0);
    expect(samples.get('densely_predictor_batch_rows_bucket{le="8"}')).toBe(2);
    expect(samples.get('densely_predictor_batch_rows_bucket{le="+Inf"}')).toBe(2);
    expect(samples.get('densely_predictor_batch_rows_sum')).toBe(12);
    expect(samples.get('densely_predictor_latency_seconds_count')).toBe(4);
    expect(samples.get('densely_predictor_latency_seconds_sum')).toBe(data.latency.sum);
    expect(samples.get('densely_predictor_run_seconds_count')).toBe(2);
    expect(types.get('densely_predictor_waiting_rows')).toBe('gauge');
    const { p50, p95, p99 } = data.latency;
    expect(0 < p50 && p50 <= p95 && p95 <= p99 && p99 < 30).toBe(true);
    // Buckets are cumulative.
    const buckets = [...samples].filter(([name]) => name.startsWith('densely_predictor_latency_seconds_bucket')).map(([, value]) => value);
    expect(buckets.at(-1)).toBe(4);
    buckets.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(buckets[i - 1] ?? 0));
    await predictor.close();
  });

  test('labels are on every sample, escaped', async () => {
    const predictor = createPredictor(network), text = predictor.prometheus({ model: 'a "b" \\ c\nd', version: '2' });
    const { samples } = parse(text);
    for (const name of samples.keys()) expect(name).toContain('{model="a \\"b\\" \\\\ c\\nd",version="2"');
    for (const labels of [{ le: '1' }, { reason: 'x' }, { '1a': 'x' }, { __x: 'y' }, { model: 3 }, null]) expectRefusal(await refusal(() => predictor.prometheus(labels as never)), 'ERR_OPTION', '[prometheus]');
    await predictor.close();
  });
});
