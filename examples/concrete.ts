// Strength of concrete from its mixture and age, on 20 published splits (Hernández-Lobato and Adams 2015): the root mean squared error in MPa.
// FOLDER [epochs]
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adam, cosine, Dataset, dense, Network, readCsv, standardScaler } from 'densely';
import { readArguments } from './folder.ts';

const { folder, epochs } = readArguments('concrete.ts', 'concrete.csv and concrete_splits.json', 400);
const data = await readCsv(join(folder, 'concrete.csv'), { target: 'compressive_strength_mpa' });
const { test: splits } = JSON.parse(await readFile(join(folder, 'concrete_splits.json'), 'utf8')) as { test: number[][] };
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((so, value) => so + value, 0) / values.length;
function deviation(values: ArrayLike<number>): number {
  const middle = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - middle) ** 2)));
}

/** The test error of one split: `rows` to test on, all others to train on. Targets are standardised as the layer does it to the inputs. */
async function testError(rows: readonly number[]): Promise<number> {
  const others = Array.from({ length: data.length }, (_, row) => row).filter((row) => !rows.includes(row));
  const strengths = others.map((row) => data.targets.data[row]!), unit = deviation(strengths);
  const targets = { ...data.targets, scale: 1 / unit, shift: -mean(strengths) / unit };
  const scaled = new Dataset({ inputs: data.inputs, targets });
  const network = new Network({ inputs: 8, seed: 1, threads: 1, layers: [standardScaler(), dense(50, 'relu'), dense(1)] });
  await network.fit(scaled.select(others), { epochs, batchSize: 32, optimizer: adam({ learningRate: cosine({ rate: 1e-2, per: 'step' }) }) });
  const { loss } = await network.evaluate(scaled.select(rows));
  return unit * Math.sqrt(loss);
}

const errors: number[] = [];
for (const rows of splits) errors.push(await testError(rows));
console.log(errors.map((error) => error.toFixed(2)).join(' '));
// The standard error of a mean divides by n − 1 as well as by n.
console.log(`test error ${mean(errors).toFixed(2)} ± ${(deviation(errors) / Math.sqrt(errors.length - 1)).toFixed(2)} MPa over ${errors.length} splits`);
