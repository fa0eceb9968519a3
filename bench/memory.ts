// Whether networks that are dropped give their memory back: 1,000 are built, trained one step, asked once, forgotten.
// npx tsx --tsconfig tsconfig.build.json bench/memory.ts [--networks N]

import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cases, type TrainingCase } from './cases.ts';
import { makeData } from './data.ts';
import { buildNetwork, firstRows, fitEpochs, type Backend } from './library.ts';

const { values } = parseArgs({
  options: { networks: { type: 'string', default: '1000' }, backend: { type: 'string', default: 'native' }, case: { type: 'string', default: 'W1-32-adam' } },
});
const count = Number(values.networks);
const found = cases.find((one) => one.name === values.case);
if (found?.kind !== 'training') throw new Error(`[memory] expected a training case but received '${values.case}'`);
const one: TrainingCase = found;
const data = makeData(one);
const dataset = firstRows(one, data, one.batch);
const example = data.x.subarray(0, one.network.inputs);

// So that it runs without node --expose-gc as well.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Resident megabytes once everything collectable is gone: finalizers run in later turns of the loop. */
async function settledMegabytes(): Promise<number> {
  for (let turn = 0; turn < 10; turn++) {
    collect();
    await wait(10);
  }
  return process.memoryUsage().rss / 2 ** 20;
}

async function useOne(): Promise<void> {
  const network = buildNetwork(one.network, values.backend as Backend, 1);
  await fitEpochs(network, one, dataset, 1);
  network.predictSync(example);
}

// The first tenth warms up: code, pools and allocator arenas stay, whatever the library does.
const warm = Math.ceil(count / 10);
for (let index = 0; index < warm; index++) await useOne();
const before = await settledMegabytes();
let peak = before;
for (let index = warm; index < count; index++) {
  await useOne();
  if (index % 50 === 0) peak = Math.max(peak, process.memoryUsage().rss / 2 ** 20);
}
const after = await settledMegabytes();
console.log(`memory, ${values.backend}, ${one.name}: ${count} networks built, trained one step, asked once, dropped (Node ${process.version})`);
console.log(`  resident after ${warm} networks ${before.toFixed(1)} MB, after ${count} ${after.toFixed(1)} MB, peak ${peak.toFixed(1)} MB`);
console.log(`  growth ${(after - before).toFixed(1)} MB, ${(((after - before) * 1024) / (count - warm)).toFixed(2)} KB a network`);
