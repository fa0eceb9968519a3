// Weights shared between networks: attached ones predict as their owner does, see what it publishes as a whole, and change nothing.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { batchNorm, checkGradients, createPredictor, dense, diagnose, Network, pretrain, standardScaler, type SharedNetwork } from '../../lib/index.ts';
import { makeShared, SharedMemory } from '../../lib/network/shared.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, labelled, refusal, rowsOf } from '../helpers/networks.ts';

const data = labelled(60, 6, 4);

/** What a worker would receive. */
function sent(token: SharedNetwork): SharedNetwork {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(token);
  const { message } = receiveMessageOnPort(port2)! as { message: SharedNetwork };
  port1.close();
  return message;
}

describe.each(backends)('%s', (backend) => {
  const build = (): Network => new Network({ inputs: 6, layers: [standardScaler(), dense(9), batchNorm(), dense(4, 'softmax')], seed: 3, backend });

  test('an attached network answers with the bits of its owner, also when that is gone', async () => {
    const owner = build(), x = rowsOf(70, 6, 1);
    await owner.fit(data, { epochs: 3 });
    const network = Network.attach(sent(owner.share()), { backend }), before = owner.predictSync(x).data, measured = await owner.evaluate(data), weights = bits(owner);
    owner.dispose();
    expect(network.backend).toBe(backend);
    expect(network.predictSync(x).data).toEqual(before);
    expect((await network.predict(x)).data).toEqual(before);
    expect(await network.evaluate(data)).toEqual(measured);
    expect(bits(network)).toBe(weights);
    const folder = await mkdtemp(join(tmpdir(), 'densely-share-'));
    await network.save(join(folder, 'm.safetensors'));
    expect(bits(await Network.load(join(folder, 'm.safetensors'), { backend }))).toBe(weights);
    await rm(folder, { recursive: true });
    const predictor = createPredictor(network);
    expect((await predictor.predict(x)).data).toEqual(before);
    await predictor.close();
  });

  test('what the owner publishes is seen, and what it has not yet published is not', async () => {
    const owner = build(), token = owner.share(), network = Network.attach(token, { backend }), same = Network.attach(sent(token), { backend });
    const first = bits(owner);
    for (let round = 0; round < 3; round++) {
      const seen = bits(network);
      let inside = '';
      await owner.fit(data, { epochs: 2, onEpoch: ({ epoch }) => { if (epoch === 1 && round === 2) { owner.share(); inside = bits(owner); } } });
      expect(bits(network)).toBe(round === 2 ? inside : seen);
      expect(owner.share()).toBe(token);
      for (const each of [network, same]) {
        expect(bits(each)).toBe(bits(owner));
        expect(each.predictSync(data.x).data).toEqual(owner.predictSync(data.x).data);
      }
    }
    expect(bits(network)).not.toBe(first);
    owner.setWeights(owner.weights().map(({ name, data: values }) => ({ name, data: values.fill(0.25) })));
    expect(bits(network)).toBe(bits(owner));
    expect((await network.predict(data.x)).data).toEqual(owner.predictSync(data.x).data);
    expect(network.share()).toBe(token);
  });

  test('what would change weights is refused, and they stay', async () => {
    const owner = build(), network = Network.attach(owner.share(), { backend }), layer = network.layers[1]!, before = bits(owner);
    const calls: Record<string, () => unknown> = {
      fit: () => network.fit(data), adapt: () => network.adapt(data), setWeights: () => network.setWeights(owner.weights()), diagnose: () => diagnose(network, data),
      checkGradients: () => checkGradients(network, data), pretrain: () => pretrain(network, data.x), forward: () => network.forward(data.x), layerForward: () => layer.forward(data.x),
      layerUpdate: () => layer.update(0.1),
    };
    for (const call of Object.values(calls)) expectRefusal(await refusal(call), 'ERR_STATE', 'the network is attached to the weights of another one');
    expect(bits(owner)).toBe(before);
    expect(bits(network)).toBe(before);
    network.dispose();
    expectRefusal(await refusal(() => network.predictSync(data.x)), 'ERR_DISPOSED');
    expect(bits(owner)).toBe(before);
  });

  test('an answer is of one moment, though weights change twice and more while it is computed', async () => {
    const owner = new Network({ inputs: 6, layers: [dense(300), dense(300), dense(5)], backend }), network = Network.attach(owner.share(), { backend });
    const fill = (value: number): void => owner.setWeights(owner.weights().map(({ name, data: values }) => ({ name, data: values.fill(name === 'dense1.bias' ? value : name.endsWith('.bias') || name === 'dense1.weight' ? 0 : 1 / 300) })));
    fill(1);
    const x = rowsOf(1500, 6, 1);
    let value = 1, running = true;
    const asking = (async () => {
      const seen = new Set<number>();
      try {
        for (let i = 0; i < 6; i++) {
          const { data: answer } = await network.predict(x), first = Math.round(answer[0]!);
          expect(answer.every((each) => Math.abs(each - first) < 0.01)).toBe(true);
          seen.add(first);
        }
      } finally {
        running = false;
      }
      return seen;
    })();
    while (running) {
      fill(++value);
      fill(++value);
      // Rarer and rarer, so that the answers come to an end on any machine.
      await new Promise((resolve) => setTimeout(resolve, value));
    }
    expect((await asking).size).toBeGreaterThan(1);
  });

  test('share is refused while a run is in flight', async () => {
    const owner = build(), run = owner.predict(data.x);
    expectRefusal(await refusal(() => owner.share()), 'ERR_BUSY');
    await run;
    owner.dispose();
    expectRefusal(await refusal(() => owner.share()), 'ERR_DISPOSED');
  });

  test('tokens and options that are none are refused', async () => {
    const token = build().share();
    for (const wrong of [undefined, null, {}, 7, { ...token, kind: 'else' }, { ...token, memory: new ArrayBuffer(8) }]) expectRefusal(await refusal(() => Network.attach(wrong as never)), 'ERR_OPTION', '[attach] expected');
    expectRefusal(await refusal(() => Network.attach({ ...token, version: 2 })), 'ERR_OPTION', 'version 1 but received one of version 2');
    expectRefusal(await refusal(() => Network.attach({ ...token, length: token.length - 16 })), 'ERR_OPTION', `but received one over ${token.memory.byteLength}`);
    const other = new Network({ inputs: 6, layers: [dense(4)], backend }).share();
    expectRefusal(await refusal(() => Network.attach({ ...other, configuration: token.configuration })), 'ERR_OPTION', `of ${token.length} numbers but received one of ${other.length}`);
    expectRefusal(await refusal(() => Network.attach(token, { precision: 'float64' } as never)), 'ERR_OPTION', "unknown option 'precision'");
    expectRefusal(await refusal(() => Network.attach(token, { threads: 0 })), 'ERR_OPTION', 'threads');
  });
});

