// Code of a chain: the elementwise units of a group as operations over inputs, outs and registers.
import { internal } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { elementwiseOps, immediateOf } from '../ops/elementwise.ts';
import type { Group } from './fuse.ts';
import { access, emission, type Chain, type ChainOperation, type Operand } from './program.ts';
import type { Space, Unit } from './units.ts';

/** What the chain needs to know about memory. */
export interface Memory {
  /** Where a node made outside the chain lies. */
  locate(node: Node): Operand;
  /** Where a tensor of the state is kept, even while another value is fed for it. */
  keep(node: Node): Operand;
  /** Where the value of a unit's node goes, or undefined where it need not leave the chain. */
  home(node: Node): Operand | undefined;
}

export interface ChainCode { readonly chain: Chain; readonly ins: Operand[]; readonly outs: Operand[] }

/** One operation before value numbers are known: operands are indices into `values`. */
interface Draft { name: string; value: number; operands: number[]; immediate: number }

type Value =
  | { kind: 'input'; access: number; operand: Operand | undefined }
  | { kind: 'made'; out: Operand | undefined; emission: number };

function sameOperand(a: Operand, b: Operand): boolean {
  return a.region === b.region && a.offset === b.offset;
}

export function codeChain(group: Group, space: Space, memory: Memory): ChainCode {
  const values: Value[] = [];
  const drafts: Draft[] = [];
  const valueOf = new Map<Node, number>();
  const inputOf = new Map<string, number>();
  const make = (out: Operand | undefined, how: number = emission.full): number => values.push({ kind: 'made', out, emission: how }) - 1;
  const members = new Set(group.units.map((unit) => unit.node));

  const product = group.product;
  if (product !== undefined) valueOf.set(product.node, values.push({ kind: 'input', access: access.product, operand: undefined }) - 1);

  const read = (unit: Unit, index: number): number => {
    const { node, kind } = unit.readings[index]!;
    if (kind === access.full && members.has(node)) {
      const made = valueOf.get(node);
      if (made === undefined) throw internal(`${unit.node} reads ${node} before it is made`);
      return made;
    }
    const operand = memory.locate(node);
    const key = `${operand.region}:${operand.offset}:${kind}`;
    let value = inputOf.get(key);
    if (value === undefined) {
      value = values.push({ kind: 'input', access: kind, operand }) - 1;
      inputOf.set(key, value);
    }
    return value;
  };

  // A product may have to be kept as it is, too.
  const keep = (node: Node): void => {
    const home = memory.home(node);
    if (home !== undefined) drafts.push({ name: 'copy', value: make(home), operands: [valueOf.get(node)!], immediate: 0 });
  };
  if (product !== undefined) keep(product.node);

  const fused = findMultiplyAdds(group, memory);
  for (const unit of group.units) {
    const { node } = unit;
    if (unit.kind === 'elementwise' && !fused.skipped.has(node)) {
      const multiplication = fused.multiplication.get(node);
      const value = make(memory.home(node));
      if (multiplication !== undefined) {
        const { factor, addend } = multiplication;
        drafts.push({ name: 'multiplyAdd', value, operands: [read(factor, 0), read(factor, 1), read(unit, addend)], immediate: 0 });
      } else {
        const name = node.op.lowering.kind === 'elementwise' ? node.op.name : 'copy';
        drafts.push({ name, value, operands: unit.readings.map((_, i) => read(unit, i)), immediate: name === 'copy' ? 0 : immediateOf(node) });
      }
      valueOf.set(node, value);
    } else if (unit.kind === 'assign') {
      const target = memory.keep(node.inputs[0]!);
      const source = read(unit, 0);
      const made = values[source]!;
      if (made.kind === 'made' && made.out !== undefined && sameOperand(made.out, target)) continue;
      drafts.push({ name: 'copy', value: make(target), operands: [source], immediate: 0 });
    } else if (unit.kind === 'lineSum') {
      drafts.push({ name: 'sumColumns', value: make(memory.locate(node), emission.lineSum), operands: [read(unit, 0)], immediate: 0 });
    }
  }
  delayOverwrites(values, drafts);
  return numberValues(space, values, drafts);
}

