// A process that writes a model or the checkpoints of a run and is killed at one of its calls: node saves-child.ts work folder told [number how].
// Without a number it ends by itself and leaves the list of its calls.
import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Faults, type Fault } from './faults.ts';

const [work, folder, told, number, how] = process.argv.slice(2);
const faults = new Faults(folder!, (operation) => (operation.number === Number(number ?? -1) ? (how as Fault) : undefined), async () => {
  process.kill(process.pid, 'SIGKILL');
  await setTimeout(1e9);
  throw new Error('unreachable');
});
const { modelPath, newModel, runJob } = await import('./saving.ts');
if (work === 'model') await newModel().save(modelPath(folder!));
else await runJob(folder);
writeFileSync(told!, JSON.stringify(faults.operations));
