// Time and memory that it takes to refuse bad files: each in a process of its own, with what it took beyond a good file; then a model of
// four KiB cut at every length and with every bit turned. Usage: npm run soak:bad-files
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelFormatError } from '../../lib/errors.ts';
import { batchNorm, dense, Network } from '../../lib/index.ts';
import { decodeSafetensors, readSafetensors } from '../../lib/io/safetensors.ts';
import { networkIn } from '../../lib/network/persist.ts';
import { badModels, goodModel } from '../../test/helpers/bad-models.ts';
import { run } from '../../test/helpers/bad-readers.ts';
import { badCheckpoints, badOnnx } from '../../test/helpers/bad-runs.ts';
import { badTables } from '../../test/helpers/bad-tables.ts';

const child = fileURLToPath(new URL('bad-files-child.ts', import.meta.url));
/** Seconds of processor time, and bytes beyond those of the file. */
const longest = 1, largest = 16 * 2 ** 20;

const root = await mkdtemp(join(tmpdir(), 'densely-bad-files-'));
let failures = 0;
try {
  await run(join(root, 'run'), 1);
  const files = [...badModels, ...(await badCheckpoints(await readSafetensors(join(root, 'run', 'checkpoint-0000000002.safetensors')))), ...badOnnx, ...badTables];
  const path = join(root, 'file'), good = join(root, 'good');
  await writeFile(good, goodModel());
  let slowest = { name: '', seconds: 0 }, most = { name: '', bytes: 0 };
  for (const { reader, name, make, code, unpacked = 0 } of files) {
    const content = Buffer.from(make() as string);
    await writeFile(path, content);
    const { stdout, status, signal } = spawnSync(process.execPath, ['--import', 'tsx', child, reader, path, good], { encoding: 'utf8' });
    const told = (status === 0 ? JSON.parse(stdout) : { code: signal ?? `exit ${status}`, seconds: NaN, bytes: NaN }) as { code: string; seconds: number; bytes: number };
    const beyond = told.bytes - Math.max(content.length, unpacked), full = `${reader}: ${name}`;
    if (told.seconds > slowest.seconds) slowest = { name: full, seconds: told.seconds };
    if (beyond > most.bytes) most = { name: full, bytes: beyond };
    if (told.code === code && told.seconds <= longest && beyond <= largest) continue;
    failures++;
    console.log(`${full}: ${told.code}, ${told.seconds.toFixed(2)} s, ${(beyond / 2 ** 20).toFixed(1)} MiB beyond the file's ${content.length} bytes`);
  }
  console.log(`${files.length} bad files, ${failures} not as they should be; slowest ${slowest.seconds.toFixed(2)} s (${slowest.name}), most memory ${(most.bytes / 2 ** 20).toFixed(1)} MiB beyond the file (${most.name})`);

  await new Network({ inputs: 16, layers: [dense(30, 'relu'), batchNorm(), dense(3, 'softmax')], backend: 'typescript', seed: 4 }).save(path);
  const whole = new Uint8Array(await readFile(path)), started = process.cpuUsage();
  let cuts = 0, turned = 0;
  const isRefused = (bytes: Uint8Array): Promise<boolean> => Promise.resolve().then(() => networkIn(decodeSafetensors(bytes, 'load'), 'load')).then(() => false, (error: unknown) => error instanceof ModelFormatError);
  for (let length = 0; length < whole.length; length++) if (await isRefused(whole.subarray(0, length))) cuts++;
  for (let bit = 0; bit < 8 * whole.length; bit++) {
    whole[bit >> 3]! ^= 1 << (bit & 7);
    if (await isRefused(whole)) turned++;
    whole[bit >> 3]! ^= 1 << (bit & 7);
  }
  failures += 9 * whole.length - cuts - turned;
  const { user, system } = process.cpuUsage(started);
  console.log(`a model of ${whole.length} bytes: ${cuts} of ${whole.length} prefixes and ${turned} of ${8 * whole.length} bit flips refused, ${((user + system) / (9 * whole.length)).toFixed(0)} µs each`);
} finally {
  await rm(root, { recursive: true });
}
process.exitCode = failures === 0 ? 0 : 1;
