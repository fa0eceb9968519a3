// A cubic polynomial a0 + a1 x + a2 x² + a3 x³ fitted to noisy points: model, data and gradient descent are graphs.
import * as graph from 'densely/graph';

const truth = [0.5, -1, 0.25, 0.8], noise = 0.1, points = 400, steps = 3000, learningRate = 0.1;

/** The polynomial at x [rows, 1], summed by Horner's rule: ((a3 x + a2) x + a1) x + a0. */
function polynomial(coefficients: readonly graph.Node[], x: graph.Node): graph.Node {
  return coefficients.reduceRight((sum, coefficient) => graph.add(graph.multiply(sum, x), coefficient));
}

// Points between −1.5 and 1.5 with normal noise, by Box and Muller's transform of uniform numbers.
const index = graph.input('index', ['rows', 1]);
const at = graph.shift(graph.scale(index, 3 / (points - 1)), -1.5);
const [radius, angle] = [1, 2].map((key) => graph.uniform(['rows', 1], 7, key)) as [graph.Node, graph.Node];
const normal = graph.multiply(graph.sqrt(graph.scale(graph.log(graph.shift(graph.negate(radius), 1)), -2)), graph.cos(graph.scale(angle, 2 * Math.PI)));
const exact = polynomial(truth.map((value) => graph.constant(value)), at);
const made = graph.compile({ outputs: { at, value: graph.add(exact, graph.scale(normal, noise)) } });
const data = made.run({ index: Float64Array.from({ length: points }, (_, i) => i) });

// The model, its mean squared error, and a step against the gradient.
const x = graph.input('x', ['rows', 1]), t = graph.input('t', ['rows', 1]);
const a = truth.map((_, i) => graph.parameter(`a${i}`, []));
const loss = graph.meanSquaredError(polynomial(a, x), t);
const derivatives = graph.gradients(loss, a);
const step = graph.compile({
  outputs: { loss },
  assignments: a.map((coefficient, i) => graph.assign(coefficient, graph.subtract(coefficient, graph.scale(derivatives[i]!, learningRate)))),
});

let error = 0;
for (let i = 0; i < steps; i++) error = step.run({ x: data['at']!.data, t: data['value']!.data })['loss']!.data[0]!;

console.log('     true   fitted');
truth.forEach((value, i) => console.log(`a${i} ${value.toFixed(4).padStart(7)} ${step.get(`a${i}`).data[0]!.toFixed(4).padStart(8)}`));
console.log(`residual ${Math.sqrt(error).toFixed(4)} (noise ${noise})`);
