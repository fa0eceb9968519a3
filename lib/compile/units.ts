// Second pass: the canonical graph as units of work, each with what it reads and what must come before it.
import { internal, OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { ancestors } from '../graph/query.ts';
import { countOf, hasRows, type Shape } from '../graph/shape.ts';
import { makeNode } from '../graph/node.ts';
import { reduceOps } from '../ops/reduce.ts';
import { shapeOps } from '../ops/shape.ts';
import { softmaxOps } from '../ops/softmax.ts';
import { variableOps } from '../ops/variables.ts';
import { accessKind, compilerOps } from './canonical.ts';
import { access } from './program.ts';

export type UnitKind = 'load' | 'store' | 'elementwise' | 'assign' | 'product' | 'lineSum' | 'instruction';

/** One operand of a unit: the node whose memory it reads, and how. */
export interface Reading { readonly node: Node; readonly kind: number }

/** The space a chain runs over; columns -1 = rows. */
export interface Space { readonly lines: number; readonly columns: number }

/** A unit of work. Fusion groups units; a group becomes one instruction. */
export interface Unit {
  readonly kind: UnitKind;
  /** The node computed; for a store, the node stored. */
  readonly node: Node;
  /** All nodes computed by the unit. */
  readonly results: readonly Node[];
  readonly readings: readonly Reading[];
  /** Units that must come first: producers, and readers of a state tensor before its assignment. */
  readonly before: Dependency[];
  readonly after: Unit[];
  /** The space of an elementwise unit, assignment or product; of the input of a line sum. */
  readonly space: Space | undefined;
  /** Number of the source or sink of a load or store. */
  readonly slot: number;
}

/** `fusable`: the reading may be done by a chain on values that have just been made. */
export interface Dependency { readonly unit: Unit; readonly fusable: boolean }

/** A request to compile: named outputs, assignments, and nodes that are fed instead of computed. */
export interface Request {
  readonly outputs: readonly { name: string; node: Node }[];
  readonly assignments: readonly Node[];
  readonly feeds: readonly { name: string; node: Node }[];
}

export function spaceOf(shape: Shape): Space {
  if (hasRows(shape)) return { lines: countOf(shape), columns: -1 };
  const columns = shape.length === 0 ? 1 : Number(shape.at(-1));
  return { lines: countOf(shape) / columns, columns };
}

export function sameSpace(a: Space, b: Space): boolean {
  return a.lines === b.lines && a.columns === b.columns;
}

/** True for variables that are read where they lie, without any unit of work. */
export function isResident(node: Node): boolean {
  return node.op.lowering.kind === 'variable' && node.op !== variableOps.input;
}

/** Follows views to the node whose memory they show. */
export function baseOf(node: Node, cut: ReadonlySet<Node>): Node {
  let base = node;
  while (!cut.has(base) && base.op.lowering.kind === 'view') base = base.inputs[0]!;
  return base;
}

/** How an elementwise reader over `space` reads `input`: broadcasts are read through where memory order allows. */
function readElementwise(input: Node, cut: ReadonlySet<Node>): Reading {
  let node = input;
  while (!cut.has(node) && node.op === shapeOps.stopGradient) node = node.inputs[0]!;
  if (!cut.has(node) && node.op === shapeOps.broadcastTo) {
    const kind = accessKind(node.inputs[0]!.shape, node.shape);
    if (kind !== null) return { node: baseOf(node.inputs[0]!, cut), kind };
  }
  return { node: baseOf(node, cut), kind: access.full };
}

/** Sums over the dimension that lies last in memory: rows, or the last one of a static tensor. */
function isLineSum(node: Node): boolean {
  if (node.op !== reduceOps.sum) return false;
  const x = node.inputs[0]!.shape, first = Number(node.attributes['first']);
  return hasRows(x) ? x[first] === 'rows' : first === x.length - 1;
}

/** Makes the units of a request whose nodes are canonical, in an order in which each may run after those before it. */
export function makeUnits(request: Request): Unit[] {
  const cut = new Set(request.feeds.map(({ node }) => node));
  const units: Unit[] = [];
  const producer = new Map<Node, Unit>();
  const push = (kind: UnitKind, node: Node, readings: Reading[], { results = [node], space, slot = -1 }: { results?: Node[]; space?: Space; slot?: number } = {}): void => {
    const unit: Unit = { kind, node, results, readings, before: [], after: [], space, slot };
    units.push(unit);
    for (const result of results) producer.set(result, unit);
  };
  const full = (node: Node): Reading => ({ node: baseOf(node, cut), kind: access.full });

  const roots = [...request.outputs.map(({ node }) => node), ...request.assignments];
  const nodes = ancestors(roots, cut);
  for (const node of nodes) {
    const slot = request.feeds.findIndex((feed) => feed.node === node);
    const lowering = node.op.lowering;
    if (slot >= 0) {
      // Both layouts of a minibatch are gathered at once.
      const turned = nodes.find((other) => other.op === compilerOps.exampleMajor && !cut.has(other) && baseOf(other.inputs[0]!, cut) === node);
      push('load', node, [], { slot, results: turned === undefined ? [node] : [node, turned] });
    } else if (producer.has(node) || isResident(node) || lowering.kind === 'view' || lowering.kind === 'assign') continue;
    else if (node.op === variableOps.input) throw internal(`input '${node.name}' is not among the feeds`);
    else if (node.op === compilerOps.exampleMajor) {
      push('instruction', node, [full(node.inputs[0]!)]);
    } else if (lowering.kind === 'elementwise') push('elementwise', node, node.inputs.map((input) => readElementwise(input, cut)), { space: spaceOf(node.shape) });
    else if (lowering.kind === 'broadcast') push('elementwise', node, [readElementwise(node, cut)], { space: spaceOf(node.shape) });
    else if (lowering.kind === 'product') push('product', node, node.inputs.map(full), { space: spaceOf(node.shape) });
    else if (isLineSum(node)) push('lineSum', node, [full(node.inputs[0]!)], { space: spaceOf(node.inputs[0]!.shape) });
    else if (node.op === softmaxOps.softmaxCrossEntropy || node.op === softmaxOps.crossEntropyDelta) {
      // One instruction makes both: the loss of each example and the gradient of its logits.
      const twin = (op: Node['op']): Node | undefined => nodes.find((other) => other.op === op && other.inputs[0] === node.inputs[0] && other.inputs[1] === node.inputs[1] && !cut.has(other));
      const loss = twin(softmaxOps.softmaxCrossEntropy) ?? makeNode(softmaxOps.softmaxCrossEntropy, node.inputs, node.attributes);
      const delta = twin(softmaxOps.crossEntropyDelta);
      push('instruction', node, node.inputs.map(full), { results: delta === undefined ? [loss] : [loss, delta] });
    } else push('instruction', node, node.inputs.map(full));
  }
  // In the order asked for, in which they are carried out: the order of memory's release.
  for (const node of new Set(request.assignments)) push('assign', node, [readElementwise(node.inputs[1]!, cut)], { space: spaceOf(node.shape) });
  request.outputs.forEach(({ node }, slot) => push('store', node, [full(node)], { results: [], slot }));

  const live = keepLive(units, producer);
  connect(live, producer);
  return live;
}

/** Drops units whose results nobody reads, such as broadcasts that all readers read through. */
function keepLive(units: readonly Unit[], producer: ReadonlyMap<Node, Unit>): Unit[] {
  const live = new Set<Unit>();
  const pending = units.filter((unit) => unit.kind === 'store' || unit.kind === 'assign');
  while (pending.length > 0) {
    const unit = pending.pop()!;
    if (live.has(unit)) continue;
    live.add(unit);
    for (const reading of unit.readings) {
      const maker = producer.get(reading.node);
      if (maker !== undefined) pending.push(maker);
    }
  }
  return units.filter((unit) => live.has(unit));
}

/** Fills `before` and `after`: producers first, and all readers of a state tensor before it is overwritten. */
function connect(units: readonly Unit[], producer: ReadonlyMap<Node, Unit>): void {
  const link = (before: Unit, after: Unit, fusable: boolean): void => {
    after.before.push({ unit: before, fusable });
    before.after.push(after);
  };
  const assignmentOf = new Map<Node, Unit>();
  for (const unit of units) {
    if (unit.kind !== 'assign') continue;
    const target = unit.node.inputs[0]!;
    if (assignmentOf.has(target)) throw new OptionError(`[compile] expected one assignment per tensor but '${target.name}' is assigned twice`);
    assignmentOf.set(target, unit);
  }
  const inChain = (unit: Unit): boolean => unit.kind === 'elementwise' || unit.kind === 'assign' || unit.kind === 'lineSum';
  for (const unit of units) {
    for (const reading of unit.readings) {
      const fusable = inChain(unit) && reading.kind === access.full;
      const maker = producer.get(reading.node);
      if (maker !== undefined) link(maker, unit, fusable);
      const overwrites = assignmentOf.get(reading.node);
      if (overwrites !== undefined && overwrites !== unit) link(unit, overwrites, fusable && unit.kind !== 'lineSum');
    }
  }
}
