// Every session that docs/cli.md shows is what the program prints, but for figures that a processor may round otherwise.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { densely, digits, program, root, scratch } from './session.ts';

const folder = scratch(), page = readFileSync(join(root, 'docs/cli.md'), 'utf8');
const blocks = (language: string): string[] => [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter((block) => block[1] === language).map((block) => block[2]!);
const rounded = (text: string): string => text.replace(/\d+\.\d+(e-\d+)?/g, '#').replace(/(native|typescript) backend/, 'a backend');

test('sessions', async () => {
  const sessions = blocks('console');
  expect(sessions.length).toBeGreaterThan(2);
  const table = join(folder, 'examples/data/digits.csv');
  mkdirSync(dirname(table), { recursive: true });
  cpSync(digits, table);
  const shell = `densely() { '${process.execPath}' '${join(root, 'node_modules/tsx/dist/cli.mjs')}' '${program}' "$@"; }\n`;
  for (const session of sessions) {
    const [command, ...shown] = session.trimEnd().split('\n');
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', `${shell}${command!.replace(/^\$ /, '')}`], { cwd: folder });
    const printed = rounded(stdout + stderr).split('\n');
    expect(printed).toEqual(expect.arrayContaining(rounded(shown.join('\n')).split('\n')));
    expect(printed.filter((line) => line !== '')).toHaveLength(shown.filter((line) => line !== '').length);
  }
}, 120_000);

test('the configuration, the module and the layers are read', async () => {
  cpSync(digits, join(folder, 'digits.csv'));
  writeFileSync(join(folder, 'digits.json'), blocks('json')[0]!);
  expect(await densely(['train', join(folder, 'digits.json'), '-e', '1', '-q'])).toEqual({ code: 0, output: '', errors: '' });
  const flags = blocks('text').flatMap((block) => block.trim().split('\n')).filter((line) => line.startsWith('--'));
  const layers = blocks('text').flatMap((block) => block.trim().split('\n')).filter((line) => !line.startsWith('--'));
  expect([flags.length, layers.length]).toEqual([3, 3]);
  const train = ['train', '-d', digits, '-t', 'label', '-e', '1', '-q', '-v', '0.1', '-o', join(folder, 'layers.st')];
  for (const line of layers) expect(await densely([...train, '-l', line])).toMatchObject({ code: 0, errors: '' });
  for (const line of flags) expect(await densely([...train, ...[...line.matchAll(/'([^']*)'|(\S+)/g)].map((word) => word[1] ?? word[2]!)])).toMatchObject({ code: 0, errors: '' });
});
