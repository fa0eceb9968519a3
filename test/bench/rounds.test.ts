import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { launch, type Command } from '../../bench/launch.ts';
import { runRounds } from '../../bench/rounds.ts';

const fake = (request: object, env?: Command['env']): Command => ({
  command: process.execPath,
  args: [fileURLToPath(new URL('fixtures/fake-trial.mjs', import.meta.url)), JSON.stringify(request)],
  ...(env === undefined ? {} : { env }),
});

describe('runRounds', () => {
  test('asks everybody once a round, one after another, another one first each time', async () => {
    const order: string[] = [];
    let under = 0;
    const outcomes = await runRounds(['a', 'b', 'c'], async (entry) => {
      expect(++under).toBe(1);
      order.push(entry);
      await Promise.resolve();
      under--;
      return order.length;
    }, { runs: 3, patienceSeconds: 60 });
    expect(order.join('')).toBe('abcbcacab');
    expect(outcomes.get('b')!.results).toEqual([2, 4, 9]);
  });

  test('does not ask again who failed or took too long', async () => {
    let now = 0;
    const order: string[] = [];
    const outcomes = await runRounds(['slow', 'broken', 'fine'], async (entry) => {
      order.push(entry);
      now += entry === 'slow' ? 61_000 : 1_000;
      if (entry === 'broken') throw new Error('out of luck');
      return entry;
    }, { runs: 2, patienceSeconds: 60, clock: () => now });
    expect(order).toEqual(['slow', 'broken', 'fine', 'fine']);
    expect(outcomes.get('slow')).toEqual({ results: ['slow'] });
    expect(outcomes.get('broken')).toEqual({ results: [], failure: 'out of luck' });
  });
});

describe('launch', () => {
  test('reads the last line of a process of its own, in the environment asked for', async () => {
    process.env['FAKE_REMOVED'] = 'here';
    const result = await launch(fake({ value: 1.25 }, { FAKE_SET: 'yes', FAKE_REMOVED: undefined }));
    delete process.env['FAKE_REMOVED'];
    expect(result).toEqual({ value: 1.25, lossBefore: 2, lossAfter: 1, versions: { fake: '1', set: 'yes', removed: 'none' } });
  });

  test('says why a trial failed', async () => {
    await expect(launch(fake({ fail: true }))).rejects.toThrow('ended with code 3: no such kernel');
    await expect(launch({ command: process.execPath, args: ['-e', 'console.log("hello")'] })).rejects.toThrow('expected JSON on the last line but received "hello"');
    await expect(launch(fake({ sleep: 60_000 }), 0.3)).rejects.toThrow('took longer than 0.3 s');
    await expect(launch({ command: 'no-such-program-densely', args: [] })).rejects.toThrow('ENOENT');
  });

  test('refuses a second trial beside the first', async () => {
    const first = launch(fake({ value: 1 }));
    await expect(launch(fake({ value: 2 }))).rejects.toThrow('internal: two trials at the same time');
    expect((await first).value).toBe(1);
  });
});
