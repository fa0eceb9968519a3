// Checks of a finished program: what each backend may rely on, and what every pass must keep true.
import { internal } from '../errors.ts';
import { elementwiseOps } from '../ops/elementwise.ts';
import { access, emission, layout, region, reservedLength, type Chain, type Instruction, type Operand, type Program, valueLimit } from './program.ts';

/** Dimensions of an operand as attributes give them: -1 is rows, -c is c · rows. */
type Dimensions = readonly number[];
interface Extents { readonly outs: readonly Dimensions[]; readonly ins: readonly Dimensions[] }
type Rule = (attributes: readonly number[], instruction: Instruction) => Extents;

function chainExtents({ lines, columns, inputKinds, outKinds }: Chain): Extents {
  const byAccess: Readonly<Record<number, Dimensions>> = { [access.full]: [lines, columns], [access.line]: [lines], [access.column]: [columns], [access.scalar]: [] };
  return {
    ins: inputKinds.filter((kind) => kind !== access.product).map((kind) => byAccess[kind] ?? [NaN]),
    outs: outKinds.map((kind) => (kind === emission.lineSum ? [lines] : [lines, columns])),
  };
}

/** A product with its epilogue: [M, N, K, …]. */
const productRule: Rule = ([m, n, k], { chain }) => {
  const epilogue = chainExtents(chain!);
  return { outs: epilogue.outs, ins: [[m!, k!], [k!, n!], ...epilogue.ins] };
};

/** Instructions that carry a chain. */
const chained: readonly string[] = ['chain', 'product', 'productBfloat16'];

/** Operands of every instruction, from its attributes. */
const rules: Readonly<Record<string, Rule>> = {
  load: (_attributes, { outs }) => ({ outs: outs.map(asItLies), ins: [] }),
  store: (_attributes, { ins }) => ({ outs: [], ins: [asItLies(ins[0])] }),
  product: productRule,
  productBfloat16: productRule,
  chain: (_attributes, { chain }) => chainExtents(chain!),
  reduce: ([, o, m, i]) => ({ outs: [[o!, i!]], ins: [[o!, m!, i!]] }),
  expand: ([o, m, i]) => ({ outs: [[o!, m!, i!]], ins: [[o!, i!]] }),
  transpose: ([o, a, b, i]) => ({ outs: [[o!, b!, a!, i!]], ins: [[o!, a!, b!, i!]] }),
  join: (attributes) => {
    const [o, i, size] = attributes as [number, number, number];
    return { outs: [[o, size, i]], ins: joinedParts(attributes).map((part) => [o, part[0]!, i]) };
  },
  softmax: ([kind, o, k, i]) => ({ outs: [kind === 2 ? [o!, i!] : [o!, k!, i!]], ins: [[o!, k!, i!]] }),
  softmaxCrossEntropy: ([k, sparse], { outs }) => ({ outs: outs.length > 1 ? [[-1], [k!, -1]] : [[-1]], ins: [[k!, -1], [sparse === 1 ? 1 : k!, -1]] }),
  oneHot: ([k]) => ({ outs: [[k!, -1]], ins: [[-1]] }),
  argmax: ([k]) => ({ outs: [[-1]], ins: [[k!, -1]] }),
  draw: (_attributes, { outs }) => ({ outs: [asItLies(outs[0])], ins: [] }),
};
const attributeCounts: Readonly<Record<string, number>> = {
  load: 1, store: 1, product: 4, productBfloat16: 5, chain: 0, reduce: 4, expand: 3, transpose: 4, softmax: 4, softmaxCrossEntropy: 2, oneHot: 1, argmax: 1, draw: 3,
};

/** [size, begin, end, at] of every part of a `join`, which follow three attributes. */
function joinedParts(attributes: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil((attributes.length - 3) / 4) }, (_, part) => attributes.slice(3 + 4 * part, 7 + 4 * part));
}

/** Parts lie inside their tensors, one after the other in the result. */
function checkJoin(attributes: readonly number[], where: string): void {
  let filled = 0;
  for (const [size, begin, end, at] of joinedParts(attributes) as [number, number, number, number][]) {
    if (!(begin >= 0 && begin < end && end <= size)) throw internal(`${where}: takes elements ${begin} to ${end} of ${size}`);
    if (!(at >= filled && at + end - begin <= attributes[2]!)) throw internal(`${where}: puts ${end - begin} elements at ${at} after ${filled} of ${attributes[2]}`);
    filled = at + end - begin;
  }
}

function asItLies(operand: Operand | undefined): Dimensions {
  return operand === undefined ? [] : operand.kind === layout.static ? [operand.count] : [operand.count, -1];
}

function checkOperand(operand: Operand, dimensions: Dimensions, program: Program, where: string): void {
  const limits = [program.stateLength, program.scratchLength, program.constants.length, 2 + program.hypers.length];
  const limit = limits[operand.region];
  if (limit === undefined) throw internal(`${where}: no region ${operand.region}`);
  const whole = Number.isInteger(operand.offset) && Number.isInteger(operand.count) && Object.values<number>(layout).includes(operand.kind);
  if (!whole) throw internal(`${where}: no operand at ${operand.offset} of ${operand.count} in layout ${operand.kind}`);
  const length = operand.kind === layout.static ? operand.count : reservedLength(operand.count, operand.kind, program.maxRows);
  if (!(operand.offset >= 0 && operand.count > 0 && operand.offset + length <= limit)) {
    throw internal(`${where}: operand at ${operand.offset} of ${length} leaves region ${operand.region} of ${limit}`);
  }
  if (operand.kind !== layout.static && operand.region !== region.scratch) throw internal(`${where}: a rows tensor outside scratch`);
  const count = dimensions.reduce((product, dimension) => product * Math.abs(dimension), 1), rows = dimensions.some((dimension) => dimension < 0);
  if (operand.count !== count || (operand.kind !== layout.static) !== rows) {
    throw internal(`${where}: expected an operand of ${count}${rows ? ' × rows' : ''} but it has ${operand.count} in layout ${operand.kind}`);
  }
}

