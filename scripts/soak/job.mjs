// A training job with checkpoints that goes on where it was: writes weights, history and logs to a file at its end.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { adam, batchNorm, checkpoint, cosine, csvLog, dense, dropout, earlyStopping, jsonLines, Network, readCsv } from 'densely';

const [folder, result, backend] = process.argv.slice(2);
const digits = await readCsv(new URL('../../examples/data/digits.csv', import.meta.url).pathname, { target: 'label' });
const { train, test } = digits.split({ test: 0.2, seed: 1 });
const network = new Network({
  inputs: 64, seed: 3, backend,
  layers: [dense(96, 'relu'), batchNorm(), dropout(0.3), dense(64, 'tanh'), dense(10, 'softmax')],
});
const logs = [`${result}.jsonl`, `${result}.csv`];
const history = await network.fit(train, {
  epochs: backend === 'native' ? 60 : 12, batchSize: 16, optimizer: adam({ learningRate: cosine({ rate: 3e-3 }) }), validation: test, resume: folder,
  callbacks: [checkpoint(folder, { every: { steps: 40 }, best: true }), earlyStopping({ patience: 40 }), jsonLines(logs[0]), csvLog(logs[1])],
});
const hash = createHash('sha256');
for (const { name, data } of network.weights()) hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
const told = await Promise.all(logs.map((path) => readFile(path, 'utf8')));
await writeFile(result, JSON.stringify({ told, weights: hash.digest('hex'), epochs: history.epochs, stopped: history.stopped }));
