// How much of the machine other processes used while a trial ran: times from a machine that was not quiet mean little.

import { cpus } from 'node:os';

/** Readings in seconds; tests pass their own. */
export interface Gauges {
  /** What all processors together have worked. */
  busy(): number;
  /** What this process has. */
  own(): number;
  clock(): number;
}

const system: Gauges = {
  busy: () => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000,
  own: () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; },
  clock: () => performance.now() / 1000,
};

/** Starts watching; the function returned says how many processors, on average since then, worked for others. */
export function watchOthers(gauges: Gauges = system): () => number {
  const foreign = (): number => gauges.busy() - gauges.own();
  const before = foreign(), start = gauges.clock();
  return () => Math.max(0, (foreign() - before) / (gauges.clock() - start));
}

/** Where others use more than this many processors, the numbers are not to be relied upon. */
export const quiet = 0.1;
