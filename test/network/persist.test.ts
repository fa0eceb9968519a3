// save and load: the same bits back, and one clear sentence for every file that is not a model.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dense, dropout, Network } from '../../lib/index.ts';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../../lib/io/safetensors.ts';
import { backends } from '../helpers/backends.ts';
import { denseCases, layerCases, type Described } from '../helpers/layer-cases.ts';
import { bits, expectRefusal, labelled, refusal, rowsOf } from '../helpers/networks.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-a-folder-with-a-name-of-some-length-')); });
afterAll(() => rm(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);

interface Configuration { version: number; sum?: string; inputs: number; seed: number; steps: number; layers: { type: string; options: Record<string, unknown> }[] }

/** A saved model, taken apart, changed and written again. */
async function forged(from: string, to: string, change: (parts: { tensors: NamedTensor[]; configuration: Configuration }) => void): Promise<string> {
  const { tensors, metadata } = decodeSafetensors(await readFile(from), 'forge');
  const parts = { tensors: [...tensors].map(([name, { shape, data }]) => ({ name, shape, data })), configuration: JSON.parse(metadata['densely']!) as Configuration };
  // As by another program, which keeps no sum.
  delete parts.configuration.sum;
  change(parts);
  await writeFile(to, Buffer.concat(encodeSafetensors(parts.tensors, { densely: JSON.stringify(parts.configuration) })));
  return to;
}

describe.each(backends)('%s', (backend) => {
  const x = rowsOf(9, 4, 2), data = labelled(40, 4, 3);
  const chained = [dropout(0.25), dense(4, 'tanh'), dropout(), dense(3, 'softmax')];
  const build = (options: Described = { inputs: 4, layers: chained }): Network => new Network({ ...options, seed: 2 ** 40 + 3, backend });
  const widths = { inputs: 4, hidden: 5, outputs: 3 };
  const cases: Record<string, Described> = {
    ...Object.fromEntries(Object.entries(layerCases).map(([type, make]) => [type, make({ name: 'elu', alpha: 0.7 }, widths, 'softmax')])),
    ...Object.fromEntries(Object.entries(denseCases).map(([name, make]) => [`dense with ${name}`, make(widths)])),
  };

  test.each(Object.keys(cases))('a network of %s predicts the same bits, and training goes on as if nothing had been', async (type) => {
    const network = build(cases[type]), path = file(`${backend}-${type}.safetensors`);
    await network.fit(data, { epochs: 3, optimizer: 'sgd' });
    await network.save(path);
    const loaded = await Network.load(path, { backend });
    expect(loaded.backend).toBe(backend);
    expect(bits(loaded)).toBe(bits(network));
    expect(loaded.predictSync(x).data).toEqual(network.predictSync(x).data);
    expect(loaded.summary()).toBe(network.summary());
    const [history, again] = [await network.fit(data, { epochs: 2 }), await loaded.fit(data, { epochs: 2 })];
    expect(again.epochs).toEqual(history.epochs);
    expect(bits(loaded)).toBe(bits(network));
    await loaded.save(path);
    expect(bits(await Network.load(path))).toBe(bits(network));
  });

  test('saved during fit: a model of one moment', async () => {
    const network = build(), path = file(`${backend}-during.safetensors`), seen: string[] = [];
    await network.fit(data, {
      epochs: 4, batchSize: 4,
      onEpoch: async ({ epoch }) => {
        if (epoch === 2) await network.save(path);
        seen.push(bits(network));
      },
    });
    const fit = network.fit(data, { epochs: 50 });
    await network.save(file(`${backend}-slice.safetensors`));
    await fit;
    expect(bits(await Network.load(path, { backend }))).toBe(seen[1]);
    expect((await Network.load(file(`${backend}-slice.safetensors`), { backend })).predictSync(x).shape).toEqual([9, 3]);
  });

  test('doubles are saved as doubles', async () => {
    const network = new Network({ inputs: 4, layers: [dense(3)], precision: 'float64' }), path = file(`${backend}-double.safetensors`);
    await network.save(path);
    const same = await Network.load(path, { precision: 'float64' });
    expect(same.weights()).toEqual(network.weights());
    expect(same.weights()[0]!.data).toBeInstanceOf(Float64Array);
    const single = await Network.load(path, { backend });
    expect(Array.from(single.weights()[0]!.data)).toEqual(Array.from(network.weights()[0]!.data, Math.fround));
  });

  const saved = async (): Promise<string> => {
    const path = file(`${backend}-whole.safetensors`);
    await build().save(path);
    return path;
  };
  const refused = async (path: string, ...parts: (string | RegExp)[]): Promise<void> => {
    expectRefusal(await refusal(() => Network.load(path, { backend })), 'ERR_MODEL_FORMAT', ...parts);
  };

  test('truncated anywhere, or with a byte too many', async () => {
    const path = await saved(), whole = await readFile(path), cut = file(`${backend}-cut.safetensors`);
    const headerEnd = 8 + Number(whole.readBigUInt64LE());
    const lengths = [0, 1, 7, 8, 9, 100, headerEnd - 1, headerEnd, headerEnd + 1, headerEnd + 4, whole.length - 4, whole.length - 1];
    for (const length of [...lengths, ...Array.from({ length: 20 }, (_, i) => Math.floor((i * whole.length) / 20))]) {
      await writeFile(cut, whole.subarray(0, length));
      const error = await refusal(() => Network.load(cut, { backend }));
      expect(error.code, String(length)).toBe('ERR_MODEL_FORMAT');
      expect(error.message).toMatch(/^\[load '[^\]]+cut\.safetensors'\] \S[^\n]*$/);
    }
    await writeFile(cut, Buffer.concat([whole, Buffer.of(0)]));
    expect((await refusal(() => Network.load(cut, { backend }))).code).toBe('ERR_MODEL_FORMAT');
  });

  type Change = Parameters<typeof forged>[2];
  const changes: [string, Change, string | RegExp][] = [
    ['a newer version', ({ configuration }) => { configuration.version = 2; }, 'version 2 but this release reads version 1'],
    ['no version', ({ configuration }) => { delete (configuration as Partial<Configuration>).version; }, 'no version'],
    ['an older version than the first', ({ configuration }) => { configuration.version = 0; }, 'version 0'],
    ['a missing tensor', ({ tensors }) => { tensors.pop(); }, "no values for 'dense2.bias'"],
    ['a tensor too many', ({ tensors }) => { tensors.push({ name: 'dense3.weight', shape: [1], data: Float32Array.of(1) }); }, "no tensor is named 'dense3.weight'"],
    ['a wrong shape', ({ tensors }) => { tensors[0] = { ...tensors[0]!, shape: [...tensors[0]!.shape].reverse() }; tensors[2] = { ...tensors[2]!, shape: [...tensors[2]!.shape].reverse() }; }, /expected shape \[\d, 4\] for 'dense[12].weight' but found \[4, 3\]|expected shape/],
    ['whole numbers', ({ tensors }) => { tensors[0] = { ...tensors[0]!, data: Int32Array.from(tensors[0]!.data as Float32Array) }; }, 'not of single or double precision'],
    ['a weight that is no number', ({ tensors }) => { (tensors[0]!.data as Float32Array)[3] = Number.NaN; }, 'a finite number but received NaN'],
    ['an unknown layer type', ({ configuration }) => { configuration.layers[1]!.type = 'convolution'; }, "unknown layer type 'convolution'"],
    ['an unknown option', ({ configuration }) => { configuration.layers[1]!.options['unit'] = 4; }, "'units'"],
    ['an option out of range', ({ configuration }) => { configuration.layers[0]!.options['rate'] = 1.5; }, "'rate'"],
    ['a layer without options', ({ configuration }) => { delete (configuration.layers[1]! as { options?: object }).options; }, "'units'"],
    ['a layer that is null', ({ configuration }) => { configuration.layers[0] = null as never; }, 'layers[0]'],
    ['an impossible size', ({ configuration }) => { configuration.layers[1]!.options['units'] = 2 ** 45; }, "is [35184372088832, 4]"],
    ['a size larger than memory', ({ configuration }) => { configuration.layers[1]!.options['units'] = 2 ** 28; }, "for 'dense1.weight'"],
    ['other inputs', ({ configuration }) => { configuration.inputs = 5; }, "expected shape [4, 5] for 'dense1.weight' but received [4, 4]"],
    ['negative inputs', ({ configuration }) => { configuration.inputs = -4; }, "'inputs'"],
    ['a negative seed', ({ configuration }) => { configuration.seed = -1; }, "'seed'"],
    ['negative steps', ({ configuration }) => { configuration.steps = -1; }, 'steps'],
    ['no layers', ({ configuration }) => { configuration.layers = []; }, "'layers'"],
    ['layers that are no list', ({ configuration }) => { configuration.layers = {} as never; }, 'layers'],
  ];
  test.each(changes)('%s', async (name, change, part) => {
    const path = await forged(await saved(), file(`${backend}-${name.replaceAll(' ', '-')}.safetensors`), change);
    await refused(path, part, `${backend}-`);
  });

  test('a lying header, no safetensors, another library\'s file', async () => {
    const path = file(`${backend}-bad.safetensors`), whole = await readFile(await saved());
    const text = whole.toString('latin1');
    const variants: [Buffer, RegExp][] = [
      [Buffer.from('this is no model at all, only text'), /bad\.safetensors/],
      [Buffer.from(text.replace('"shape":[4,4]', '"shape":[4,9]'), 'latin1'), /bytes for F32 of shape \[4, 9\]/],
      [Buffer.from(text.replace(/"data_offsets":\[0,/, '"data_offsets":[4,'), 'latin1'), /data_offsets/],
      [Buffer.concat(encodeSafetensors([{ name: 'w', shape: [1], data: Float32Array.of(1) }], { format: 'pt' })), /no 'densely' entry/],
      [Buffer.concat(encodeSafetensors([], { densely: '{"version":1' })), /JSON/],
      [Buffer.concat(encodeSafetensors([], { densely: 'null' })), /version/],
    ];
    for (const [content, part] of variants) {
      expect(content.equals(whole)).toBe(false);
      await writeFile(path, content);
      await refused(path, part);
    }
  });

  test('options of load are the caller\'s, not the file\'s', async () => {
    const path = await saved();
    expectRefusal(await refusal(() => Network.load(path, { thread: 2 } as never)), 'ERR_OPTION', "'threads'");
    expectRefusal(await refusal(() => Network.load(path, { threads: 0 })), 'ERR_OPTION', "'threads'");
    expectRefusal(await refusal(() => Network.load(path, { backend: 'nativ' as never })), 'ERR_OPTION', "'native'");
    expectRefusal(await refusal(() => Network.load(path, { precision: 'float16' as never })), 'ERR_OPTION', "'precision'");
    await expect(Network.load(file('nothing-here'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a save that fails leaves the old file and nothing beside it', async () => {
    const network = build(), inside = file(`${backend}-folder`), path = join(inside, 'model.safetensors');
    await expect(network.save(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'kept'), 'kept');
    await expect(network.save(path)).rejects.toThrow();
    expect(await readFile(join(path, 'kept'), 'utf8')).toBe('kept');
    expect(await readdir(inside)).toEqual(['model.safetensors']);
    const old = await saved(), bytes = await readFile(old);
    await network.fit(data);
    await expect(network.save(join(old, 'below-a-file'))).rejects.toThrow();
    expect(await readFile(old)).toEqual(bytes);
    await network.save(old);
    expect(bits(await Network.load(old, { backend }))).toBe(bits(network));
  });
});
