// Spaces of configurations: names with what each can be, walked through as a grid or drawn from at random.
import { DataError, OptionError } from '../errors.ts';
import { boolean, checkOptions, finiteNumber, oneOf, positiveInteger, quote } from '../options.ts';
import { RandomStream, streams } from '../random/philox.ts';
import { shuffle } from '../random/shuffle.ts';

/** Numbers from one to another, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** `'log'`: equal ratios are equally likely (default `'linear'`: equal differences). */
  readonly scale?: 'linear' | 'log';
  /** Whole numbers alone (default false). */
  readonly integer?: boolean;
  /** Values in a grid, evenly from one end to the other on the scale. */
  readonly steps?: number;
}

/** What each part of a configuration can be: one of a list, or a number of a range. */
export type SearchSpace = Readonly<Record<string, readonly unknown[] | Range>>;

/** A configuration of a space. */
export type ConfigurationOf<Space extends SearchSpace> = { readonly [Name in keyof Space]: Space[Name] extends readonly (infer Value)[] ? Value : number };

const where = 'search';

function checkRange(name: string, range: Range): Required<Omit<Range, 'steps'>> & Pick<Range, 'steps'> {
  const of = `${where} ${quote(name)}`;
  checkOptions(of, range, ['from', 'to', 'scale', 'integer', 'steps'], 'part of a range');
  const from = finiteNumber(of, 'from', range.from), to = finiteNumber(of, 'to', range.to), scale = oneOf(of, 'scale', range.scale ?? 'linear', ['linear', 'log']);
  const integer = boolean(of, 'integer', range.integer ?? false);
  if (!(from < to)) throw new OptionError(`[${of}] expected 'from' to be less than 'to' but received ${from} and ${to}`);
  if (scale === 'log' && from <= 0) throw new OptionError(`[${of}] expected 'from' to be positive on a logarithmic scale but received ${from}`);
  if (integer && !(Number.isSafeInteger(from) && Number.isSafeInteger(to))) throw new OptionError(`[${of}] expected whole numbers at the ends but received ${from} and ${to}`);
  if (range.steps !== undefined && positiveInteger(of, 'steps', range.steps) < 2) throw new OptionError(`[${of}] expected at least 2 'steps' but received ${range.steps}`);
  return { ...range, from, to, scale, integer };
}

type Entry = { readonly name: string } & ({ readonly values: readonly unknown[] } | { readonly range: ReturnType<typeof checkRange> });

/** The parts of a space, checked. */
export function entriesOf(space: SearchSpace): Entry[] {
  if (typeof space !== 'object' || space === null || Object.keys(space).length === 0) throw new OptionError("[search] expected 'space' to be an object of lists and ranges");
  return Object.entries(space).map(([name, given]): Entry => {
    if (!Array.isArray(given)) return { name, range: checkRange(name, given as Range) };
    if (given.length === 0) throw new DataError(`[search ${quote(name)}] expected at least one value`);
    return { name, values: given };
  });
}

type Checked = ReturnType<typeof checkRange>;

/** The number at a share from 0 to 1 of a range. Each whole number has its own part of the scale. */
function numberAt({ from, to, scale, integer }: Checked, share: number): number {
  const low = integer ? from - (scale === 'log' ? Math.min(0.5, from / 2) : 0.5) : from, high = integer ? to + 0.5 : to;
  const value = scale === 'log' ? low * (high / low) ** share : low + (high - low) * share;
  return Math.min(Math.max(integer ? Math.round(value) : value, from), to);
}

/** The values of a part in a grid. */
function gridValues(entry: Entry): readonly unknown[] {
  if ('values' in entry) return entry.values;
  const { from, to, scale, integer, steps } = entry.range;
  if (steps === undefined && integer && scale === 'linear') return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  if (steps === undefined) throw new OptionError(`[search ${quote(entry.name)}] expected 'steps' for a range in a grid`);
  const values = Array.from({ length: steps }, (_, i) => {
    const share = i / (steps - 1), value = i === steps - 1 ? to : scale === 'log' ? from * (to / from) ** share : from + (to - from) * share;
    return integer ? Math.round(value) : value;
  });
  return [...new Set(values)];
}

type Configuration = Record<string, unknown>;

/** Configurations by number, and how many there are. */
export interface Plan {
  readonly count: number;
  at(number: number): Configuration;
}

/** All combinations of the values; the last name changes first. */
function combinations(lists: readonly { readonly name: string; readonly values: readonly unknown[] }[]): Plan {
  return {
    count: lists.reduce((so, { values }) => so * values.length, 1),
    at(number) {
      let rest = number;
      const chosen = lists.toReversed().map(({ name, values }): [string, unknown] => {
        const value = values[rest % values.length];
        rest = Math.floor(rest / values.length);
        return [name, value];
      });
      return Object.fromEntries(chosen.toReversed());
    },
  };
}

/** Most combinations of lists that are shuffled as a whole. */
const mostShuffled = 2 ** 20;

/** Configurations of a search: a function of the space, the seed and their number alone. */
export function planOf(entries: readonly Entry[], strategy: 'grid' | 'random', seed: number): Plan {
  if (strategy === 'grid') return combinations(entries.map((entry) => ({ name: entry.name, values: gridValues(entry) })));
  const lists = entries.flatMap((entry) => ('values' in entry ? [entry] : [])), all = combinations(lists);
  if (lists.length === entries.length && all.count <= mostShuffled) {
    // Nothing is tried twice.
    const order = Int32Array.from({ length: all.count }, (_, i) => i);
    shuffle(order, seed, streams.trials);
    return { count: all.count, at: (number) => all.at(order[number]!) };
  }
  return {
    count: Infinity,
    at(number) {
      const random = new RandomStream(seed, streams.trials, number);
      const drawn = (entry: Entry): unknown => ('values' in entry ? entry.values[random.below(entry.values.length)] : numberAt(entry.range, random.uniform()));
      return Object.fromEntries(entries.map((entry) => [entry.name, drawn(entry)]));
    },
  };
}
