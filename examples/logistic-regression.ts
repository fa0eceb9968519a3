// Logistic regression as a graph, with steps of gradient descent made by hand: tells threes from eights among handwritten digits.
import { fileURLToPath } from 'node:url';
import { readCsv } from 'densely';
import * as graph from 'densely/graph';

const epochs = 20, batch = 20, learningRate = 0.1;
const digits = await readCsv(fileURLToPath(new URL('data/digits.csv', import.meta.url)), { target: 'label' });
const { train, test } = digits.split({ test: 0.25, seed: 1, stratify: true });

/** Pixels from 0 to 1 and targets: 1 for an eight, 0 for a three. */
function threesAndEights(set: typeof digits): { x: Float32Array[]; y: number[][] } {
  const { x, y } = set.toArrays();
  const kept = y.flatMap(([label], i) => (label === 3 || label === 8 ? [i] : []));
  return { x: kept.map((i) => x[i]!.map((pixel) => pixel / 16)), y: kept.map((i) => [y[i]![0] === 8 ? 1 : 0]) };
}
const examples = threesAndEights(train), unseen = threesAndEights(test);

// The model: p = sigmoid(w·x + b), the probability of an eight.
const x = graph.input('x', ['rows', 64]), y = graph.input('y', ['rows', 1]);
const w = graph.parameter('w', [1, 64]), b = graph.parameter('b', [1]);
const p = graph.sigmoid(graph.affine(x, w, b));
const loss = graph.binaryCrossEntropy(p, y);
const correct = graph.equal(graph.greater(p, graph.constant(0.5)), y);

// A step against the gradient; the rate is given with every run.
const rate = graph.hyper('rate');
const [dw, db] = graph.gradients(loss, [w, b]) as [graph.Node, graph.Node];
const update = (target: graph.Node, gradient: graph.Node): graph.Node => graph.assign(target, graph.subtract(target, graph.multiply(rate, gradient)));
const step = graph.compile({ outputs: { loss }, assignments: [update(w, dw), update(b, db)] });
const measure = graph.compile({ outputs: { loss, accuracy: graph.mean(correct) } });

for (let epoch = 1; epoch <= epochs; epoch++) {
  let total = 0, steps = 0;
  for (let from = 0; from < examples.x.length; from += batch, steps++) {
    const result = step.run({ x: examples.x.slice(from, from + batch), y: examples.y.slice(from, from + batch), rate: learningRate });
    total += result['loss']!.data[0]!;
  }
  if (epoch === 1 || epoch % 5 === 0) console.log(`epoch ${String(epoch).padStart(2)}: loss ${(total / steps).toFixed(4)}`);
}

for (const name of ['w', 'b']) measure.set(name, step.get(name).data);
const result = measure.run(unseen);
console.log(`${unseen.x.length} digits not seen before: loss ${result['loss']!.data[0]!.toFixed(4)}, accuracy ${result['accuracy']!.data[0]!.toFixed(4)}`);
