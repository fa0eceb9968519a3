// Checkpoints and runs that go on: the same bits as a run that was never interrupted.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  adam, batchNorm, checkpoint, dense, dropout, earlyStopping, Network, reduceOnPlateau, sgd, warmup, cosine, type Callback, type FitOptions, type History,
} from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, labelled, refusal } from '../helpers/networks.ts';

const folderOf = (): Promise<string> => mkdtemp(join(tmpdir(), 'densely-resume-'));
const data = labelled(70, 6, 3), validation = labelled(20, 6, 3, 2);
const told = ({ epochs, stopped }: History): string => JSON.stringify({ epochs, stopped });

/** Ends the run at its `count`th pause, as a signal from outside would. */
function interrupting(count: number): { callback: Callback; signal: AbortSignal } {
  const controller = new AbortController();
  let pauses = 0;
  return { signal: controller.signal, callback: { onPause: () => { if (++pauses === count) controller.abort(); } } };
}

interface Case { readonly name: string; readonly make: (backend: 'native' | 'typescript') => Network; readonly options: () => FitOptions }
const network = (backend: 'native' | 'typescript'): Network => new Network({ inputs: 6, layers: [dense(9, 'relu'), dropout(0.3), dense(3, 'softmax')], seed: 5, backend });
const cases: Case[] = [
  { name: 'Adam with a schedule', make: network, options: () => ({ epochs: 7, batchSize: 16, optimizer: adam({ learningRate: warmup({ epochs: 2, learningRate: cosine({ rate: 0.01 }) }) }) }) },
  { name: 'momentum with clipping, on validation data', make: network, options: () => ({ epochs: 7, batchSize: 9, optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }), clip: { globalNorm: 1 }, validation }) },
  { name: 'a plateau', make: network, options: () => ({ epochs: 9, optimizer: sgd({ learningRate: reduceOnPlateau({ rate: 0.5, patience: 0, factor: 0.5 }) }), validation }) },
  { name: 'early stopping', make: network, options: () => ({ epochs: 60, batchSize: 8, optimizer: sgd({ learningRate: 0.9, momentum: 0.9 }), validation, callbacks: [earlyStopping({ patience: 3 })] }) },
  { name: 'running statistics', make: (backend) => new Network({ inputs: 6, layers: [dense(9), batchNorm(), dense(3, 'softmax')], seed: 2, backend }), options: () => ({ epochs: 6, batchSize: 16, optimizer: 'adamw' }) },
];

