// Writes programs of every kind as cases for the native fuzzers and tests: tsx scripts/fuzz/native-cases.ts <folder>
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nativeCases } from '../../test/helpers/native-cases.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('a folder to write to is missing');
mkdirSync(folder, { recursive: true });
const cases = nativeCases();
for (const [name, bytes] of Object.entries(cases)) writeFileSync(join(folder, name), bytes);
console.log(`${Object.keys(cases).length} cases written to ${folder}`);
