// The command line of the benchmark.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly cases: readonly string[] | undefined;
  readonly peers: readonly string[] | undefined;
  readonly threads: readonly number[];
  readonly runs: number;
  readonly seconds: number;
  readonly patience: number;
  readonly json: string | undefined;
  readonly settings: string | undefined;
  readonly agree: boolean;
  readonly check: boolean;
  readonly writesMarks: boolean;
  /** The results to write docs of. */
  readonly docs: string | undefined;
  readonly list: boolean;
  readonly help: boolean;
}

export const usage = `npm run bench -- [options]

  --case A,B        cases to run (default: all; --list prints them)
  --peer A,B        contestants (default: all); the library's own: native, native-async, native-bf16, native-hog, typescript;
                    peers: pytorch, onnxruntime, scikit-learn, tfjs-wasm, tfjs-cpu, brain.js; bounds: openblas, peak-f32, peak-bf16
  --threads 1,2     numbers of threads each contestant is held to (default: 1 and 2, where there are two processors)
  --runs N          rounds, each contestant once in every round (default: 5; with --check 3)
  --seconds S       seconds that one trial measures at least (default: 1; with --check 0.3)
  --patience S      a contestant whose trial took longer than this is not asked again (default: 30)
  --json FILE       write the results as JSON
  --settings FILE   take a peer's best settings from the JSON of an earlier run and do not look for them again
  --agree           no timing: losses after ten steps from the same weights, against every peer that can be given them
  --check           a few minutes: is the library as fast beside plain OpenBLAS as bench/marks.json says?
  --write-marks     with --check: write what was measured as the new marks
  --docs FILE       no timing: write docs/benchmarks.md and docs/benchmarks.svg from the JSON of an earlier run
  --list            print the names of the cases`;

/** Options of the command line; throws one sentence where one is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: 'string' }, peer: { type: 'string' }, threads: { type: 'string' }, runs: { type: 'string' },
      seconds: { type: 'string' }, patience: { type: 'string' }, json: { type: 'string' }, settings: { type: 'string' },
      agree: { type: 'boolean', default: false }, check: { type: 'boolean', default: false }, 'write-marks': { type: 'boolean', default: false },
      docs: { type: 'string' }, list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    },
  });
  if (values['write-marks'] && !values.check) throw new Error('[bench] expected --check beside --write-marks');
  const threads = list(values.threads)?.map((text) => number('threads', text, 1, true));
  return {
    cases: list(values.case),
    peers: list(values.peer),
    threads: threads ?? [1, 2].filter((count) => count <= availableParallelism()),
    runs: number('runs', values.runs ?? (values.check ? '3' : '5'), 1, true),
    seconds: number('seconds', values.seconds ?? (values.check ? '0.3' : '1'), 0.01, false),
    patience: number('patience', values.patience ?? '30', 0, false),
    json: values.json,
    settings: values.settings,
    agree: values.agree,
    check: values.check,
    writesMarks: values['write-marks'],
    docs: values.docs,
    list: values.list,
    help: values.help,
  };
}

function list(text: string | undefined): string[] | undefined {
  return text?.split(',').map((item) => item.trim()).filter((item) => item !== '');
}

function number(name: string, text: string, least: number, whole: boolean): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least || (whole && !Number.isInteger(value))) {
    throw new Error(`[bench] expected --${name} to be ${whole ? 'a whole number' : 'a number'} of at least ${least} but received '${text}'`);
  }
  return value;
}