/** Additions one of whose terms is a product of the same chain that nothing else reads: one operation, rounded once less. */
function findMultiplyAdds(group: Group, memory: Memory): { skipped: Set<Node>; multiplication: Map<Node, { factor: Unit; addend: number }> } {
  const skipped = new Set<Node>();
  const multiplication = new Map<Node, { factor: Unit; addend: number }>();
  const byNode = new Map(group.units.filter((unit) => unit.kind === 'elementwise').map((unit) => [unit.node, unit]));
  for (const unit of group.units) {
    if (unit.node.op !== elementwiseOps.add) continue;
    for (const index of [0, 1]) {
      const reading = unit.readings[index]!;
      const factor = byNode.get(reading.node);
      if (factor === undefined || reading.kind !== access.full || factor.node.op !== elementwiseOps.multiply) continue;
      if (factor.after.length !== 1 || skipped.has(factor.node) || memory.home(factor.node) !== undefined) continue;
      skipped.add(factor.node);
      multiplication.set(unit.node, { factor, addend: 1 - index });
      break;
    }
  }
  return { skipped, multiplication };
}

/** Results that overwrite an input some later operation still reads go through a register and are copied at the end. */
function delayOverwrites(values: Value[], drafts: Draft[]): void {
  const copies: Draft[] = [];
  drafts.forEach((draft, index) => {
    const value = values[draft.value]!;
    if (value.kind !== 'made' || value.out === undefined) return;
    const out = value.out;
    const stillRead = drafts.slice(index + 1).some((later) => later.operands.some((operand) => {
      const read = values[operand]!;
      return read.kind === 'input' && read.operand !== undefined && sameOperand(read.operand, out);
    }));
    if (!stillRead) return;
    value.out = undefined;
    copies.push({ name: 'copy', value: values.push({ kind: 'made', out, emission: emission.full }) - 1, operands: [draft.value], immediate: 0 });
  });
  drafts.push(...copies);
}

/** Gives value numbers: inputs, then outs, then registers, which are reused once their value has been read for the last time. */
function numberValues(space: Space, values: readonly Value[], drafts: readonly Draft[]): ChainCode {
  const number = new Map<number, number>();
  const ins: Operand[] = [], outs: Operand[] = [], inputKinds: number[] = [], outKinds: number[] = [];
  values.forEach((value, i) => {
    if (value.kind !== 'input') return;
    number.set(i, inputKinds.push(value.access) - 1);
    if (value.operand !== undefined) ins.push(value.operand);
  });
  values.forEach((value, i) => {
    if (value.kind !== 'made' || value.out === undefined) return;
    number.set(i, inputKinds.length + outKinds.push(value.emission) - 1);
    outs.push(value.out);
  });
  const lastRead = new Map<number, number>();
  drafts.forEach((draft, index) => draft.operands.forEach((operand) => lastRead.set(operand, index)));
  const base = inputKinds.length + outKinds.length;
  const free: number[] = [];
  let registers = 0;
  const operations: ChainOperation[] = drafts.map((draft, index) => {
    const [a = 0, b = 0, c = 0] = draft.operands.map((operand) => number.get(operand)!);
    for (const operand of new Set(draft.operands)) {
      const value = values[operand]!;
      if (value.kind === 'made' && value.out === undefined && lastRead.get(operand) === index) free.push(number.get(operand)!);
    }
    if (!number.has(draft.value)) number.set(draft.value, free.pop() ?? base + registers++);
    return { name: draft.name, destination: number.get(draft.value)!, a, b, c, immediate: draft.immediate };
  });
  return { chain: { ...space, inputKinds, outKinds, registers, operations }, ins, outs };
}
