// Writing to the state: the one op with an effect. Optimisers are made of it.
import { OptionError, ShapeError } from '../errors.ts';
import { makeNode, type Node, type OpDefinition } from '../graph/node.ts';
import { formatShape, sameShape } from '../graph/shape.ts';
import { variableOps } from './variables.ts';

export const assignOps = {
  assign: {
    name: 'assign', doc: 'Stores a value in a parameter or state tensor, after everything else of the step has read the old one.', arity: 2,
    shape: ([target, value], _attributes, where) => {
      if (!sameShape(target!, value!)) throw new ShapeError(`${where} cannot store ${formatShape(value!)} in ${formatShape(target!)}`);
      return target!;
    },
    gradient: () => [null, null],
    tangent: () => null,
    lowering: { kind: 'assign' },
  },
} as const satisfies Record<string, OpDefinition>;

/** Stores `value` in `target` (a parameter or state tensor) at the end of the step. */
export function assign(target: Node, value: Node): Node {
  if (target.op !== variableOps.parameter && target.op !== variableOps.state) {
    throw new OptionError(`[assign] expected a parameter or state tensor as target but received ${target.op.name}`);
  }
  return makeNode(assignOps.assign, [target, value]);
}
