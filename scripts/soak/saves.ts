// Kills a process at every call by which it writes a model or the checkpoints of a run: before the call, after it, and in the middle of
// writes. After each, the old file or the new one has to be there, and a run has to go on to the end of one that was left alone.
// Usage: npm run soak:saves
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Network } from '../../lib/index.ts';
import { endsAt, type Fault, type Operation } from './faults.ts';
import { digestOf, emptied, modelPath, newModel, oldModel, runFolder, runJob } from './saving.ts';

const child = fileURLToPath(new URL('saves-child.ts', import.meta.url));

/** Does the work in a process of its own, which a fault befalls; says whether it was killed. */
function runChild(work: string, folder: string, told: string, fault?: { operation: Operation; how: Fault }): Promise<boolean> {
  const more = fault === undefined ? [] : [String(fault.operation.number), String(fault.how)];
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, ['--import', 'tsx', child, work, folder, told, ...more], { stdio: ['ignore', 'inherit', 'inherit'] });
    process_.on('error', reject);
    process_.on('exit', (code, signal) => (signal === 'SIGKILL' ? resolve(true) : code === 0 ? resolve(false) : reject(new Error(`the process ended with code ${code}`))));
  });
}

const root = await mkdtemp(join(tmpdir(), 'densely-saves-')), folder = join(root, 'files'), told = join(root, 'told.json');
const whole = await runJob(), old = digestOf(oldModel()), fresh = digestOf(newModel());
/** What is found afterwards, and what that may be. */
const works = {
  model: {
    async prepare() { await oldModel().save(modelPath(folder)); },
    async find() {
      const found = digestOf(await Network.load(modelPath(folder), { backend: 'typescript' }));
      return found === old || found === fresh;
    },
  },
  run: {
    async prepare() { await mkdir(runFolder(folder)); },
    find: async () => (await runJob(folder)) === whole,
  },
};
process.on('warning', (warning) => { console.log(`warning: ${warning.message}`); });

let failures = 0;
try {
  for (const [name, { prepare, find }] of Object.entries(works)) {
    const begin = async (): Promise<void> => {
      await mkdir(await emptied(folder));
      await prepare();
    };
    await begin();
    await runChild(name, folder, told);
    const operations = JSON.parse(await readFile(told, 'utf8')) as Operation[], counts: Record<string, number> = {};
    let kills = 0, good = 0;
    for (const operation of operations) {
      for (const how of endsAt(operation)) {
        await begin();
        if (!(await runChild(name, folder, told, { operation, how }))) throw new Error(`the process was not killed ${String(how)} ${operation.name} ${operation.number}`);
        kills++;
        counts[operation.name] = (counts[operation.name] ?? 0) + 1;
        if (await find().catch((error: unknown) => { console.log(String(error)); return false; })) good++;
        else console.log(`${name}: lost where the process was killed: ${String(how)} ${operation.name} ${operation.number} ${operation.path}`);
      }
    }
    failures += kills - good;
    console.log(`${name}: ${operations.length} calls, ${kills} kills, ${good} times all was there; ${Object.entries(counts).map(([call, times]) => `${call} ${times}`).join(', ')}`);
  }
} finally {
  await rm(root, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
