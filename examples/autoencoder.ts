// A sparse autoencoder: hidden units that are to be active in a tenth of the images become detectors of strokes (Ng, CS294A and UFLDL).
// Reads the 8×8 digits, or MNIST where a folder is given, and draws what each hidden unit looks for. [FOLDER] [epochs]
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adam, cosine, Dataset, dense, imageGrid, Network, readCsv, readIdxFolder, writePicture } from 'densely';

const [folder, count] = process.argv.slice(2), isMnist = folder !== undefined;
const epochs = count === undefined ? (isMnist ? 30 : 200) : Number(count), hidden = isMnist ? 196 : 36;
const data = isMnist ? (await readIdxFolder(folder)).train : await readCsv(fileURLToPath(new URL('data/digits.csv', import.meta.url)), { target: 'label' });
const inputs = isMnist ? data.inputs : { ...data.inputs, scale: 1 / 16 }; // pixels from 0 to 1
const images = new Dataset({ inputs, targets: inputs });

// Ng's ρ, β and λ, for the cost ½ Σ (x̂ − x)² + (λ/2) ΣW² + β Σ KL; the mean squared error is 2/m of that sum over m pixels.
const m = inputs.width, side = Math.sqrt(m), rho = 0.1, beta = 3, lambda = 3e-3, l2 = lambda / m;
const layers = [dense(hidden, 'sigmoid', { sparsity: { rate: rho, weight: 2 * beta / m }, l2 }), dense(m, 'sigmoid', { l2 })];
const network = new Network({ inputs: m, seed: 1, layers });
await network.fit(images, { epochs, batchSize: 100, loss: 'meanSquaredError', optimizer: adam({ learningRate: cosine({ rate: 1e-2, per: 'step' }) }) });

const { meanSquaredError } = await network.evaluate(images, { loss: 'meanSquaredError', metrics: ['meanSquaredError'] });
const active = Array.from(network.layers[0]!.forward(images.take(1000).toArrays().x).data);
console.log(`mean activation ${(active.reduce((so, a) => so + a) / active.length).toFixed(4)}, wanted ${rho.toFixed(4)}`);
console.log(`mean squared error of a pixel ${meanSquaredError!.toFixed(4)}`);
const path = join(tmpdir(), 'densely-features.svg');
await writePicture(path, imageGrid(network.weights()[0]!, { shape: [side, side], sameScale: false, title: 'What the hidden units look for' }));
console.log(`features drawn to ${path}`);
