// One setup at a time in one checkout: a second one waits, and one that died leaves nothing to clean up by hand.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inState, stateFolder } from './place.mjs';
import { say } from './report.mjs';

const lockFile = inState('lock');
const mine = String(process.pid);
/** No setup takes this long; after a restart, a dead owner's number may belong to some other process. */
const longest = 30 * 60_000;

function owner() {
  try {
    return readFileSync(lockFile, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  const created = statSync(lockFile, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  return Date.now() - created < longest;
}

function tryCreate() {
  try {
    writeFileSync(lockFile, mine, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function discard() {
  const aside = `${lockFile}.${mine}`;
  try {
    renameSync(lockFile, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

async function acquire() {
  mkdirSync(stateFolder, { recursive: true });
  let waiting = false;
  for (;;) {
    if (tryCreate()) {
      // Two processes may both have judged an old lock dead; the later one to replace it wins.
      await sleep(50);
      if (owner() === mine) return;
    }
    const pid = owner();
    // An empty file is a lock between its creation and its first write.
    if (pid && !isAlive(pid)) {
      discard();
      continue;
    }
    if (pid && !waiting) say(`waiting for the setup that process ${pid} is running (${lockFile}) …`);
    waiting = true;
    await sleep(200);
  }
}

export async function withLock(work) {
  await acquire();
  const release = () => {
    if (owner() === mine) rmSync(lockFile, { force: true });
  };
  process.once('exit', release);
  try {
    return await work();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}
