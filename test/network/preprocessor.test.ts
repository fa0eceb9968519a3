// A preprocessor belongs to its network: saved with it, and applied to raw rows by predict, so that serving is as training was.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpoint, dense, fitPreprocessor, Network, type Preprocessor } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, refusal } from '../helpers/networks.ts';

const cities = ['Rome', 'Oslo', 'Lima'];
const rows = Array.from({ length: 60 }, (_, i) => ({ age: i % 7 === 0 ? null : 20 + (i * 13) % 40, city: cities[i % 3]!, member: i % 2 === 0, bought: (i * 13) % 40 > 20 || i % 3 === 1 ? 'yes' : 'no' }));
const fitted = (): Promise<Preprocessor> => fitPreprocessor(rows, { target: 'bought' });

describe.each(backends)('%s', (backend) => {
  test('raw rows are predicted as the data they were trained on, also after loading, and from checkpoints', async () => {
    const preprocessor = await fitted(), train = preprocessor.transform(rows), folder = await mkdtemp(join(tmpdir(), 'densely-raw-'));
    const network = new Network({ inputs: preprocessor.inputs, layers: [dense(8, 'relu'), dense(2, 'softmax')], preprocessor, backend });
    await network.fit(train, { epochs: 20, callbacks: [checkpoint(folder)] });
    const numbers = await network.predict(Array.from({ length: 60 }, (_, i) => train.row(i).x)), raw = rows.map(({ bought: _target, ...row }) => row);
    expect(await network.predict(raw)).toEqual(numbers);
    expect(network.predictSync(rows)).toEqual(numbers);
    await network.save(join(folder, 'model.safetensors'));
    for (const file of ['model.safetensors', 'checkpoint-0000000040.safetensors']) {
      const loaded = await Network.load(join(folder, file), { backend });
      expect(await loaded.predict(raw)).toEqual(numbers);
      expect(loaded.preprocessor!.classes).toEqual(preprocessor.classes);
    }
  });

  test('rows that do not fit, and networks without a preprocessor, say so', async () => {
    const preprocessor = await fitted(), network = new Network({ inputs: preprocessor.inputs, layers: [dense(2, 'softmax')], preprocessor, backend });
    expectRefusal(await refusal(() => network.predict([{ age: 30, city: 'Rome', membr: true }])), 'ERR_DATA', 'membr');
    network.preprocessor = undefined;
    expectRefusal(await refusal(() => network.predict([{ age: 30, city: 'Rome', member: true }])), 'ERR_OPTION', 'no preprocessor');
    expectRefusal(await refusal(() => new Network({ inputs: 3, layers: [dense(2)], preprocessor })), 'ERR_SHAPE', `makes ${preprocessor.inputs}`);
    expectRefusal(await refusal(() => new Network({ inputs: 3, layers: [dense(2)], preprocessor: {} as never })), 'ERR_OPTION', "'preprocessor'");
  });
});
