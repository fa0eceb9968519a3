// The guard: measures the library beside plain OpenBLAS, briefly, and compares the ratios with the marks.

import type { BenchmarkCase } from './cases.ts';
import { selectContestants } from './contestants.ts';
import { machine } from './machine.ts';
import { defaultTolerance, ratioOf, readMarks, regression, writeMarks, type Marks } from './marks.ts';
import { measureCase, present, type MeasureOptions } from './measure.ts';
import { digits } from './report.ts';

export interface GuardOptions extends MeasureOptions {
  readonly writesMarks: boolean;
}

/** Resolves to true where nothing regressed, or new marks were written. */
export async function runGuard(chosen: readonly BenchmarkCase[], options: GuardOptions): Promise<boolean> {
  const taking = present(selectContestants(['native', 'openblas']));
  if (taking.length < 2) throw new Error('[bench] expected both the library and plain OpenBLAS for --check');
  const guarded = chosen.filter(({ kind }) => kind === 'training' || kind === 'inference'), { cpu } = machine();
  const marks = currentMarks(cpu), ratios: Record<string, number> = {};
  if (!options.writesMarks && marks.cpu !== cpu) console.log(`The marks are of another machine (${marks.cpu}): a hint here, and no more.`);
  let regressed = 0;
  for (const one of guarded) {
    let ratio = ratioOf(await measureCase(one, taking, options));
    // A moment's disturbance is no regression: who falls short is measured once more, and the better counts.
    if (!options.writesMarks && regression(one.name, ratio, marks) !== undefined) {
      const again = ratioOf(await measureCase(one, taking, { ...options, seconds: 2 * options.seconds }));
      ratio = Math.max(ratio ?? -Infinity, again ?? -Infinity);
    }
    if (ratio !== undefined) ratios[one.name] = Number(ratio.toPrecision(3));
    const complaint = options.writesMarks ? undefined : regression(one.name, ratio, marks), mark = marks.ratios[one.name];
    if (complaint !== undefined) regressed++;
    console.log(complaint === undefined ? `${one.name}: ${digits(ratio ?? NaN)}${mark === undefined ? ', without a mark' : ` (mark ${digits(mark)})`}` : `${complaint}.`);
  }
  if (options.writesMarks) {
    writeMarks({ tolerance: marks.tolerance, tolerances: marks.tolerances, cpu, ratios: { ...marks.ratios, ...ratios } });
    console.log('The marks are written to bench/marks.json.');
    return true;
  }
  console.log(regressed === 0 ? 'Nothing regressed.' : `${regressed} of ${guarded.length} cases regressed.`);
  return regressed === 0;
}

function currentMarks(cpu: string): Marks {
  try {
    return readMarks();
  } catch {
    return { tolerance: defaultTolerance, tolerances: {}, cpu, ratios: {} };
  }
}
