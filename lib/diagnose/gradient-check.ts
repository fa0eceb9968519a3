// Gradient checking: backpropagation against central differences, in double precision, entry by entry.
import { CompiledGraph, type Tensor } from '../backend/compiled.ts';
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { ancestors } from '../graph/query.ts';
import { countOf, formatShape } from '../graph/shape.ts';
import { checkOptions, invalid, nonNegativeInteger, numberIn, positiveInteger } from '../options.ts';
import { gradients } from '../ops/gradients.ts';
import { flattenValues, variableOps, type Values } from '../ops/variables.ts';
import { RandomStream, streams } from '../random/philox.ts';
import { short } from './finding.ts';

/** What is checked of a graph: a scalar and its gradients with respect to variables. */
export interface GraphToCheck {
  /** A scalar node. */
  readonly loss: Node;
  /** Inputs, parameters or state tensors. */
  readonly targets: readonly Node[];
  /** Values of the graph's inputs and hyper nodes, by name. */
  readonly feeds?: Readonly<Record<string, Values>>;
  /** Values of parameters and state tensors, by name (default: their initial values). */
  readonly state?: Readonly<Record<string, Values>>;
}

/** Options of `checkGradients`. */
export interface GradientCheckOptions {
  /** Entries checked of each tensor, drawn by `seed` (default 20), or `'all'`. */
  readonly samples?: number | 'all';
  /** Largest relative error that passes (default 1e-6). */
  readonly tolerance?: number;
  /** Draws the entries (default 0). */
  readonly seed?: number;
}

export const gradientCheckNames = ['samples', 'tolerance', 'seed'] as const;

/** An entry of a gradient: by backpropagation, and by differences. */
export interface CheckedEntry {
  readonly tensor: string;
  readonly index: readonly number[];
  readonly computed: number;
  readonly expected: number;
  /** The difference against the larger of the two, of the typical entry of the tensor, and of what differences can tell at all. */
  readonly relativeError: number;
}

/** What was found of a tensor. */
export interface CheckedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Entries compared. */
  readonly checked: number;
  /** Entries left out because the loss has a kink there. */
  readonly kinks: number;
  readonly worst: CheckedEntry | undefined;
}

/** The outcome of a check. `toString()` is for people. */
export class GradientCheck {
  /** No entry compared is further off than the tolerance, and there was one to compare. */
  readonly passed: boolean;
  readonly tolerance: number;
  readonly tensors: readonly CheckedTensor[];
  /** The entry furthest off, of all tensors. */
  readonly worst: CheckedEntry | undefined;
  /** Entries at which the slopes to both sides differ, as at 0 of relu: no failures, for neither is the gradient. */
  readonly kinks: readonly CheckedEntry[];

  constructor(tensors: readonly CheckedTensor[], kinks: readonly CheckedEntry[], tolerance: number) {
    this.tolerance = tolerance;
    this.tensors = tensors;
    this.kinks = kinks;
    this.worst = tensors.reduce<CheckedEntry | undefined>((worst, tensor) => (worst === undefined || (tensor.worst?.relativeError ?? -1) > worst.relativeError ? tensor.worst : worst), undefined);
    this.passed = this.worst !== undefined && this.worst.relativeError <= tolerance;
  }

  /** A table of all tensors with their largest error, and a sentence about the worst of all. */
  toString(): string {
    const rows = this.tensors.map(({ name, shape, checked, kinks, worst }) => [name, `[${shape.join(', ')}]`, String(checked), String(kinks), worst === undefined ? '' : short(worst.relativeError)]);
    const table = [['tensor', 'shape', 'checked', 'kinks', 'largest error'], ...rows];
    const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]!.length)));
    const lines = table.map((row) => row.map((text, column) => (column < 2 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!))).join('  ').trimEnd());
    return [`Gradients ${this.passed ? 'agree' : 'do not agree'} with central differences (tolerance ${this.tolerance}).`, ...lines, this.verdict()].join('\n');
  }

  private verdict(): string {
    if (this.worst === undefined) return 'Nothing could be compared: the loss has a kink at every entry.';
    const { tensor, index, computed, expected, relativeError } = this.worst;
    return `Worst: ${tensor}[${index.join(', ')}], computed ${computed}, expected ${expected}, relative error ${short(relativeError)}.`;
  }
}

/** Widths of the differences, in units of the entry's size or 1: the first one that no kink lies within is taken. */
const stepWidths = [1e-4, 1e-5, 1e-6];
/** Rounding errors of a loss, in units in the last place. */
const roundings = 64;

