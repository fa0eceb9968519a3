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
  readonly check: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

export const usage = `npm run bench -- [options]

  --case A,B        cases to run (default: all; --list prints them)
  --peer A,B        contestants: native, typescript, pytorch (default: all)
  --threads 1,2     numbers of threads each contestant is held to (default: 1 and 2, where there are two processors)
  --runs N          rounds, each contestant once in every round (default: 5)
  --seconds S       seconds that one trial measures at least (default: 1)
  --patience S      a contestant whose trial took longer than this is not asked again (default: 60)
  --json FILE       write the results as JSON
  --settings FILE   take a peer's best settings from the JSON of an earlier run and do not look for them again
  --check           no timing: losses after ten steps from the same weights, against PyTorch
  --list            print the names of the cases`;

/** Options of the command line; throws one sentence where one is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: 'string' }, peer: { type: 'string' }, threads: { type: 'string' }, runs: { type: 'string' },
      seconds: { type: 'string' }, patience: { type: 'string' }, json: { type: 'string' }, settings: { type: 'string' },
      check: { type: 'boolean', default: false }, list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    },
  });
  const threads = list(values.threads)?.map((text) => number('threads', text, 1, true));
  return {
    cases: list(values.case),
    peers: list(values.peer),
    threads: threads ?? [1, 2].filter((count) => count <= availableParallelism()),
    runs: number('runs', values.runs ?? '5', 1, true),
    seconds: number('seconds', values.seconds ?? '1', 0.01, false),
    patience: number('patience', values.patience ?? '60', 0, false),
    json: values.json,
    settings: values.settings,
    check: values.check,
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