describe.each(backends)('%s', (backend) => {
  test.each(cases)('$name', async ({ make, options }) => {
    const whole = make(backend), history = await whole.fit(data, options());
    // Interrupted again and again, at other places each time.
    const folder = await folderOf();
    let last: Network | undefined, ended: History | undefined;
    for (let attempt = 0; ended === undefined; attempt++) {
      expect(attempt).toBeLessThan(40);
      last = make(backend);
      const { callback, signal } = interrupting(2 + (attempt % 3)), run = options();
      try {
        ended = await last.fit(data, { ...run, callbacks: [checkpoint(folder), ...(run.callbacks ?? []), callback], signal, resume: folder });
      } catch (error) {
        expect((error as { code: string }).code).toBe('ERR_ABORTED');
      }
    }
    expect(told(ended)).toBe(told(history));
    expect(bits(last!)).toBe(bits(whole));
    // A run that has ended stays as it is.
    const again = make(backend), repeated = await again.fit(data, { ...options(), callbacks: [checkpoint(folder), ...(options().callbacks ?? [])], resume: folder });
    expect(told(repeated)).toBe(told(history));
    expect(bits(again)).toBe(bits(whole));
  });

  test('in the middle of an epoch', async () => {
    // Large enough for several pauses within an epoch.
    const large = labelled(6000, 40, 5), make = (): Network => new Network({ inputs: 40, layers: [dense(300, 'relu'), dense(300, 'tanh'), dense(5, 'softmax')], seed: 3, backend });
    const options: FitOptions = { epochs: backend === 'native' ? 12 : 1, batchSize: 20, optimizer: adam() }, folder = await folderOf();
    const whole = make(), history = await whole.fit(large, options), places: number[] = [];
    let last = make(), ended: History | undefined;
    for (let attempt = 0; ended === undefined; attempt++) {
      expect(attempt).toBeLessThan(1000);
      last = make();
      const controller = new AbortController();
      let pauses = 0;
      const stop: Callback = { onPause({ step }) { if (++pauses === 2) { places.push(step); controller.abort(); } } };
      try {
        ended = await last.fit(large, { ...options, callbacks: [checkpoint(folder, { every: { steps: 1 } }), stop], signal: controller.signal, resume: folder });
      } catch (error) {
        expect((error as { code: string }).code).toBe('ERR_ABORTED');
      }
    }
    expect(places.some((step) => step > 0)).toBe(true);
    expect(told(ended)).toBe(told(history));
    expect(bits(last)).toBe(bits(whole));
  }, 120_000);

  test('more epochs than before go on from the end; a second fit of the network is as uninterrupted', async () => {
    const folder = await folderOf(), long = network(backend), first = network(backend), second = network(backend), options = { batchSize: 16, optimizer: 'adam' } as const;
    const history = await long.fit(data, { ...options, epochs: 8 });
    await first.fit(data, { ...options, epochs: 3, callbacks: [checkpoint(folder)] });
    expect(told(await second.fit(data, { ...options, epochs: 8, resume: folder }))).toBe(told(history));
    expect(bits(second)).toBe(bits(long));
    const more = await long.fit(data, options);
    expect(told(await second.fit(data, options))).toBe(told(more));
  });

  test('checkpoints are models; the best is kept, and old ones go', async () => {
    const folder = await folderOf(), net = network(backend), seen: { loss: number; bits: string }[] = [];
    await net.fit(data, { epochs: 12, optimizer: sgd({ learningRate: 1.5, momentum: 0.9 }), validation, callbacks: [checkpoint(folder, { keep: 3, best: true })], onEpoch: (record) => { seen.push({ loss: record.validation!.loss, bits: bits(net) }); } });
    const names = (await readdir(folder)).sort();
    expect(names).toEqual(['best.safetensors', 'checkpoint-0000000030.safetensors', 'checkpoint-0000000033.safetensors', 'checkpoint-0000000036.safetensors']);
    const best = seen.reduce((a, b) => (b.loss < a.loss ? b : a));
    expect(bits(await Network.load(join(folder, 'best.safetensors'), { backend }))).toBe(best.bits);
    expect(bits(await Network.load(join(folder, names.at(-1)!), { backend }))).toBe(bits(net));
    expect(best.bits).not.toBe(bits(net));
  });

  test('a damaged checkpoint gives way to the one before, with a warning', async () => {
    const folder = await folderOf(), options = { epochs: 4, batchSize: 16 } as const, whole = network(backend), history = await whole.fit(data, options);
    await network(backend).fit(data, { ...options, epochs: 3, callbacks: [checkpoint(folder)] });
    const newest = join(folder, (await readdir(folder)).sort().at(-1)!), bytes = await readFile(newest), warnings: string[] = [];
    const listen = (warning: Error & { code?: string }): void => { warnings.push(`${warning.code} ${warning.message}`); };
    process.on('warning', listen);
    onTestFinished(() => { process.off('warning', listen); });
    for (const damage of [(b: Buffer) => b.subarray(0, b.length - 9), (b: Buffer) => { b[b.length - 20]! ^= 1; return b; }, (b: Buffer) => Buffer.from(b.toString('latin1').replace('"epoch\\":3', '"epoch\\":1'), 'latin1')]) {
      await writeFile(newest, damage(Buffer.from(bytes)));
      const resumed = network(backend);
      expect(told(await resumed.fit(data, { ...options, resume: folder }))).toBe(told(history));
      expect(bits(resumed)).toBe(bits(whole));
    }
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(warnings.length).toBe(3);
    for (const warning of warnings) expect(warning).toMatch(/^DENSELY_CHECKPOINT a checkpoint cannot be read and an older one is tried: .*checkpoint-0000000015/);
  });
});

