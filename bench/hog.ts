// A process that does nothing but keep the first processor busy, as another user's might.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Starts it and resolves, once it spins, to what stops it. */
export async function startHog(): Promise<() => void> {
  const program = "process.stdout.write('.'); for (;;);";
  const child = spawn('taskset', ['-c', '0', process.execPath, '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  const stop = (): void => { child.kill('SIGKILL'); };
  process.once('exit', stop);
  await once(child.stdout!, 'data');
  return () => {
    process.off('exit', stop);
    stop();
  };
}
