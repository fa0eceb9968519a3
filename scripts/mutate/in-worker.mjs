// What runs before each test file: turns on the mutant that is being tried, or notes which ones the file comes across.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';

const { MUTANT_FILE, MUTANT_HITS, MUTANT_PROCESS } = process.env;
globalThis.mutantOn = MUTANT_FILE === undefined ? -1 : Number(readFileSync(MUTANT_FILE, 'utf8'));
if (MUTANT_PROCESS !== undefined) writeFileSync(MUTANT_PROCESS, String(process.pid));
if (MUTANT_HITS !== undefined) {
  globalThis.mutantsMet = new Set();
  afterAll(() => appendFileSync(MUTANT_HITS, `${JSON.stringify({ file: expect.getState().testPath, met: [...globalThis.mutantsMet] })}\n`));
}
