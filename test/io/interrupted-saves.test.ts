// Saves that end at any of their calls to the file system, or that the system refuses: the old file or the new one, whole, always.
// Here the process only seems to end: nothing that would come after is done. scripts/soak/saves.ts kills real ones.
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Network } from '../../lib/index.ts';
import { isTemporary } from '../../lib/io/atomic.ts';
import { endsAt, Faults, type Fault, type Operation } from '../../scripts/soak/faults.ts';
import { digestOf, emptied, modelPath, newModel, oldModel, runFolder, runJob } from '../../scripts/soak/saving.ts';

let folder = '';
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-saves-')); });
afterEach(() => rm(folder, { recursive: true }));

/** Does `work` while faults befall its operations; whether it ended by itself, and what it was told. */
async function during(decide: (operation: Operation) => Fault | undefined, work: () => Promise<unknown>): Promise<{ operations: Operation[]; ended: boolean; result?: unknown; error?: NodeJS.ErrnoException; warnings: string[] }> {
  let crash: () => void = () => undefined;
  const crashed = new Promise<'crashed'>((resolve) => { crash = () => resolve('crashed'); }), warnings: string[] = [];
  const hear = (warning: Error & { code?: string }): void => { warnings.push(`${warning.code ?? ''} ${warning.message}`); };
  // Nothing is printed of them.
  const listeners = process.listeners('warning');
  process.removeAllListeners('warning').on('warning', hear);
  const faults = new Faults(folder, decide, () => {
    crash();
    return new Promise<never>(() => undefined);
  });
  try {
    const outcome = await Promise.race([crashed, work().then((result) => ({ result }), (error: NodeJS.ErrnoException) => ({ error }))]);
    // Warnings come a turn later.
    await new Promise((resolve) => { setImmediate(resolve); });
    return { operations: faults.operations, ended: outcome !== 'crashed', ...(outcome !== 'crashed' && outcome), warnings };
  } finally {
    process.removeAllListeners('warning');
    for (const listener of listeners) process.on('warning', listener);
    await faults.remove();
  }
}

const only = (number: number, fault: Fault) => (operation: Operation): Fault | undefined => (operation.number === number ? fault : undefined);
const full = { code: 'ENOSPC' } as const, broken = { code: 'EIO' } as const;
/** Calls after which there is something else to be found on the disk. */
const isChanging = ({ name }: Operation): boolean => !['read', 'close', 'chmod'].includes(name);
const temporaries = async (where = folder): Promise<string[]> => (await readdir(where)).filter(isTemporary);

describe('a model', () => {
  const old = digestOf(oldModel()), fresh = digestOf(newModel());
  const prepared = async (isThere: boolean): Promise<void> => {
    await mkdir(await emptied(folder));
    if (isThere) await oldModel().save(modelPath(folder));
  };
  const save = (): Promise<void> => newModel().save(modelPath(folder));
  const found = async (): Promise<string> => Network.load(modelPath(folder), { backend: 'typescript' }).then(digestOf, (error: NodeJS.ErrnoException) => String(error.code));

  test.each([['over another one', true], ['where there is none', false]])('%s: the old one or the new one, wherever the process ends', async (_, isThere) => {
    await prepared(isThere);
    const { operations } = await during(() => undefined, save), before = isThere ? old : 'ENOENT';
    expect(operations.map(({ name }) => name).filter((name) => name !== 'write')).toEqual(isThere ? ['open', 'chmod', 'sync', 'close', 'rename', 'open', 'sync', 'close'] : ['open', 'sync', 'close', 'rename', 'open', 'sync', 'close']);
    const renamed = operations.find(({ name }) => name === 'rename')!.number;
    for (const operation of operations) {
      for (const fault of endsAt(operation)) {
        await prepared(isThere);
        expect((await during(only(operation.number, fault), save)).ended).toBe(false);
        const isNew = operation.number > renamed || (operation.number === renamed && fault === 'end after');
        expect(await found(), `${operation.number} ${operation.name} ${String(fault)}`).toBe(isNew ? fresh : before);
        await save();
        expect(await found()).toBe(fresh);
      }
    }
  });

  test.each([full, broken])('$code at any call is told by its code; the old one is untouched until the new one is in its place, and nothing is left behind', async (fault) => {
    await prepared(true);
    const { operations } = await during(() => undefined, save), bytes = await readFile(modelPath(folder));
    const renamed = operations.find(({ name }) => name === 'rename')!.number;
    for (const { number, name } of operations) {
      await prepared(true);
      const { error } = await during(only(number, fault), save);
      expect(error?.code, name).toBe(fault.code);
      expect(await found()).toBe(number > renamed ? fresh : old);
      expect(await readdir(folder)).toEqual(['model.safetensors']);
      await save();
      expect((await readFile(modelPath(folder))).equals(bytes)).toBe(true);
    }
  });

  test('writes that the system does in parts are gone on with', async () => {
    await during(({ name, number }) => (name === 'write' && number % 2 === 0 ? 'short' : undefined), save);
    expect(await found()).toBe(fresh);
  });
});