/** A variable of a program, whose entries are changed one by one. */
interface Target {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
  /** Tells the program of changed values. */
  write(): void;
}

/**
 * Compares gradients of a graph with central differences of fourth order, (8 [f(x + h) − f(x − h)] − [f(x + 2h) − f(x − 2h)]) / 12h, in
 * double precision on the TypeScript backend. Random draws are the same in every run, and state tensors do not change.
 * @throws {OptionError} On options, targets or feeds that do not fit; {ShapeError} on values that do not.
 */
export function checkGraph(subject: GraphToCheck, options: GradientCheckOptions = {}): GradientCheck {
  const where = 'checkGradients';
  checkOptions(where, options, gradientCheckNames);
  checkOptions(where, subject, ['loss', 'targets', 'feeds', 'state'], 'part');
  const { loss, targets, feeds = {}, state = {} } = subject;
  const samples = options.samples === 'all' ? Infinity : positiveInteger(where, 'samples', options.samples ?? 20);
  const tolerance = numberIn(where, 'tolerance', options.tolerance ?? 1e-6, { from: 0, to: 1, openFrom: true }), seed = nonNegativeInteger(where, 'seed', options.seed ?? 0);
  if (!Array.isArray(loss?.shape) || countOf(loss.shape) !== 1 || loss.shape[0] === 'rows') throw invalid(where, 'loss', 'a scalar node', loss?.shape === undefined ? loss : formatShape(loss.shape));
  if (!Array.isArray(targets) || targets.length === 0) throw invalid(where, 'targets', 'an array of at least one variable', targets);
  for (const target of targets) {
    if (![variableOps.input, variableOps.parameter, variableOps.state].includes(target?.op)) throw new OptionError(`[${where}] expected 'targets' to be inputs, parameters or state tensors but one is ${target?.op === undefined ? 'no node' : `made by ${target.op.name}`}`);
  }
  const unfed = targets.find(({ op, name }) => op === variableOps.input && feeds[name] === undefined);
  if (unfed !== undefined) throw new OptionError(`[${where}] expected a value for '${unfed.name}' among the feeds`);
  const parts = gradients(loss, targets), rows = rowsOf(ancestors([loss, ...targets]), feeds);
  const computed = withProgram({ loss, ...Object.fromEntries(parts.map((part, i) => [`d${i}`, part])) }, rows, feeds, state, (run) => run());
  return withProgram({ loss }, rows, feeds, state, (run, variable) => {
    const evaluate = (): number => run()['loss']!.data[0]!, kinks: CheckedEntry[] = [];
    const tensors = targets.map((node, i) => checkTensor(variable(node), computed[`d${i}`]!.data, { evaluate, samples, tolerance, random: new RandomStream(seed, streams.sample, i) }, kinks));
    return new GradientCheck(tensors, kinks, tolerance);
  });
}

/** Examples of the feeds. */
function rowsOf(nodes: readonly Node[], feeds: GraphToCheck['feeds'] & object): number {
  for (const { op, name, shape } of nodes) {
    if (op === variableOps.input && shape[0] === 'rows' && feeds[name] !== undefined) return Math.max(1, read(`feeds.${name}`, feeds[name]).data.length / countOf(shape));
  }
  return 1;
}

const read = (what: string, values: Values) => flattenValues(`[checkGradients '${what}']`, values, (length) => new Float64Array(length));

/** A program with its state set and its feeds at hand. */
function withProgram<Result>(outputs: Record<string, Node>, rows: number, feeds: GraphToCheck['feeds'] & object, state: GraphToCheck['state'] & object, work: (run: () => Record<string, Tensor>, variable: (node: Node) => Target) => Result): Result {
  const program = new CompiledGraph({ outputs }, { backend: 'typescript', precision: 'float64', maxRows: rows });
  try {
    const nodes = ancestors(Object.values(outputs)), fed: Record<string, Values> = {};
    for (const { op, name } of nodes) {
      if (op === variableOps.input || op === variableOps.hyper) {
        if (feeds[name] === undefined) throw new OptionError(`[checkGradients] expected a value for '${name}' among the feeds`);
        fed[name] = feeds[name];
      } else if ((op === variableOps.parameter || op === variableOps.state) && state[name] !== undefined) program.set(name, state[name]);
    }
    return work(() => program.run(fed, { step: 0 }), ({ op, name, shape }): Target => {
      // A target that the loss does not depend on is no part of the program: its gradient is 0, and so are all differences.
      const isKept = op !== variableOps.input && nodes.some((node) => node.op === op && node.name === name);
      const values = isKept ? program.get(name).data.slice() as Float64Array : op === variableOps.input ? read(name, feeds[name]!).data : new Float64Array(countOf(shape));
      const own = shape.map((dimension) => (dimension === 'rows' ? values.length / countOf(shape) : dimension));
      if (op === variableOps.input && fed[name] !== undefined) fed[name] = values;
      return { name, shape: own, values, write: () => { if (isKept) program.set(name, values); } };
    });
  } finally {
    program.dispose();
  }
}