test('in double precision, the precision comes with the token', () => {
  const owner = new Network({ inputs: 6, layers: [dense(4, 'tanh')], precision: 'float64', seed: 5 }), network = Network.attach(sent(owner.share()));
  expect(network.predictSync(data.x).data).toBeInstanceOf(Float64Array);
  expect(network.predictSync(data.x).data).toEqual(owner.predictSync(data.x).data);
});

test('a generation is whole until the next but one is begun', () => {
  const writer = new SharedMemory(makeShared('{}', 'float32', 16)), reader = new SharedMemory(writer.token);
  const published = (value: number): void => writer.publish(new Float32Array(16).fill(value));
  published(1);
  const generation = reader.latest();
  expect(reader.slotOf(generation)[15]).toBe(1);
  published(2);
  expect(reader.isWhole(generation)).toBe(true);
  expect(reader.slotOf(generation)[15]).toBe(1);
  expect(reader.slotOf(reader.latest())[0]).toBe(2);
  published(3);
  expect(reader.isWhole(generation)).toBe(false);
  // The counter may pass the largest 32-bit number.
  new Int32Array(writer.token.memory, 0, 2).fill(2 ** 31 - 1);
  const last = reader.latest();
  published(4);
  expect(reader.isWhole(last)).toBe(true);
  published(5);
  expect(reader.isWhole(last)).toBe(false);
  expect(reader.slotOf(reader.latest())[3]).toBe(5);
});
