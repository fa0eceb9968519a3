// First pass: merges equal nodes and rewrites what the instruction set does not have into what it has.
import { type Attributes, makeNode, Node, type OpDefinition, withPath } from '../graph/node.ts';
import { ancestors } from '../graph/query.ts';
import { countOf, hasRows, type Dimension, type Shape } from '../graph/shape.ts';
import { assignOps } from '../ops/assign.ts';
import { copy, elementwiseOps, immediateOf, scale } from '../ops/elementwise.ts';
import { matmulOps } from '../ops/matmul.ts';
import { reshape as reshaped, shapeOps, transpose } from '../ops/shape.ts';
import { access } from './program.ts';

/** Ops that only the compiler makes. */
export const compilerOps = {
  exampleMajor: {
    name: 'exampleMajor', doc: 'The same rows tensor stored one example after the other.', arity: 1,
    shape: ([x]) => x!,
    gradient: () => [null],
    tangent: () => null,
    lowering: { kind: 'instruction', instruction: 'transpose', attributes: (node) => [1, countOf(node.shape), -1, 1] },
  },
  expand: {
    name: 'expand', doc: 'Repeats a tensor along neighbouring dimensions.', arity: 1,
    shape: (_inputs, attributes) => JSON.parse(String(attributes['shape'])) as Shape,
    gradient: () => [null],
    tangent: () => null,
    lowering: {
      kind: 'instruction', instruction: 'expand',
      attributes: (node) => {
        const target = node.shape, first = Number(node.attributes['first']), last = Number(node.attributes['last']);
        if (target[first] === 'rows') return [countOf(target), -1, 1];
        const inner = countOf(target.slice(last + 1));
        return [countOf(target.slice(0, first)), countOf(target.slice(first, last + 1)), hasRows(target) ? -inner : inner];
      },
    },
  },
} as const satisfies Record<string, OpDefinition>;

/** How a tensor of shape `x` that broadcasts to `target` can be read by a chain over `target`; null where it cannot. */
export function accessKind(x: Shape, target: Shape): number | null {
  const padded: Dimension[] = [...Array<Dimension>(target.length - x.length).fill(1), ...x];
  const fits = (from: number, to: number): boolean => padded.slice(from, to).every((dimension, i) => dimension === target[from + i]);
  const single = (from: number, to: number): boolean => padded.slice(from, to).every((dimension) => dimension === 1);
  const rank = target.length;
  if (fits(0, rank)) return access.full;
  if (single(0, rank)) return access.scalar;
  // Rows lie last in memory: features are the lines and examples the columns.
  if (hasRows(target)) {
    if (single(0, 1) && fits(1, rank)) return access.line;
    return fits(0, 1) && single(1, rank) ? access.column : null;
  }
  if (fits(0, rank - 1) && single(rank - 1, rank)) return access.line;
  return single(0, rank - 1) && fits(rank - 1, rank) ? access.column : null;
}

/** A broadcast that no chain can read, as a sequence of `expand`, one run of stretched dimensions at a time. */
function expandInSteps(x: Node, target: Shape): Node {
  let current = reshaped(x, [...Array<Dimension>(target.length - x.shape.length).fill(1), ...x.shape]);
  for (let last = target.length - 1; last >= 0; last--) {
    const stretched = (axis: number): boolean => axis >= 0 && current.shape[axis] !== target[axis];
    if (!stretched(last)) continue;
    let first = last;
    if (target[first] !== 'rows') while (stretched(first - 1) && target[first - 1] !== 'rows') first--;
    const shape = current.shape.map((dimension, i) => (i >= first && i <= last ? target[i]! : dimension));
    current = makeNode(compilerOps.expand, [current], { shape: JSON.stringify(shape), first, last });
    last = first;
  }
  return current;
}

