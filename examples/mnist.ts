// Trains 784-128-10 on MNIST from its four IDX files: npm run example -- examples/mnist.ts FOLDER [epochs]
import { adam, dense, Network, progressBar, readIdxFolder } from 'densely';
import { readArguments } from './folder.ts';

const { folder, epochs } = readArguments('mnist.ts', 'the four MNIST files, plain or gzip', 10);
const { train, test } = await readIdxFolder(folder);
const network = new Network({ inputs: 784, seed: 1, layers: [dense(128, 'relu'), dense(10, 'softmax')] });
console.log(network.summary());
const history = await network.fit(train, { epochs, batchSize: 64, optimizer: adam(), callbacks: [progressBar()] });
const { accuracy } = await network.evaluate(test);
console.log(`training took ${history.seconds.toFixed(2)} s on the ${network.backend} backend`);
console.log(`test accuracy ${accuracy!.toFixed(4)}`);
