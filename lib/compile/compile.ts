// From graph to program: canonical form, units, fusion, phases, memory, instructions.
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { ancestors } from '../graph/query.ts';
import { countOf, formatShape, hasRows } from '../graph/shape.ts';
import { assignOps } from '../ops/assign.ts';
import { variableOps } from '../ops/variables.ts';
import { roundProducts } from './bfloat16.ts';
import { canonicalize } from './canonical.ts';
import { emit, type StateLayout } from './emit.ts';
import { fuse } from './fuse.ts';
import { lanes, roundUp, type Program } from './program.ts';
import { schedule } from './schedule.ts';
import { makeUnits } from './units.ts';
import { verifyProgram } from './verify.ts';

/** What to compile. */
export interface CompileRequest {
  /** Results to hand out, by name. */
  readonly outputs?: Readonly<Record<string, Node>>;
  /** Assignments to carry out; they happen in this order as soon as nothing needs the old values. */
  readonly assignments?: readonly Node[];
  /** Nodes that are fed instead of computed, by name, besides the graph's inputs. */
  readonly feeds?: Readonly<Record<string, Node>>;
  /** Largest minibatch; shorter ones run the same program. */
  readonly maxRows: number;
  readonly state: StateLayout;
  /** Name of the scalar output that must stay finite. */
  readonly guard?: string;
  /** Whether products round their operands to bfloat16 (default false). */
  readonly bfloat16?: boolean;
}

/** All tensors of a state, one after the other at vector boundaries. */
export function layoutState(nodes: readonly Node[]): StateLayout & { readonly nodes: readonly Node[] } {
  const offsets = new Map<Node, number>();
  let length = 0;
  for (const node of nodes) {
    offsets.set(node, length);
    length += roundUp(countOf(node.shape), lanes);
  }
  return { nodes, length: Math.max(length, lanes), offsetOf: (node) => offsets.get(node) };
}

/** The parameters and state tensors that `roots` depend on, in order of creation. */
export function stateNodes(roots: readonly Node[], cut?: ReadonlySet<Node>): Node[] {
  return ancestors(roots, cut).filter((node) => node.op === variableOps.parameter || node.op === variableOps.state);
}

export function compileProgram(request: CompileRequest): Program {
  const outputs = Object.entries(request.outputs ?? {});
  const assignments = request.assignments ?? [];
  if (outputs.length + assignments.length === 0) throw new OptionError('[compile] expected at least one output or assignment');
  for (const node of assignments) if (node.op !== assignOps.assign) throw new OptionError(`[compile] expected assignments but received ${node.op.name}`);

  const cut = new Set(Object.values(request.feeds ?? {}));
  const roots = [...outputs.map(([, node]) => node), ...assignments];
  const asValue = ancestors([...outputs.map(([, node]) => node), ...assignments.flatMap((node) => node.inputs)], cut).find((node) => node.op === assignOps.assign);
  if (asValue !== undefined) throw new OptionError(`[compile] expected the assignment to '${asValue.inputs[0]!.name}' among the assignments but it is used as a value`);
  const feeds = new Map<Node, string>(Object.entries(request.feeds ?? {}).map(([name, node]) => [node, name]));
  for (const node of ancestors(roots, cut)) {
    if (node.op !== variableOps.input || feeds.has(node)) continue;
    if ([...feeds.values()].includes(node.name)) throw new OptionError(`[compile] two inputs are named '${node.name}'`);
    feeds.set(node, node.name);
  }
  // Feeds that nothing reads stay declared, so that callers need not know what was pruned.
  const canonical = canonicalize(roots, new Set(feeds.keys()));
  const units = makeUnits({
    outputs: outputs.map(([name, node]) => ({ name, node: canonical(node) })),
    assignments: assignments.map(canonical),
    feeds: [...feeds].map(([node, name]) => ({ name, node })),
  });
  const emitted = emit(schedule(fuse(units)), request.state, request.maxRows);
  const program: Program = {
    ...emitted,
    instructions: request.bfloat16 === true ? roundProducts(emitted.instructions) : emitted.instructions,
    maxRows: request.maxRows,
    stateLength: request.state.length,
    sources: [...feeds].map(([node, name]) => ({ name, width: countOf(node.shape), rows: hasRows(node.shape), shape: node.shape })),
    sinks: outputs.map(([name, node]) => ({ name, count: countOf(node.shape), rows: hasRows(node.shape), shape: node.shape })),
    guard: guardIndex(outputs, request.guard),
  };
  verifyProgram(program);
  return program;
}

function guardIndex(outputs: readonly (readonly [string, Node])[], guard: string | undefined): number {
  if (guard === undefined) return -1;
  const index = outputs.findIndex(([name]) => name === guard);
  const node = outputs[index]?.[1];
  if (node === undefined || hasRows(node.shape) || countOf(node.shape) !== 1) {
    throw new OptionError(`[compile] expected the guard '${guard}' to be a scalar output${node === undefined ? '' : ` but its shape is ${formatShape(node.shape)}`}`);
  }
  return index;
}
