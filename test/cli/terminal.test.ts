// The program in a process and a terminal of its own: Ctrl-C, SIGTERM, narrow windows, pipes.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { Network } from '../../lib/index.ts';
import { densely, digits, numberTable, program, root, scratch, spawned } from './session.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');

/** Whether there is a Python with terminals. */
const python = ((): boolean => {
  try {
    execFileSync('python3', ['-c', 'import pty, fcntl, termios']);
    return true;
  } catch {
    return false;
  }
})();

interface Shown { readonly shown: string; readonly code: number; readonly left: number }

/** Runs the program in a terminal of so many columns; each step waits for a text and then sends a key or a signal. */
async function inTerminal(args: readonly string[], steps: readonly (readonly [text: string, what: string])[] = [], columns = 300): Promise<Shown> {
  // The loader of sources alone: tsx as a program of its own would stand between the terminal and the command.
  const command = [process.execPath, '--import', 'tsx', program, ...args];
  const { stdout } = await promisify(execFile)('python3', [join(import.meta.dirname, 'terminal.py'), String(columns), JSON.stringify(steps), ...command], { cwd: root });
  return JSON.parse(stdout) as Shown;
}

const longRun = ['train', '-d', digits, '-t', 'label', '-e', '100000', '-l', '64:relu'];

describe.runIf(python)('in a terminal', () => {
  test('Ctrl-C writes a checkpoint, says so and ends with 130; --resume goes on', async () => {
    const checkpoints = at('runs'), { shown, code, left } = await inTerminal([...longRun, '-o', at('a.st'), '--checkpoints', checkpoints, '--checkpoint-every', '100000'], [['epoch      3/', '^C']]);
    expect({ code, left }).toEqual({ code: 130, left: 0 });
    expect(shown).toMatch(/Interrupted: training ends after the minibatch in hand\. Once more ends it at once\./);
    const [, epochs] = /interrupted after (\d+) epochs; the checkpoint '.*' is written/.exec(shown)!;
    expect(Number(epochs)).toBeGreaterThanOrEqual(3);
    expect(readdirSync(checkpoints)).toHaveLength(1);
    const resumed = await densely(['train', '-d', digits, '-t', 'label', '-e', String(Number(epochs) + 2), '-l', '64:relu', '-o', at('a.st'), '--checkpoints', checkpoints, '--resume', '--json']);
    expect((JSON.parse(resumed.output) as { epochs: unknown[] }).epochs).toHaveLength(Number(epochs) + 2);
  });

  test('SIGTERM without checkpoints saves the model as it stands', async () => {
    const { shown, code } = await inTerminal([...longRun, '-o', at('b.st')], [['epoch      2/', 'SIGTERM']]);
    expect(code).toBe(130);
    expect(shown).toContain(`the model as it stands is saved as '${at('b.st')}'`);
    expect((await Network.load(at('b.st'))).columns!.targets).toEqual(['label']);
  });

  test('a second Ctrl-C ends it at once', async () => {
    // One step of the TypeScript backend on all examples takes longer than the second key.
    const slow = ['train', '-d', digits, '-t', 'label', '-l', '1500:relu,1500:relu', '-b', '1797', '-e', '50', '--backend', 'typescript', '-o', at('c.st'), '--no-shuffle'];
    const { shown, code, left } = await inTerminal(slow, [['parameters', '^C'], ['Once more', '^C']]);
    expect({ code, left }).toEqual({ code: 130, left: 0 });
    expect(shown).not.toContain('is saved');
    expect(readdirSync(folder)).not.toContain('c.st');
  });

  test('predicting is interrupted without a trace', async () => {
    const model = at('numbers.st');
    numberTable(at('numbers.csv'), 50, 1);
    expect((await densely(['train', '-q', '-d', at('numbers.csv'), '-t', 'y', '-l', '400:tanh', '-e', '1', '-o', model])).code).toBe(0);
    writeFileSync(at('endless.csv'), `a,b\n${'0.25,0.5\n'.repeat(1_500_000)}`);
    const before = readdirSync(folder), running = inTerminal(['predict', model, '-d', at('endless.csv'), '-o', at('never.csv'), '--backend', 'typescript'], [['predictions …', '^C']]);
    const { code, shown } = await running;
    expect(code).toBe(130);
    expect(shown).toContain('densely predict: interrupted; nothing is written');
    expect(readdirSync(folder)).toEqual(before);
  });

  test('narrow windows: no line of tables and facts is longer than the window', async () => {
    const { shown, code } = await inTerminal(['train', '--help'], [], 48);
    expect(code).toBe(0);
    const head = shown.slice(0, shown.indexOf('Examples:'));
    expect(head.split('\r\n').filter((line) => line.length > 48 && !line.includes('densely train'))).toEqual([]);
  });
});

describe('in a pipe', () => {
  beforeAll(async () => {
    expect((await densely(['train', '-q', '-d', digits, '-t', 'label', '-e', '2', '-o', at('model.st')])).code).toBe(0);
  });

  test('a program of its own trains, evaluates and predicts; progress is no part of the output', async () => {
    const trained = await spawned(['train', '-d', digits, '-t', 'label', '-e', '2', '-o', at('spawned.st'), '--json'], { cwd: folder });
    expect(trained.code).toBe(0);
    expect(JSON.parse(trained.output)).toMatchObject({ model: at('spawned.st') });
    expect(trained.errors).toMatch(/epoch 1\/2 .*\n.*epoch 2\/2/);
    const rows = 'p00,p01,p02\n1,2,3\n';
    expect(await spawned(['predict', at('model.st'), '-d', '-'], { input: rows })).toMatchObject({ code: 2, output: '', errors: expect.stringContaining("unknown column 'p03'") });
  });

  test('memory does not grow with the rows', async () => {
    // Two million rows as texts would take several times the memory that V8 may have.
    const model = at('small.st'), rows = 2_000_000;
    numberTable(at('few.csv'), 50, 2);
    expect((await densely(['train', '-q', '-d', at('few.csv'), '-t', 'y', '-l', '2:tanh', '-e', '1', '-o', model])).code).toBe(0);
    const child = spawn(process.execPath, ['--max-old-space-size=80', '--import', 'tsx', program, 'predict', model, '-d', '-'], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    let lines = 0;
    child.stdout.on('data', (piece: Buffer) => { for (const byte of piece) if (byte === 10) lines++; });
    const ended = new Promise((done) => child.on('close', done));
    child.stdin.write('a,b\n');
    for (let sent = 0; sent < rows; sent += 10_000) if (!child.stdin.write('0.25,0.5\n'.repeat(10_000))) await once(child.stdin, 'drain');
    child.stdin.end();
    expect(await ended).toBe(0);
    expect(lines).toBe(rows + 1);
  }, 120_000);

  test('training goes on where nobody reads what it says', async () => {
    const child = spawn(process.execPath, [tsx, program, 'train', '-d', digits, '-t', 'label', '-e', '4', '-o', at('unread.st')], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.once('data', () => { child.stdout.destroy(); child.stderr.destroy(); });
    expect(await new Promise((done) => child.on('close', done))).toBe(0);
    expect((await densely(['inspect', at('unread.st')])).output).toContain('228 minibatches');
  });

  test('a reader that leaves early ends it quietly', async () => {
    const child = spawn(process.execPath, [tsx, program, 'predict', at('model.st'), '-d', digits, '--keep', '*'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (piece) => { errors += piece; });
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((done) => child.on('close', done));
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });
});
