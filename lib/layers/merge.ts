// Layers that make one value of several: sums, products and so on, number by number.
import { OptionError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { formatShape, sameShape } from '../graph/shape.ts';
import { checkOptions } from '../options.ts';
import * as elementwise from '../ops/elementwise.ts';
import { checkFeatures, Layer, type LayerType } from './layer.ts';

/** Throws unless there are two inputs or more, all of them [rows, features]. */
export function checkSeveral(type: string, name: string, inputs: readonly Node[]): void {
  if (inputs.length < 2) throw new OptionError(`[${type} '${name}'] expected two inputs or more but received one; apply it as ${type}().apply(a, b)`);
  for (const x of inputs) checkFeatures(type, name, x);
}

/** A kind of layer without options that folds inputs of one shape together. */
function mergeType(type: string, doc: string, merge: (inputs: readonly Node[]) => Node): LayerType {
  return {
    type, doc, arity: 'several',
    check(options) {
      checkOptions(type, options, []);
      return new Layer(type, {});
    },
    build(inputs, _options, { name }) {
      checkSeveral(type, name, inputs);
      if (!inputs.every(({ shape }) => sameShape(shape, inputs[0].shape))) {
        throw new ShapeError(`[${type} '${name}'] expected inputs of one shape but received ${inputs.map(({ shape }) => formatShape(shape)).join(', ')}`);
      }
      const merged = merge(inputs);
      return { z: merged, a: merged };
    },
    describe: () => '',
  };
}

const fold = (by: (a: Node, b: Node) => Node) => (inputs: readonly Node[]): Node => inputs.reduce(by);

export const addType = mergeType('add', 'a + b + …', fold(elementwise.add));
export const subtractType = mergeType('subtract', 'a − b − …', fold(elementwise.subtract));
export const multiplyType = mergeType('multiply', 'a ⊙ b ⊙ …', fold(elementwise.multiply));
export const averageType = mergeType('average', '(a + b + …) / n', (inputs) => elementwise.scale(inputs.reduce(elementwise.add), 1 / inputs.length));
export const maximumType = mergeType('maximum', 'the largest of a, b, …; two equals share the gradient', fold(elementwise.maximum));
export const minimumType = mergeType('minimum', 'the smallest of a, b, …; two equals share the gradient', fold(elementwise.minimum));

/** The sum of two values or more of one width: `add().apply(x, hidden)` is a skip connection. */
export const add = (): Layer => addType.check({});
/** The first value less the others. */
export const subtract = (): Layer => subtractType.check({});
/** The product of two values or more, number by number. */
export const multiply = (): Layer => multiplyType.check({});
/** The mean of two values or more. */
export const average = (): Layer => averageType.check({});
/** The largest of two values or more, number by number. */
export const maximum = (): Layer => maximumType.check({});
/** The smallest of two values or more, number by number. */
export const minimum = (): Layer => minimumType.check({});
