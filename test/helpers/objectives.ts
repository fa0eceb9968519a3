// Functions to minimize, for tests: standard ones as graphs of scalar parameters, and a network of the digits.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  add, affine, crossEntropy, graphObjective, input, parameter, scale, shift, square, subtract, sum, multiply, tanh,
  type GraphObjective, type GraphObjectiveOptions, type Node,
} from '../../lib/graph.ts';
import { root } from '../structure/tree.ts';

const total = (terms: readonly Node[]): Node => terms.reduce((a, b) => add(a, b));
const fourth = (x: Node): Node => square(square(x));

/** Standard functions of scalar variables (Moré, Garbow and Hillstrom 1981). */
export const functions: Readonly<Record<string, (x: readonly Node[]) => Node>> = {
  rosenbrock: (x) => total(x.slice(1).flatMap((next, i) => [scale(square(subtract(next, square(x[i]!))), 100), square(shift(scale(x[i]!, -1), 1))])),
  beale: ([a, b]) => total([1.5, 2.25, 2.625].map((c, i) => {
    const power = [b!, square(b!), multiply(b!, square(b!))][i]!;
    return square(shift(subtract(multiply(a!, power), a!), c));
  })),
  powell: ([a, b, c, d]) => total([
    square(add(a!, scale(b!, 10))), scale(square(subtract(c!, d!)), 5), fourth(subtract(b!, scale(c!, 2))), scale(fourth(subtract(a!, d!)), 10),
  ]),
};

/** A standard function as an objective that starts at `start`. */
export function standardObjective(name: string, start: readonly number[], options: GraphObjectiveOptions = {}): GraphObjective {
  const variables = start.map((value, i) => parameter(`x${i}`, [], value));
  return graphObjective(functions[name]!(variables), variables, options);
}

/** Rows of the digits: 64 pixels from 0 to 1, and labels [rows, 1]. */
export function readDigits(): { x: Float64Array; labels: Float64Array } {
  const lines = readFileSync(join(root, 'examples/data/digits.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(',').map(Number));
  return { x: Float64Array.from(lines.flatMap((line) => line.slice(0, 64).map((pixel) => pixel / 16))), labels: Float64Array.from(lines, (line) => line[64]!) };
}

/** 64-16-10 with tanh and softmax on the digits, mean cross-entropy plus `penalty` times the squares of the weights; starts at sin(i + 1) / 4. */
export function digitsObjective(penalty: number, options: GraphObjectiveOptions = {}): GraphObjective {
  let at = 0;
  const make = (name: string, shape: readonly number[]): Node => {
    const values = Float64Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(at + i + 1) / 4);
    at += values.length;
    return parameter(name, shape, shape.length === 1 ? values : Array.from({ length: shape[0]! }, (_, row) => values.subarray(row * shape[1]!, (row + 1) * shape[1]!)));
  };
  const parameters = [make('w1', [16, 64]), make('b1', [16]), make('w2', [10, 16]), make('b2', [10])];
  const [w1, b1, w2, b2] = parameters as [Node, Node, Node, Node];
  const z = affine(tanh(affine(input('x', ['rows', 64]), w1, b1)), w2, b2);
  const loss = add(crossEntropy(z, input('labels', ['rows', 1])), scale(add(sum(square(w1)), sum(square(w2))), penalty));
  return graphObjective(loss, parameters, { ...options, inputs: { ...readDigits() } });
}
