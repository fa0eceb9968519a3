// Atomic writing: the whole new file or the old one, and nothing left behind.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../lib/io/atomic.ts';

let folder = '';
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-atomic-')); });
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('writeFileAtomic', () => {
  it('writes all chunks in order, and only that file', async () => {
    const path = join(folder, 'model');
    await writeFileAtomic(path, [bytes('ab'), bytes(''), bytes('cde')]);
    expect(await readFile(path, 'utf8')).toBe('abcde');
    await writeFileAtomic(path, []);
    expect(await readFile(path, 'utf8')).toBe('');
    expect(await readdir(folder)).toEqual(['model']);
  });

  it('writes parts of a larger buffer', async () => {
    const path = join(folder, 'model');
    await writeFileAtomic(path, [bytes('0123456789').subarray(3, 6)]);
    expect(await readFile(path, 'utf8')).toBe('345');
  });

  it('writes chunks longer than one call to the system', async () => {
    const path = join(folder, 'model');
    const large = new Uint8Array(2 ** 26 + 3).fill(7);
    await writeFileAtomic(path, [large]);
    expect((await readFile(path)).equals(large)).toBe(true);
  });

  it('keeps the old file and removes the temporary one on failure', async () => {
    const path = join(folder, 'model');
    await writeFile(path, 'old');
    function* failing(): Generator<Uint8Array> {
      yield bytes('new');
      throw new Error('disk on fire');
    }
    await expect(writeFileAtomic(path, failing())).rejects.toThrow('disk on fire');
    expect([await readFile(path, 'utf8'), await readdir(folder)]).toEqual(['old', ['model']]);
  });

  it('removes the temporary file where the rename fails', async () => {
    await mkdir(join(folder, 'model', 'inside'), { recursive: true });
    await expect(writeFileAtomic(join(folder, 'model'), [bytes('new')])).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    expect(await readdir(folder)).toEqual(['model']);
  });

  it('fails where there is no folder', async () => {
    await expect(writeFileAtomic(join(folder, 'none', 'model'), [bytes('x')])).rejects.toThrow('ENOENT');
  });

  it.skipIf(process.platform === 'win32')('keeps the mode of an old file, and gives a new one that of any new file', async () => {
    const mode = async (name: string): Promise<number> => (await stat(join(folder, name))).mode & 0o777;
    await writeFile(join(folder, 'plain'), '');
    await writeFileAtomic(join(folder, 'new'), [bytes('x')]);
    expect(await mode('new')).toBe(await mode('plain'));
    await chmod(join(folder, 'plain'), 0o640);
    await writeFileAtomic(join(folder, 'plain'), [bytes('x')]);
    expect(await mode('plain')).toBe(0o640);
  });

  it.skipIf(process.platform === 'win32')('follows links', async () => {
    await writeFile(join(folder, 'real'), 'old');
    await symlink(join(folder, 'real'), join(folder, 'link'));
    await writeFileAtomic(join(folder, 'link'), [bytes('new')]);
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('new');
    expect((await readdir(folder)).toSorted()).toEqual(['link', 'real']);
  });

  it('gives every reader a whole file while writers race', async () => {
    const path = join(folder, 'model');
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200_000));
    await writeFile(path, contents[0]!);
    const writers = Promise.all(contents.map((text) => writeFileAtomic(path, [bytes(text.slice(0, 1000)), bytes(text.slice(1000))])));
    for (let i = 0; i < 20; i++) expect(contents).toContain(await readFile(path, 'utf8'));
    await writers;
    expect(await readdir(folder)).toEqual(['model']);
  });
});