describe('a run with checkpoints', () => {
  const job = (): Promise<string> => runJob(folder);
  const run = (): string => runFolder(folder);

  test('ends as one that was left alone, wherever the process ended before', async () => {
    const whole = await runJob(), { operations, result } = await during(() => undefined, job);
    expect(result).toBe(whole);
    expect(new Set(operations.map(({ name }) => name))).toEqual(new Set(['mkdir', 'open', 'write', 'sync', 'close', 'rename', 'read', 'chmod', 'unlink']));
    for (const operation of operations.filter(isChanging)) {
      for (const fault of endsAt(operation)) {
        await mkdir(await emptied(folder));
        const { ended, warnings } = await during(only(operation.number, fault), job);
        expect(ended).toBe(false);
        expect(warnings).toEqual([]);
        const after = await during(() => undefined, job);
        expect(after.result, `${operation.number} ${operation.name} ${String(fault)}`).toBe(whole);
        expect(after.warnings).toEqual([]);
        expect(await temporaries(run())).toEqual([]);
      }
    }
  }, 120_000);

  test('an error at any call: a warning, the run goes on to the same end, and another one can go on from its checkpoints', async () => {
    const whole = await runJob(), { operations } = await during(() => undefined, job);
    for (const { number, name } of operations.slice(1)) {
      const fault = number % 2 === 0 ? full : broken;
      await mkdir(await emptied(folder));
      const { result, warnings, error } = await during(only(number, fault), job);
      expect(error, `${number} ${name}`).toBeUndefined();
      expect(result).toBe(whole);
      expect(warnings).toEqual([expect.stringMatching(`DENSELY_CHECKPOINT a checkpoint could not be written to .*${fault.code}`)]);
      expect(await temporaries(run())).toEqual([]);
      expect(await job()).toBe(whole);
    }
  }, 120_000);

  test('a disk that is full from some moment on: a warning for every checkpoint, and the last one that was written is there', async () => {
    const whole = await runJob(), { operations } = await during(() => undefined, job), from = operations.findLast(({ name }) => name === 'rename')!.number - 3;
    await mkdir(await emptied(folder));
    const { result, warnings } = await during(({ number, name }) => (number > from && ['open', 'write', 'sync', 'mkdir'].includes(name) ? full : undefined), job);
    expect(result).toBe(whole);
    expect(warnings.length).toBeGreaterThan(0);
    expect((await readdir(run())).filter((name) => name.startsWith('checkpoint-')).length).toBeGreaterThan(0);
    expect(await job()).toBe(whole);
  });

  test('a folder that cannot be made is told before the first step', async () => {
    expect((await during(only(0, full), job)).error?.code).toBe('ENOSPC');
  });
});
