// Random restarts: the best of several runs, the others gone.
import { describe, expect, test } from 'vitest';
import { dense, Network, restarts, sgd } from '../../lib/index.ts';
import { memberSeed } from '../../lib/ensemble/members.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, refusal, regression } from '../helpers/networks.ts';

describe.each(backends)('%s', (backend) => {
  const data = regression(60, 4, 2), validation = regression(30, 4, 2, 7);
  const network = { inputs: 4, backend, seed: 3, layers: [dense(5, 'tanh'), dense(2)] } as const;
  const fit = { restarts: 4, epochs: 3, batchSize: 10 } as const;

  test('the run with the lowest loss on the validation data is the one that is given back', async () => {
    const { network: best, best: index, losses, histories } = await restarts(network, data, { ...fit, validation });
    const byHand: number[] = [], nets: Network[] = [];
    for (let i = 0; i < 4; i++) {
      const alone = new Network({ ...network, seed: memberSeed(3, i) });
      const { epochs } = await alone.fit(data, { epochs: 3, batchSize: 10, validation });
      expect(histories[i]!.epochs).toEqual(epochs);
      byHand.push(epochs.at(-1)!.validation!.loss);
      nets.push(alone);
    }
    expect(losses).toEqual(byHand);
    expect(new Set(losses).size).toBe(4);
    expect(index).toBe(losses.indexOf(Math.min(...losses)));
    expect(bits(best)).toBe(bits(nets[index]!));
  });

  test('without validation data the training data decide, and how many run at a time does not', async () => {
    const results = [];
    for (const concurrency of [1, 3]) {
      const { network: best, ...rest } = await restarts(network, data, { ...fit, concurrency });
      expect((await best.evaluate(data)).loss).toBe(rest.losses[rest.best]);
      results.push({ weights: bits(best), best: rest.best, losses: rest.losses, epochs: rest.histories.map((history) => history!.epochs) });
    }
    expect(results[1]).toEqual(results[0]);
  });

  test('a fraction set aside is the same for all runs', async () => {
    const still = await restarts(() => ({ ...network, layers: [dense(2, 'linear', { initializer: 'zeros' })] }), data, { ...fit, validation: 0.25, optimizer: sgd({ learningRate: 0 }) });
    expect(new Set(still.losses).size).toBe(1);
    expect(still.best).toBe(0);
  });

  test('runs that fail are left out; where all fail, or anything else goes wrong, the call fails', async () => {
    const wild = (seed: number, index: number) => ({ ...network, seed, layers: [dense(2, 'linear', { initializer: { name: 'randomNormal', scale: index === 1 ? 0.1 : 1e30 } as const })] });
    const { losses, histories, best } = await restarts(wild, data, { ...fit, restarts: 3 });
    expect(losses.map(Number.isFinite)).toEqual([false, true, false]);
    expect(histories.map((history) => history === undefined)).toEqual([true, false, true]);
    expect(best).toBe(1);
    expectRefusal(await refusal(() => restarts((seed) => wild(seed, 0), data, fit)), 'ERR_NON_FINITE', 'epoch 1');
    const controller = new AbortController();
    expectRefusal(await refusal(() => restarts(network, data, { ...fit, epochs: 100_000, signal: controller.signal, onEpoch: () => controller.abort() })), 'ERR_ABORTED');
    expectRefusal(await refusal(() => restarts(network, data, { restarts: 0 })), 'ERR_OPTION', "'restarts'");
    expectRefusal(await refusal(() => restarts(undefined as never, data)), 'ERR_OPTION', "'network'");
    expectRefusal(await refusal(() => restarts(network, data, { restart: 3 } as never)), 'ERR_OPTION', "unknown option 'restart'");
  });

  test('the losers are disposed, the winner works', async () => {
    const seen: Network[] = [], { dispose } = Network.prototype;
    Network.prototype.dispose = function disposed(this: Network): void {
      seen.push(this);
      dispose.call(this);
    };
    try {
      const { network: best } = await restarts(network, data, fit);
      expect(seen).toHaveLength(3);
      expect(seen).not.toContain(best);
      expect(best.predictSync([1, 2, 3, 4]).shape).toEqual([1, 2]);
    } finally {
      Network.prototype.dispose = dispose;
    }
  });
});
