// Matrix products, and the affine function of a layer.
import { ShapeError } from '../errors.ts';
import { makeNode, type Node, type OpDefinition } from '../graph/node.ts';
import { formatShape, type Shape } from '../graph/shape.ts';
import { add } from './elementwise.ts';

interface Transposition { transposeA?: boolean; transposeB?: boolean }

export const matmulOps = {
  matmul: {
    name: 'matmul', doc: 'Matrix product op(a) · op(b), each operand transposed on request; `rows` may lead the result or be summed over.', arity: 2,
    shape: ([a, b], attributes, where) => {
      const ta = attributes['transposeA'] === true, tb = attributes['transposeB'] === true;
      const shapes = `${formatShape(a!)}${ta ? 'ᵀ' : ''} · ${formatShape(b!)}${tb ? 'ᵀ' : ''}`;
      if (a!.length !== 2 || b!.length !== 2) throw new ShapeError(`${where} expected two matrices but received ${shapes}`);
      const [m, k] = ta ? [a![1]!, a![0]!] : [a![0]!, a![1]!];
      const [k2, n] = tb ? [b![1]!, b![0]!] : [b![0]!, b![1]!];
      if (k !== k2) throw new ShapeError(`${where} inner dimensions differ in ${shapes}`);
      if (n === 'rows') throw new ShapeError(`${where} 'rows' must lead the result, not follow, in ${shapes}`);
      return [m, n] as Shape;
    },
    gradient: (node, upstream) => {
      const [a, b] = node.inputs as [Node, Node];
      const ta = node.attributes['transposeA'] === true, tb = node.attributes['transposeB'] === true;
      // C = op(A) op(B): dop(A) = dC op(B)ᵀ, dop(B) = op(A)ᵀ dC, transposed back where the operand was.
      const dA = ta ? matmul(b, upstream, { transposeA: tb, transposeB: true }) : matmul(upstream, b, { transposeB: !tb });
      const dB = tb ? matmul(upstream, a, { transposeA: true, transposeB: ta }) : matmul(a, upstream, { transposeA: !ta });
      return [dA, dB];
    },
    tangent: (node, [ta, tb]) => {
      const [a, b] = node.inputs as [Node, Node];
      const parts = [ta && makeNode(node.op, [ta, b], node.attributes), tb && makeNode(node.op, [a, tb], node.attributes)];
      return parts.filter((part) => part != null).reduce(add);
    },
    lowering: { kind: 'product' },
    tolerance: 1e-5,
    samples: [
      { shapes: [['rows', 3], [3, 4]] }, { shapes: [['rows', 3], [4, 3]], attributes: { transposeB: true } },
      { shapes: [['rows', 3], ['rows', 5]], attributes: { transposeA: true } },
      { shapes: [[3, 4], [4, 2]] }, { shapes: [[4, 3], [4, 2]], attributes: { transposeA: true } },
      { shapes: [[3, 4], [2, 4]], attributes: { transposeB: true } }, { shapes: [[4, 3], [2, 4]], attributes: { transposeA: true, transposeB: true } },
      { shapes: [['rows', 1], [7, 1]], attributes: { transposeB: true } }, { shapes: [['rows', 70], [33, 70]], attributes: { transposeB: true } },
    ],
  },
} as const satisfies Record<string, OpDefinition>;

/** Matrix product op(a) · op(b). */
export function matmul(a: Node, b: Node, { transposeA = false, transposeB = false }: Transposition = {}): Node {
  return makeNode(matmulOps.matmul, [a, b], { transposeA, transposeB });
}

/** x wᵀ + b with x [rows, inputs], w [outputs, inputs] and b [outputs], as in PyTorch's Linear. */
export function affine(x: Node, w: Node, b: Node): Node {
  return add(matmul(x, w, { transposeB: true }), b);
}