interface Checking {
  evaluate(): number;
  readonly samples: number;
  readonly tolerance: number;
  readonly random: RandomStream;
}

function checkTensor(target: Target, computed: ArrayLike<number>, checking: Checking, kinks: CheckedEntry[]): CheckedTensor {
  const { name, shape, values } = target, base = checking.evaluate();
  const typical = Math.sqrt(Array.from(computed).reduce((so, value) => so + value * value, 0) / values.length);
  let worst: CheckedEntry | undefined, checked = 0, ownKinks = 0;
  for (const at of entriesOf(values.length, checking.samples, checking.random)) {
    const found = differences(target, at, base, Math.max(typical, Math.abs(computed[at]!)), computed[at]!, checking);
    const entry = { tensor: name, index: indexOf(at, shape), computed: computed[at]!, expected: found.slope, relativeError: errorOf(computed[at]!, found, typical, checking.tolerance) };
    if (found.isKink) {
      kinks.push(entry);
      ownKinks++;
      continue;
    }
    checked++;
    if (worst === undefined || entry.relativeError > worst.relativeError) worst = entry;
  }
  return { name, shape, checked, kinks: ownKinks, worst };
}

/** Entries to check: all, or so many different ones. */
function entriesOf(count: number, samples: number, random: RandomStream): number[] {
  if (count <= samples) return Array.from({ length: count }, (_, i) => i);
  const chosen = new Set<number>();
  while (chosen.size < samples) chosen.add(random.below(count));
  return [...chosen].toSorted((a, b) => a - b);
}

function indexOf(at: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = at; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

interface Difference {
  readonly slope: number;
  /** How far rounding may put it off. */
  readonly uncertainty: number;
  readonly isKink: boolean;
}

/**
 * The slope at an entry. Within the step there is a kink where the slopes to both sides differ by an amount that does not double with the
 * step, as it does for smooth functions. Where only the curvature jumps, the slopes over one and two steps differ by more than the slope is
 * off from `computed`: then the difference is at fault, and a smaller step is taken.
 */
function differences(target: Target, at: number, base: number, scale: number, computed: number, { evaluate, tolerance }: Checking): Difference {
  const { values } = target, value = values[at]!;
  const along = (offset: number): number => {
    values[at] = value + offset;
    target.write();
    return evaluate();
  };
  let slope = Number.NaN, uncertainty = 0;
  try {
    for (const width of stepWidths) {
      // The step as it comes out in floating point.
      const h = value + width * Math.max(1, Math.abs(value)) - value;
      const [above, below, farAbove, farBelow] = [along(h), along(-h), along(2 * h), along(-2 * h)];
      slope = (8 * (above - below) - (farAbove - farBelow)) / (12 * h);
      uncertainty = (roundings * Number.EPSILON * Math.max(Math.abs(base), Math.abs(above), Math.abs(below), 1e-3)) / h;
      const near = (above - 2 * base + below) / h, far = (farAbove - 2 * base + farBelow) / (2 * h);
      const limit = tolerance * scale + 4 * uncertainty, bend = Math.abs((farAbove - farBelow) / h - (2 * (above - below)) / h), off = Math.abs(computed - slope);
      if (!(Math.abs(far - 2 * near) > limit) && !(off > limit && bend > off)) return { slope, uncertainty, isKink: false };
    }
    return { slope, uncertainty, isKink: true };
  } finally {
    values[at] = value;
    target.write();
  }
}

function errorOf(computed: number, { slope, uncertainty }: Difference, typical: number, tolerance: number): number {
  const difference = Math.abs(computed - slope);
  // Differences smaller than their own uncertainty are none.
  const error = difference / Math.max(Math.abs(computed), Math.abs(slope), typical, uncertainty / tolerance);
  return Number.isNaN(error) ? Infinity : error;
}
