// 784-800-10 on MNIST without any regularisation: the plain net of Simard, Steinkraus and Platt (2003), 1.6 % wrong. FOLDER [epochs]
import { adam, cosine, dense, Network, progressBar, readIdxFolder } from 'densely';
import { readArguments } from './folder.ts';

const { folder, epochs } = readArguments('mnist-800.ts', 'the four MNIST files, plain or gzip', 30);
const { train, test } = await readIdxFolder(folder);
const network = new Network({ inputs: 784, seed: 1, layers: [dense(800, 'relu'), dense(10, 'softmax')] });
const optimizer = adam({ learningRate: cosine({ rate: 3e-3, per: 'step' }) });
const history = await network.fit(train, { epochs, batchSize: 128, optimizer, callbacks: [progressBar()] });
const { accuracy } = await network.evaluate(test);
console.log(`training took ${history.seconds.toFixed(0)} s on the ${network.backend} backend`);
console.log(`test error ${(100 * (1 - accuracy!)).toFixed(2)} %`);
