// Class labels: one-hot vectors, the most probable class.
import { ShapeError } from '../errors.ts';
import { makeNode, type Node, type OpDefinition } from '../graph/node.ts';
import { formatShape, hasRows } from '../graph/shape.ts';

export const labelOps = {
  oneHot: {
    name: 'oneHot', doc: 'Labels [rows, 1] (whole numbers from 0) as rows of `classes` zeros with a single one.', arity: 1,
    shape: ([labels], attributes, where) => {
      if (labels!.length !== 2 || labels![1] !== 1 || !hasRows(labels!)) throw new ShapeError(`${where} expected labels of shape [rows, 1] but received ${formatShape(labels!)}`);
      return ['rows', Number(attributes['classes'])];
    },
    gradient: () => [null],
    tangent: () => null,
    lowering: { kind: 'instruction', instruction: 'oneHot', attributes: (node) => [Number(node.attributes['classes'])] },
    samples: [{ shapes: [['rows', 1]], attributes: { classes: 5 }, domain: ['label:5'] }],
  },
  argmax: {
    name: 'argmax', doc: 'Index of the largest feature of each example [rows, k], as [rows, 1]; the first of equals.', arity: 1,
    shape: ([x], _attributes, where) => {
      if (x!.length !== 2 || !hasRows(x!)) throw new ShapeError(`${where} expected shape [rows, classes] but received ${formatShape(x!)}`);
      return ['rows', 1];
    },
    gradient: () => [null],
    tangent: () => null,
    lowering: { kind: 'instruction', instruction: 'argmax', attributes: (node) => [Number(node.inputs[0]!.shape[1])] },
    samples: [{ shapes: [['rows', 4]] }, { shapes: [['rows', 1]] }],
  },
} as const satisfies Record<string, OpDefinition>;

/** Labels [rows, 1] as one-hot vectors [rows, classes]. */
export function oneHot(labels: Node, classes: number): Node {
  return makeNode(labelOps.oneHot, [labels], { classes });
}

/** Index of the largest feature of each example, as [rows, 1]. */
export function argmax(x: Node): Node {
  return makeNode(labelOps.argmax, [x]);
}
