import { describe, expect, test } from 'vitest';
import { verdict } from '../../bench/agree.ts';
import { lossComplaint, meanLoss } from '../../bench/loss.ts';
import { parseOptions } from '../../bench/options.ts';
import { best, bestPeer, caseTable, digits, shareOfPeak, summary, versionLines, type ResultRow } from '../../bench/report.ts';

const row = (contestant: string, threads: number, median: number, more: Partial<ResultRow> = {}): ResultRow => ({
  case: 'W1-32-adam', contestant, threads, unit: 'ms/step', median, min: median * 0.9, max: median * 1.5, runs: 3,
  values: [median * 0.9, median, median * 1.5], versions: { [contestant]: String(threads) }, ...more,
});
const rows = [row('native', 1, 0.2), row('native', 2, 0.125), row('typescript', 1, 40), row('pytorch', 1, 0.25, {
  others: 0.2, settings: { chosen: { mode: 'eager', foreach: true }, tried: [] },
}), row('pytorch', 2, 0.5)];

describe('report', () => {
  test('compares everybody at their best number of threads', () => {
    expect(best(rows, 'W1-32-adam', 'native')?.threads).toBe(2);
    expect(best(rows, 'W0', 'native')).toBeUndefined();
    expect(bestPeer(rows, 'W1-32-adam')).toBe(rows[3]);
    expect(summary(rows)).toBe([
      'case           unit  native (threads)  of peak    best peer  ÷ native  typescript  pytorch',
      'W1-32-adam  ms/step         0.125 (2)        -  pytorch (1)     2.00×        320×    2.00×',
    ].join('\n'));
  });

  test('has no ratios without a peer', () => {
    expect(summary(rows.slice(0, 2)).split('\n')[1]).toMatch(/0\.125 \(2\) +- +- +-$/);
  });

  test('has shares of the peak of as many threads', () => {
    const peaks = [1, 2].map((threads) => row('peak-f32', threads, 100 * threads, { case: 'peak', unit: 'GFLOP/s' }));
    const gflop = (2 * 32 * (2 * 784 * 128 + 3 * 128 * 10)) / 1e9;
    expect(shareOfPeak(rows[1]!, [...rows, ...peaks])).toBeCloseTo(gflop / 0.125e-3 / 200, 12);
    expect(shareOfPeak(rows[0]!, [...rows, ...peaks])).toBeCloseTo(gflop / 0.2e-3 / 100, 12);
    expect(shareOfPeak(rows[0]!, rows)).toBeUndefined();
    expect(summary([...rows, ...peaks])).not.toContain('GFLOP');
  });

  test('prints a case with spread, rounds and chosen settings', () => {
    const lines = caseTable(rows).split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^W1-32-adam \(ms\/step\) +threads +median +min +max +rounds +others +settings$/);
    expect(lines[4]).toMatch(/^ {2}pytorch +1 +0\.250 +0\.225 +0\.375 +3 +0\.20 +mode=eager foreach=true$/);
  });

  test('lists every version once', () => {
    expect(versionLines(rows)).toBe('native: 1; 2\ntypescript: 1\npytorch: 1; 2');
  });

  test('writes three significant digits', () => {
    expect([0, 0.000334, 0.0123, 0.999, 1.234, 56.78, 1234.5].map(digits)).toEqual(['0', '0.000334', '0.0123', '0.999', '1.23', '56.8', '1235']);
  });
});

describe('loss', () => {
  test('is the mean negative log-likelihood', () => {
    expect(meanLoss('crossEntropy', [0.5, 0.25, 0.25, 0.1, 0.1, 0.8], [0, 2])).toBeCloseTo((Math.log(2) - Math.log(0.8)) / 2, 12);
    expect(meanLoss('binaryCrossEntropy', [0.5, 0.2], [1, 0])).toBeCloseTo((Math.log(2) - Math.log(0.8)) / 2, 12);
    expect(() => meanLoss('crossEntropy', [0.5, 0.5, 1], [0, 1])).toThrow('expected whole rows for 2 labels');
  });

  test('is complained of unless it is finite and goes down', () => {
    expect(lossComplaint(2.3, 0.4)).toBeUndefined();
    expect(lossComplaint(2.3, 2.3)).toContain('did not go down');
    expect(lossComplaint(2.3, NaN)).toContain('not finite');
    expect(lossComplaint(2.3, undefined)).toBe('reported no loss');
  });

  test('agrees to 1e-4 before and after the steps, or the difference is named', () => {
    expect(verdict({ lossBefore: 2.30001, lossAfter: 1 }, { lossBefore: 2.3, lossAfter: 1.00009 })).toBe('agrees');
    expect(verdict({ lossBefore: 2.3, lossAfter: 1 }, { lossBefore: 2.3, lossAfter: 1.01 })).toBe('differs by 0.0e+0 before and 1.0e-2 after the steps');
    expect(verdict({ lossBefore: 2.3 }, { lossBefore: 2.3, lossAfter: 1 })).toContain('NaN');
    expect(verdict({ lossBefore: 2, lossAfter: 1 }, { lossBefore: 2, lossAfter: 1, difference: 0.01 })).toBe('has probabilities that differ by up to 1.0e-2');
  });
});

describe('options', () => {
  test('are read from the command line', () => {
    expect(parseOptions(['--case', 'W0,W1-32-adam', '--peer', 'native', '--threads', '1,2', '--runs', '3', '--seconds', '0.5', '--json', 'out.json']))
      .toMatchObject({ cases: ['W0', 'W1-32-adam'], peers: ['native'], threads: [1, 2], runs: 3, seconds: 0.5, json: 'out.json', check: false, agree: false });
    expect(parseOptions([])).toMatchObject({ cases: undefined, peers: undefined, runs: 5, seconds: 1, patience: 30 });
    expect(parseOptions(['--check', '--write-marks', '--seconds', '0.5'])).toMatchObject({ check: true, writesMarks: true, runs: 3, seconds: 0.5 });
    expect(parseOptions(['--docs', 'results.json']).docs).toBe('results.json');
  });

  test('that are wrong are named', () => {
    expect(() => parseOptions(['--runs', '0'])).toThrow("[bench] expected --runs to be a whole number of at least 1 but received '0'");
    expect(() => parseOptions(['--threads', '1,two'])).toThrow("expected --threads to be a whole number of at least 1 but received 'two'");
    expect(() => parseOptions(['--seconds', ''])).toThrow('expected --seconds');
    expect(() => parseOptions(['--fast'])).toThrow('--fast');
    expect(() => parseOptions(['--write-marks'])).toThrow('[bench] expected --check beside --write-marks');
  });
});
