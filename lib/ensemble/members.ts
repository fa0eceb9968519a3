// Networks side by side: made from one description with seeds of their own, and put to work a few at a time.
import { invalid, nonNegativeInteger } from '../options.ts';
import { Network } from '../network/network.ts';
import type { NetworkOptions } from '../network/network-options.ts';
import { derivedSeed } from '../random/derive.ts';
import { streams } from '../random/philox.ts';

/** What each network is made of: options, or a function that gives the options of one from its seed and number (from 0). */
export type MemberNetwork = NetworkOptions | ((seed: number, index: number) => NetworkOptions);

/** Seed of network number `index` (from 0). */
export function memberSeed(seed: number, index: number): number {
  return derivedSeed(seed, streams.members, index);
}

/** The seed that all others follow from: the one given, else that of the options, else 0. Refuses what describes no network. */
export function checkSeed(where: string, seed: unknown, network: MemberNetwork): number {
  if ((typeof network !== 'object' && typeof network !== 'function') || network === null) throw invalid(where, 'network', 'the options of a network, or a function that gives them', network);
  return nonNegativeInteger(where, 'seed', seed ?? (typeof network === 'function' ? 0 : network.seed ?? 0));
}

/** Network number `index`; its seed is `memberSeed`, unless a function gives options with another. */
export function makeMember(where: string, network: MemberNetwork, seed: number, index: number): Network {
  const own = memberSeed(seed, index);
  const options = typeof network === 'function' ? network(own, index) : { ...network, seed: own };
  if (typeof options !== 'object' || options === null) throw invalid(where, 'network', 'a function that gives the options of a network', options);
  return new Network({ ...options, seed: options.seed ?? own });
}

/**
 * Does `work` for 0 … count − 1, at most `concurrency` at a time, in order of their numbers. The first failure stops the others
 * through the signal they are given; it is thrown once all have ended.
 */
export async function sideBySide(count: number, concurrency: number, signal: AbortSignal | undefined, work: (index: number, signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController(), failures: unknown[] = [];
  const either = signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count && failures.length === 0) {
      const index = next++;
      try {
        await work(index, either);
      } catch (error) {
        failures.push(error);
        controller.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
  if (failures.length > 0) throw failures[0];
}
