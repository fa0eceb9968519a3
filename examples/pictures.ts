// One picture of each kind, into the folder given: npm run example examples/pictures.ts pictures
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adam, add, decisionBoundary, dense, imageGrid, input, lineChart, Network, networkGraph, readCsv, terminalChart, writePicture } from 'densely';

const folder = process.argv[2];
if (folder === undefined) throw new Error('say where the pictures go: npm run example examples/pictures.ts pictures');
await mkdir(folder, { recursive: true });
const show = async (name: string, picture: string): Promise<void> => {
  await writePicture(join(folder, name), picture);
  console.log(join(folder, name));
};

const digits = await readCsv(fileURLToPath(new URL('data/digits.csv', import.meta.url)), { target: 'label' });
const { train, test } = digits.split({ test: 0.2, seed: 1, stratify: true });
const network = new Network({ inputs: 64, seed: 42, layers: [dense(36, 'relu', { l2: 1e-3 }), dense(10, 'softmax')] });
const history = await network.fit(train, { epochs: 30, validation: test });
await show('curves.svg', lineChart(history, { title: 'Handwritten digits', logScale: true }));
await show('weights.svg', imageGrid(network.weights()[0]!, { shape: [8, 8], title: 'Weights of the first layer' }));

// Two spirals, one inside the other.
const x = Array.from({ length: 200 }, (_, i) => {
  const turn = Math.sqrt((Math.floor(i / 2) + 4) / 104) * 2.5 * Math.PI, side = i % 2 === 0 ? 1 : -1;
  return [side * turn * Math.cos(turn) / 3, side * turn * Math.sin(turn) / 3];
});
const y = x.map((_, i) => i % 2);
const spirals = new Network({ inputs: 2, seed: 2, layers: [dense(32, 'tanh'), dense(32, 'tanh'), dense(1, 'sigmoid')] });
await spirals.fit({ x, y }, { epochs: 300, batchSize: 20, optimizer: adam({ learningRate: 3e-3 }) });
await show('spirals.svg', await decisionBoundary(spirals, { x, y, title: 'Two spirals', classes: ['first', 'second'] }));

const pixels = input(64), hidden = dense(32, 'relu').apply(pixels);
const residual = add().apply(hidden, dense(32).apply(dense(32, 'relu').apply(hidden)));
await show('network.svg', networkGraph(new Network({ inputs: pixels, outputs: dense(10, 'softmax').apply(residual) }), { title: 'A connection that skips' }));

console.log(`\n${terminalChart(history, { height: 10, logScale: true })}`);
