// Arrays of other contexts, whose classes are not the ones of this one.
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Dataset, dense, Network, type MatrixLike } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, refusal } from '../helpers/networks.ts';

const foreign = (code: string): MatrixLike => runInNewContext(code) as MatrixLike;

describe.each(backends)('%s', (backend) => {
  const network = new Network({ inputs: 3, backend, layers: [dense(2)] });
  const { data: expected } = network.predictSync([[1, 2, 3], [4, 5, 6]]);

  test.each(['new Float32Array([1, 2, 3, 4, 5, 6])', 'new Uint8Array([1, 2, 3, 4, 5, 6])', 'new Float64Array([1, 2, 3, 4, 5, 6])', '[new Float32Array([1, 2, 3]), [4, 5, 6]]'])('%s are inputs', async (code) => {
    expect(network.predictSync(foreign(code)).data).toEqual(expected);
    expect((await network.predict(foreign(code))).data).toEqual(expected);
  });

  test('results are written into one', () => {
    const into = foreign('new Float32Array(4)') as Float32Array;
    network.predictSync([[1, 2, 3], [4, 5, 6]], { into });
    expect([...into]).toEqual([...expected]);
  });

  test.each(['new DataView(new ArrayBuffer(24))', 'new ArrayBuffer(24)', 'new BigInt64Array(6)'])('%s is refused', async (code) => {
    const error = await refusal(() => network.predictSync(foreign(code)));
    expectRefusal(error, error.code, '[predictSync] expected');
  });
});

test('a data set keeps them where they lie', () => {
  const x = foreign('new Float32Array(6)') as Float32Array, y = foreign('new Uint8ClampedArray(2)') as Uint8ClampedArray;
  const { inputs, targets } = Dataset.from({ x, y, width: 3 });
  expect(inputs.data).toBe(x);
  expect(targets.data.buffer).toBe(y.buffer);
});