test('another run is refused, and says how it differs', async () => {
  const folder = await folderOf(), options = { epochs: 2, batchSize: 16 } as const;
  await network('typescript').fit(data, { ...options, callbacks: [checkpoint(folder)] });
  const others: [string, () => Promise<unknown>, string][] = [
    ['batch size', () => network('typescript').fit(data, { ...options, batchSize: 8, resume: folder }), 'batchSize'],
    ['optimizer', () => network('typescript').fit(data, { ...options, optimizer: 'sgd', resume: folder }), 'optimizer'],
    ['loss', () => network('typescript').fit(data, { ...options, loss: { type: 'crossEntropy', options: { labelSmoothing: 0.1 } }, resume: folder }), 'goal'],
    ['data', () => network('typescript').fit(labelled(60, 6, 3), { ...options, resume: folder }), "its examples is '70' instead of '60'"],
    ['network', () => new Network({ inputs: 6, layers: [dense(8, 'relu'), dense(3, 'softmax')], seed: 5, backend: 'typescript' }).fit(data, { ...options, resume: folder }), 'network'],
    ['seed', () => new Network({ inputs: 6, layers: [dense(9, 'relu'), dropout(0.3), dense(3, 'softmax')], seed: 6, backend: 'typescript' }).fit(data, { ...options, resume: folder }), 'seed'],
    ['precision', () => new Network({ inputs: 6, layers: [dense(9, 'relu'), dropout(0.3), dense(3, 'softmax')], seed: 5, precision: 'float64' }).fit(data, { ...options, resume: folder }), 'precision'],
    ['precision of products', () => new Network({ inputs: 6, layers: [dense(9, 'relu'), dropout(0.3), dense(3, 'softmax')], seed: 5, backend: 'typescript', precision: 'bfloat16' }).fit(data, { ...options, resume: folder }), 'precision'],
  ];
  for (const [, run, part] of others) {
    const error = await refusal(run);
    expect(error.code).toBe('ERR_OPTION');
    expect(error.message).toContain(part);
  }
});

test('bad options, and methods that no checkpoint holds', async () => {
  for (const [options, part] of [[{ every: 0 }, "'every'"], [{ every: { step: 3 } }, "did you mean 'steps'"], [{ every: {} }, 'one of'], [{ keep: 0 }, "'keep'"], [{ monitor: 'los' }, "did you mean 'loss'"]] as const) {
    expectRefusal(await refusal(() => checkpoint('x', options as never)), 'ERR_OPTION', part);
  }
  expectRefusal(await refusal(() => checkpoint('')), 'ERR_OPTION', "'folder'");
  expectRefusal(await refusal(async () => network('typescript').fit(data, { optimizer: 'lbfgs', epochs: 2, callbacks: [checkpoint(await folderOf())] })), 'ERR_OPTION', 'minibatches');
});

test('where a checkpoint cannot be written, the run goes on with a warning; a folder that cannot be made is told at once', async () => {
  const folder = await folderOf(), run = join(folder, 'run'), warnings: string[] = [];
  const listen = (warning: Error & { code?: string }): void => { warnings.push(`${warning.code} ${warning.message}`); };
  process.on('warning', listen);
  onTestFinished(() => { process.off('warning', listen); });
  const spoil: Callback = {
    async onBegin() {
      await rm(run, { recursive: true });
      await writeFile(run, 'not a folder');
    },
  };
  const { epochs } = await network('typescript').fit(data, { epochs: 2, callbacks: [checkpoint(run), spoil] });
  expect(epochs.length).toBe(2);
  await new Promise((resolve) => { setImmediate(resolve); });
  expect(warnings.length).toBe(2);
  expect(warnings[0]).toMatch(/^DENSELY_CHECKPOINT a checkpoint could not be written/);
  await expect(network('typescript').fit(data, { callbacks: [checkpoint(join(run, 'below'))] })).rejects.toThrow(/ENOTDIR/);
});
