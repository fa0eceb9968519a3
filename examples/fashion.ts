// Fashion-MNIST: the plain net of 100 ReLUs of its paper (Xiao et al. 2017: 0.871 right), and a larger one with dropout and max-norm.
// FOLDER [epochs]
import { adam, cosine, dense, dropout, type Layer, Network, progressBar, readIdxFolder } from 'densely';
import { readArguments } from './folder.ts';

const { folder, epochs } = readArguments('fashion.ts', 'the four Fashion-MNIST files, plain or gzip', 50);
const { train, test } = await readIdxFolder(folder);

async function testAccuracy(layers: readonly Layer[], passes: number): Promise<string> {
  const network = new Network({ inputs: 784, seed: 1, layers });
  const optimizer = adam({ learningRate: cosine({ rate: 1e-3, per: 'step' }) });
  const history = await network.fit(train, { epochs: passes, batchSize: 128, optimizer, callbacks: [progressBar()] });
  const { accuracy } = await network.evaluate(test);
  return `test accuracy ${accuracy!.toFixed(4)} after ${history.seconds.toFixed(0)} s`;
}

const hidden = () => [dense(1024, 'relu', { maxNorm: 2 }), dropout(0.5)];
const small = await testAccuracy([dense(100, 'relu'), dense(10, 'softmax')], Math.ceil(epochs / 2));
const large = await testAccuracy([dropout(0.05), ...hidden(), ...hidden(), dense(10, 'softmax', { maxNorm: 2 })], epochs);
console.log(`784-100-10: ${small}`);
console.log(`784-1024-1024-10 with dropout: ${large}`);
