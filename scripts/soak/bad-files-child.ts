// Gives a bad file to its reader once and says what that took: node bad-files-child.ts reader path good.
import { writeFile } from 'node:fs/promises';
import { DenselyError } from '../../lib/errors.ts';
import { UsageError } from '../../lib/cli/exit-codes.ts';
import { Network } from '../../lib/index.ts';
import type { ReaderName } from '../../test/helpers/bad-files.ts';
import { readers } from '../../test/helpers/bad-readers.ts';

const [reader, path, good] = process.argv.slice(2);
process.on('warning', () => undefined);
const read = readers[reader as ReaderName];
// What is loaded and compiled at the first use of anything is no part of the bad file's doing.
await Network.load(good!, { backend: 'typescript' });
await writeFile(`${path!}.empty`, '');
await read(`${path!}.empty`).catch(() => undefined);
const resident = process.resourceUsage().maxRSS, started = process.cpuUsage();
const code = await read(path!).then(() => 'read', (error: unknown) => (error instanceof UsageError ? 'USAGE' : error instanceof DenselyError ? error.code : String(error)));
const { user, system } = process.cpuUsage(started);
console.log(JSON.stringify({ code, seconds: (user + system) / 1e6, bytes: 1024 * (process.resourceUsage().maxRSS - resident) }));
