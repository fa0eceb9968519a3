import { describe, expect, test } from 'vitest';
import { chart } from '../../bench/chart.ts';
import { benchmarksPage } from '../../bench/docs.ts';
import type { ResultRow } from '../../bench/report.ts';

const row = (caseName: string, unit: string, contestant: string, threads: number, median: number, more: Partial<ResultRow> = {}): ResultRow => ({
  case: caseName, contestant, threads, unit, median, min: median * 0.9, max: median * 1.1, runs: 3, values: [median], versions: { [contestant]: '1' }, ...more,
});
const rows = [
  row('W1-32-sgd', 'ms/step', 'native', 1, 0.2), row('W1-32-sgd', 'ms/step', 'native', 2, 0.1), row('W1-32-sgd', 'ms/step', 'native-hog', 2, 0.15),
  row('W1-32-sgd', 'ms/step', 'pytorch', 2, 0.3, { settings: { chosen: { mode: 'trace' }, tried: [] } }), row('W1-32-sgd', 'ms/step', 'tfjs-wasm', 1, 5),
  row('W1-predict-64', 'us/call', 'native', 2, 100), row('W1-predict-64', 'us/call', 'onnxruntime', 2, 80), row('W1-predict-64', 'us/call', 'openblas', 1, 90),
  row('W2-predict-16', 'us/call', 'native', 1, 100), row('W2-predict-16', 'us/call', 'pytorch', 1, 101),
  row('W2-concurrent-64', 'us/row', 'native', 2, 12.5),
  row('peak', 'GFLOP/s', 'peak-f32', 2, 200),
];

describe('the page', () => {
  const lines = benchmarksPage(rows).split('\n');

  test('counts who is faster, and keeps what is lost', () => {
    expect(lines.find((line) => line.startsWith('Densely is clearly faster'))).toContain('in 1 of 3 cases, and clearly slower in 1');
    expect(lines).toContain('| `W1-32-sgd` | ms/step | 0.100 (2 threads) | PyTorch, 2 threads | 0.300 | 3.00× | 65 % |');
    expect(lines).toContain('| `W1-predict-64` | us/call | 100 (2 threads) | ONNX Runtime, 2 threads | 80.0 | 0.800× | 65 % |');
  });

  test('says where the ranges overlap', () => {
    expect(lines.find((line) => line.startsWith('| `W2-predict-16` | us/call'))).toContain('1.01× (ranges overlap)');
  });

  test('has threads, everybody, settings, and the rest', () => {
    expect(lines).toContain('| `W1-32-sgd` | 2.00× | 1.50× |');
    expect(lines).toContain('| case | native-hog | PyTorch | TensorFlow.js (WebAssembly) | ONNX Runtime | plain OpenBLAS |');
    expect(lines).toContain('| `W1-32-sgd` | PyTorch | 2 | 0.300 | 0.270 | 0.330 | 3 | 22 % | mode=trace |');
    expect(lines).toContain('| `W2-concurrent-64` | Densely, 2 threads | 12.5 | 11.3 | 13.8 | us/row (80000 rows/s) |');
  });
});

describe('the picture', () => {
  test('has a panel for training and one for inference, with a bar a case', () => {
    const svg = chart(rows);
    expect(svg.match(/<rect class="(faster|slower)"/g)).toEqual(['<rect class="faster"', '<rect class="slower"', '<rect class="faster"']);
    for (const text of ['Training', 'Inference', '3.00× PyTorch', '0.800× ONNX Runtime', 'prefers-color-scheme: dark']) expect(svg).toContain(text);
    expect(svg.match(/class="one"/g)).toHaveLength(2);
  });

  test('leaves a panel out that has no bars, and is none without any', () => {
    expect(chart(rows.slice(0, 4))).not.toContain('Inference');
    expect(() => chart(rows.slice(0, 2))).toThrow('expected a case with the native backend and a peer');
  });
});
