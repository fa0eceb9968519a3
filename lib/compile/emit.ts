// Fourth pass: memory for every value that leaves its group, and one instruction per group.
import { internal } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { countOf, hasRows } from '../graph/shape.ts';
import { variableOps } from '../ops/variables.ts';
import { compilerOps } from './canonical.ts';
import { codeChain, type Memory } from './chain.ts';
import type { Group } from './fuse.ts';
import { planMemory, type Lifetime } from './plan.ts';
import { access, layout, region, reservedLength, roundUp, lanes, type Instruction, type Operand } from './program.ts';
import { isResident, type Unit } from './units.ts';

/** Where the tensors of the state lie: offsets in elements, by node. */
export interface StateLayout {
  readonly length: number;
  offsetOf(node: Node): number | undefined;
}

export interface Emitted {
  readonly instructions: Instruction[];
  readonly scratchLength: number;
  readonly constants: Float64Array;
  readonly hypers: string[];
}

function kindOf(node: Node): number {
  if (node.op === compilerOps.exampleMajor) return layout.exampleMajor;
  return hasRows(node.shape) ? layout.featureMajor : layout.static;
}

/** Constants, packed one after the other at vector boundaries. */
class ConstantPool {
  private readonly parts: Float64Array[] = [];
  private readonly offsets = new Map<Node, number>();
  length = 0;

  offsetOf(node: Node): number {
    let offset = this.offsets.get(node);
    if (offset === undefined) {
      offset = this.length;
      this.offsets.set(node, offset);
      this.parts.push(node.data!);
      this.length += roundUp(node.data!.length, lanes);
    }
    return offset;
  }

  pack(): Float64Array {
    const packed = new Float64Array(this.length);
    let offset = 0;
    for (const part of this.parts) {
      packed.set(part, offset);
      offset += roundUp(part.length, lanes);
    }
    return packed;
  }
}

/** Sums over repeated values alone: no operand has the size of the chain's space, which backends go by, unless the summed values are kept. */
function isUnfilled(group: Group): boolean {
  const members = new Set(group.units.map((unit) => unit.node));
  return group.units.every((unit) => (unit.kind === 'elementwise' || unit.kind === 'lineSum') && unit.readings.every(({ node, kind }) => kind !== access.full || members.has(node)));
}

export function emit(phases: readonly (readonly Group[])[], state: StateLayout, maxRows: number): Emitted {
  const constants = new ConstantPool();
  const hypers: Node[] = [];
  const groups = phases.flat();
  const phaseOf = new Map<Unit, number>();
  phases.forEach((members, phase) => { for (const group of members) for (const unit of group.units) phaseOf.set(unit, phase); });

  const resident = (node: Node): Operand => {
    const operand = (place: number, offset: number): Operand => ({ region: place, offset, count: countOf(node.shape), kind: layout.static });
    if (node.op === variableOps.constant) return operand(region.constants, constants.offsetOf(node));
    if (node.op === variableOps.rows) return operand(region.step, 0);
    if (node.op === variableOps.inverseRows) return operand(region.step, 1);
    if (node.op === variableOps.hyper) {
      if (!hypers.includes(node)) hypers.push(node);
      return operand(region.step, 2 + hypers.indexOf(node));
    }
    const offset = state.offsetOf(node);
    if (offset === undefined) throw internal(`'${node.name}' has no place in the state`);
    return operand(region.state, offset);
  };

  // Values written straight into the state, and values that need scratch memory from the phase of their maker to that of their last
  // reader: what shares a phase shares no memory.
  const homes = new Map<Node, Operand>();
  const slots = new Map<Node, number>();
  const lifetimes: Lifetime[] = [];
  for (const group of groups) {
    const members = new Set(group.units.map((unit) => unit.node));
    for (const unit of group.units) {
      if (unit.kind !== 'assign') continue;
      const { node, kind } = unit.readings[0]!;
      if (members.has(node) && kind === access.full && !homes.has(node)) homes.set(node, resident(unit.node.inputs[0]!));
    }
    for (const unit of group.units) for (const result of unit.results) {
      if (unit.kind === 'assign' || homes.has(result)) continue;
      const readers = unit.after.filter((reader) => reader.readings.some((reading) => reading.node === result));
      // A layout of a minibatch that nobody reads is not made.
      if (unit.kind === 'load' && readers.length === 0 && unit.results.length > 1) continue;
      // A reader in the same phase is in the same group.
      const made = phaseOf.get(unit)!, outside = readers.map((reader) => phaseOf.get(reader)!).filter((read) => read !== made);
      const internalOnly = outside.length === 0 && (unit.kind === 'elementwise' || unit.kind === 'product');
      if (internalOnly && !(isUnfilled(group) && readers.some((reader) => reader.kind === 'lineSum'))) continue;
      slots.set(result, lifetimes.push({ length: reservedLength(countOf(result.shape), kindOf(result), maxRows), first: made, last: Math.max(made, ...outside) }) - 1);
    }
  }
  const plan = planMemory(lifetimes);

  const home = (node: Node): Operand | undefined => {
    const slot = slots.get(node);
    return slot === undefined ? homes.get(node) : { region: region.scratch, offset: plan.offsets[slot]!, count: countOf(node.shape), kind: kindOf(node) };
  };
  const memory: Memory = {
    home, keep: resident,
    locate: (node) => {
      const place = home(node);
      if (place !== undefined) return place;
      if (isResident(node)) return resident(node);
      throw internal(`${node} ${node.op.name} has no memory`);
    },
  };
  const instructions = groups.map((group) => instructionOf(group, memory));
  return { instructions, scratchLength: Math.max(plan.total, lanes), constants: constants.pack(), hypers: hypers.map((node) => node.name) };
}

