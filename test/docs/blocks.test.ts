// Every TypeScript block of the README and the docs runs as it stands; every npm command they name exists.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const pages = ['README.md', 'bench/README.md', ...(await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

interface Block { page: string; line: number; language: string; code: string }

async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page, line: text.slice(0, match.index).split('\n').length, language: match[1]!, code: match[2]!,
  }));
}

const blocks = (await Promise.all(pages.map(blocksOf))).flat();
let folder = '';

beforeAll(async () => {
  // A folder of its own, in which the package is installed as users have it.
  folder = await mkdtemp(join(tmpdir(), 'densely-docs-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules', 'densely'), 'dir');
  await cp(join(root, 'examples'), join(folder, 'examples'), { recursive: true });
});

afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

describe('code blocks', () => {
  test.each(blocks.filter(({ language }) => language === 'ts'))('$page:$line', async ({ page, line, code }) => {
    const file = join(folder, `${page.replace(/\W/g, '-')}-${line}.mts`);
    await writeFile(file, code);
    const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
    const { stderr } = await run(process.execPath, [tsx, file], { cwd: folder });
    expect(stderr).toBe('');
  }, 120_000);

  test('npm commands exist', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ code }) => [...code.matchAll(/npm (?:run )?([\w:-]+)/g)].map((match) => match[1]!));
    expect(commands.length).toBeGreaterThan(1);
    for (const command of commands) expect(Object.keys(scripts).concat('install', 'ci')).toContain(command);
  });
});