function checkChain(chain: Chain, where: string): void {
  const made = chain.inputKinds.length;
  const readable = new Set(chain.inputKinds.keys());
  const top = made + chain.outKinds.length + chain.registers;
  if (top > valueLimit) throw internal(`${where}: a chain of ${top} values`);
  for (const { name, destination, a, b, c } of chain.operations) {
    const arity = name === 'sumColumns' ? 1 : (elementwiseOps as Partial<Record<string, { arity: number }>>)[name]?.arity;
    if (arity === undefined) throw internal(`${where}: no operation '${name}'`);
    for (const operand of [a, b, c].slice(0, arity)) if (!readable.has(operand)) throw internal(`${where}: ${name} reads value ${operand} before it is made`);
    if (!(Number.isInteger(destination) && destination >= made && destination < top)) throw internal(`${where}: ${name} writes value ${destination}`);
    const sums = chain.outKinds[destination - made] === emission.lineSum;
    if (sums !== (name === 'sumColumns')) throw internal(`${where}: ${name} writes an out of another kind`);
    readable.add(destination);
  }
  if (!chain.inputKinds.some((kind) => kind === access.full || kind === access.product) && !chain.outKinds.includes(emission.full)) {
    throw internal(`${where}: no operand fills the space of ${chain.lines} × ${chain.columns}`);
  }
  chain.outKinds.forEach((_, i) => {
    if (!readable.has(made + i)) throw internal(`${where}: out ${i} is never written`);
  });
}

function checkInstruction(instruction: Instruction, program: Program, where: string): void {
  const { name, attributes, ins, outs, chain } = instruction;
  const rule = rules[name];
  if (rule === undefined) throw internal(`${where}: no such instruction`);
  const counted = name === 'join' ? 3 + 4 * Math.max(1, ins.length) : attributeCounts[name];
  if (attributes.length !== counted || !attributes.every(Number.isInteger)) throw internal(`${where}: attributes ${attributes.join(' ')}`);
  if ((chain !== undefined) !== chained.includes(name)) throw internal(`${where}: a chain out of place`);
  const extents = rule(attributes, instruction);
  if (ins.length !== extents.ins.length || outs.length !== extents.outs.length) throw internal(`${where}: ${outs.length} outs and ${ins.length} ins`);
  ins.forEach((operand, i) => checkOperand(operand, extents.ins[i]!, program, where));
  outs.forEach((operand, i) => {
    checkOperand(operand, extents.outs[i]!, program, where);
    if (operand.region !== region.state && operand.region !== region.scratch) throw internal(`${where}: writes to a read-only region`);
  });
  if (chain !== undefined) checkChain(chain, where);
  if (name === 'join') checkJoin(attributes, where);
  const slot = name === 'load' ? program.sources[attributes[0]!] : name === 'store' ? program.sinks[attributes[0]!] : null;
  const moved = ins[0] ?? outs[0];
  if (slot === undefined) throw internal(`${where}: nothing has number ${attributes[0]}`);
  if (slot !== null && (('width' in slot ? slot.width : slot.count) !== moved!.count || slot.rows !== (moved!.kind !== layout.static))) {
    throw internal(`${where}: '${slot.name}' holds something else`);
  }
}

/** What lies in scratch memory while the program runs: every value is read where it was written, before it is overwritten. */
class ScratchCheck {
  private readonly maxRows: number;
  private live: Operand[] = [];

  constructor(maxRows: number) {
    this.maxRows = maxRows;
  }

  step({ ins, outs }: Instruction, where: string): void {
    for (const operand of ins) {
      if (operand.region !== region.scratch) continue;
      const written = this.live.some((other) => other.offset === operand.offset && other.count === operand.count && other.kind === operand.kind);
      if (!written) throw internal(`${where}: reads scratch at ${operand.offset} that does not hold what it expects`);
    }
    outs.forEach((out, i) => {
      const inPlace = (operand: Operand): boolean => out.region === region.state && operand.offset === out.offset && operand.count === out.count;
      if (ins.some((operand) => this.overlap(out, operand) && !inPlace(operand)) || outs.slice(0, i).some((other) => this.overlap(out, other))) {
        throw internal(`${where}: out ${i} overlaps another operand`);
      }
      if (out.region === region.scratch) this.live = [...this.live.filter((other) => !this.overlap(out, other)), out];
    });
  }

  private overlap(a: Operand, b: Operand): boolean {
    const end = (operand: Operand): number => operand.offset + reservedLength(operand.count, operand.kind, this.maxRows);
    return a.region === b.region && a.offset < end(b) && b.offset < end(a);
  }
}

/** Throws an internal error unless the program is well formed. */
export function verifyProgram(program: Program): void {
  const scratch = new ScratchCheck(program.maxRows);
  program.instructions.forEach((instruction, index) => {
    const where = `instruction ${index} ${instruction.name}`;
    checkInstruction(instruction, program, where);
    scratch.step(instruction, where);
  });
  const guard = program.sinks[program.guard];
  if (program.guard !== -1 && (guard === undefined || guard.rows || guard.count !== 1)) throw internal(`sink ${program.guard} cannot be the guard`);
}
