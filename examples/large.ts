// A network of seven layers and 730 million weights, trained with gradient descent on one machine: memory and time of a step. [width] [epochs]
import { Dataset, dense, Network, sgd } from 'densely';

const [width = 12000, epochs = 10] = process.argv.slice(2).map(Number);
const inputs = 784, classes = 10, rows = 64, batchSize = 32;
const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

// Ten patterns, each seen through noise of its own.
const x = Float32Array.from({ length: rows * inputs }, (_, i) => Math.sin(i % inputs * (1 + Math.floor(i / inputs) % classes)) + 0.3 * Math.sin(0.7 * i * i));
const data = Dataset.from({ x, y: Uint8Array.from({ length: rows }, (_, row) => row % classes), width: inputs });

const started = performance.now();
const layers = [...Array.from({ length: 6 }, () => dense(width, 'relu')), dense(classes, 'softmax')];
const network = new Network({ inputs, seed: 1, layers });
const weights = inputs * width + 5 * width ** 2 + width * classes;
console.log(`${(weights / 1e6).toFixed(1)} million weights, ${gibibytes(4 * weights)}; made in ${((performance.now() - started) / 1000).toFixed(1)} s`);

const history = await network.fit(data, {
  epochs, batchSize, optimizer: sgd({ learningRate: 0.01 }), onEpoch: ({ epoch, loss }) => console.log(`epoch ${epoch}  loss ${loss.toFixed(4)}`),
});
console.log(`${(history.seconds / history.steps).toFixed(3)} s for a step of ${batchSize} examples on the ${network.backend} backend`);
console.log(`peak memory ${gibibytes(process.resourceUsage().maxRSS * 1024)}`);
