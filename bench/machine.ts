// What the benchmark runs on, for the record.

import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

export function machine(): { node: string; cpu: string; system: string } {
  return {
    node: process.version,
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}, ${process.arch}`,
  };
}