/** Products read their second operand with the summed dimension outermost: other orders become copies. */
function rewriteMatmul(node: Node): Node {
  const [a, b] = node.inputs as [Node, Node];
  const transposeA = node.attributes['transposeA'] === true, transposeB = node.attributes['transposeB'] === true;
  if (transposeA && hasRows(a.shape)) return node.inputs[1]!.op === compilerOps.exampleMajor ? node : makeNode(matmulOps.matmul, [a, makeNode(compilerOps.exampleMajor, [b])], node.attributes);
  if (!hasRows(a.shape) && transposeB) return makeNode(matmulOps.matmul, [a, transpose(b)], { transposeA, transposeB: false });
  return node;
}

/** What is stored must be made in the step: tensors that only lie somewhere are copied, so that two can swap their values. */
function rewriteAssign(node: Node): Node {
  const [target, value] = node.inputs as [Node, Node];
  const { kind } = value.op.lowering;
  return kind === 'variable' || kind === 'view' || kind === 'broadcast' ? makeNode(assignOps.assign, [target, copy(value)]) : node;
}

/** Two of a kind as one: a factor of a factor, a repetition of what is repeated under any shape. Nodes in `cut` are not looked through. */
function merge(node: Node, cut: ReadonlySet<Node>): Node {
  const { op } = node, inner = node.inputs[0];
  if (inner === undefined || cut.has(inner)) return node;
  const { scale: scaleOp, negate } = elementwiseOps, { reshape, broadcastTo } = shapeOps;
  if ((op === scaleOp || op === negate) && inner.op === scaleOp) return scale(inner.inputs[0]!, (op === negate ? -1 : immediateOf(node)) * immediateOf(inner));
  const isRepeated = inner.op === broadcastTo && (op === broadcastTo || (op === reshape && inner.inputs[0]!.shape.length === 0));
  return isRepeated ? makeNode(broadcastTo, inner.inputs, node.attributes) : node;
}

function rewrite(node: Node, cut: ReadonlySet<Node>): Node {
  const merged = merge(node, cut);
  if (merged !== node) return merged;
  if (node.op === matmulOps.matmul) return rewriteMatmul(node);
  if (node.op === assignOps.assign) return rewriteAssign(node);
  if (node.op === shapeOps.broadcastTo && accessKind(node.inputs[0]!.shape, node.shape) === null) return expandInSteps(node.inputs[0]!, node.shape);
  return node;
}

/** Numbers that JSON does not tell apart (NaN, ±∞, −0) as words. */
function distinct(_key: string, value: unknown): unknown {
  return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? `${Object.is(value, -0) ? '-0' : value}` : value;
}

function keyOf(op: OpDefinition, inputs: readonly Node[], attributes: Attributes): string {
  return `${op.name}(${inputs.map((input) => input.id).join(',')})${JSON.stringify(attributes, distinct)}`;
}

/** The graph under `roots` in canonical form: equal nodes are one node, and every node has an instruction. Nodes in `cut` stay as they are. */
export function canonicalize(roots: readonly Node[], cut: ReadonlySet<Node>): (node: Node) => Node {
  const canonical = new Map<Node, Node>();
  const known = new Map<string, Node>();
  const visit = (node: Node): Node => {
    const done = canonical.get(node);
    if (done !== undefined) return done;
    const inputs = cut.has(node) ? node.inputs : node.inputs.map((input) => visit(input));
    const key = cut.has(node) ? `cut ${node.id}` : keyOf(node.op, inputs, node.attributes);
    let result = known.get(key);
    if (result === undefined) {
      const unchanged = inputs.every((input, i) => input === node.inputs[i]);
      const same = unchanged ? node : withPath(node.path, () => new Node(node.op, inputs, node.attributes, node.shape, node.data));
      const rewritten = cut.has(node) ? node : withPath(node.path, () => rewrite(same, cut));
      // What a rewriting made is canonical only after its own parts are.
      result = rewritten === same ? same : visit(rewritten);
      known.set(key, result);
    }
    canonical.set(node, result);
    return result;
  };
  for (const node of ancestors(roots, cut)) visit(node);
  return visit;
}