function instructionOf(group: Group, memory: Memory): Instruction {
  const unit = group.product ?? group.units[0]!;
  const path = unit.node.path;
  const results = unit.results.map((result) => memory.home(result)).filter((place) => place !== undefined);
  switch (unit.kind) {
    case 'load': return { name: 'load', outs: results, ins: [], attributes: [unit.slot], chain: undefined, path };
    case 'store': return { name: 'store', outs: [], ins: [memory.locate(unit.readings[0]!.node)], attributes: [unit.slot], chain: undefined, path };
    case 'product': {
      const { attributes, operands } = productOf(unit, memory);
      const code = codeChain(group, unit.space!, memory);
      return { name: 'product', outs: code.outs, ins: [...operands, ...code.ins], attributes, chain: code.chain, path };
    }
    case 'elementwise':
    case 'assign': {
      const code = codeChain(group, unit.space!, memory);
      return { name: 'chain', outs: code.outs, ins: code.ins, attributes: [], chain: code.chain, path };
    }
    case 'lineSum':
      if (group.units.some((other) => other.kind !== 'lineSum')) {
        const code = codeChain(group, unit.space!, memory);
        return { name: 'chain', outs: code.outs, ins: code.ins, attributes: [], chain: code.chain, path };
      }
      return single(unit, results, memory);
    case 'instruction': return single(unit, results, memory);
  }
}

function single(unit: Unit, outs: Operand[], memory: Memory): Instruction {
  const { lowering, name } = unit.node.op;
  if (lowering.kind !== 'instruction') throw internal(`${name} is no instruction`);
  return { name: lowering.instruction, outs, ins: unit.readings.map((reading) => memory.locate(reading.node)), attributes: lowering.attributes(unit.node), chain: undefined, path: unit.node.path };
}

/** [M, N, K, transposeA] and the operands of a physical product C[M,N] = op(A)[M,K] · B[K,N], in which rows come last. */
function productOf(unit: Unit, memory: Memory): { attributes: number[]; operands: Operand[] } {
  const a = unit.node.inputs[0]!;
  const [first, second] = unit.readings.map((reading) => memory.locate(reading.node)) as [Operand, Operand];
  const transposeA = unit.node.attributes['transposeA'] === true, transposeB = unit.node.attributes['transposeB'] === true;
  const [m, n] = unit.node.shape;
  if (hasRows(unit.node.shape)) return { attributes: [Number(n), -1, Number(a.shape[1]), transposeB ? 0 : 1], operands: [second, first] };
  if (hasRows(a.shape)) return { attributes: [Number(m), Number(n), -1, 0], operands: [first, second] };
  return { attributes: [Number(m), Number(n), Number(transposeA ? a.shape[0] : a.shape[1]), transposeA ? 1 : 0], operands: [first, second] };
}
