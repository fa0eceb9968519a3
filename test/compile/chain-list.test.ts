// The list of chains that the native backend compiles ahead is of the chains that the compiler makes today.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { chainList } from '../../scripts/chains/list.ts';

test('native/kernels/chain_list.h is what `npm run chains` writes', () => {
  const path = resolve(import.meta.dirname, '../../native/kernels/chain_list.h');
  expect(readFileSync(path, 'utf8') === chainList(), 'run `npm run chains` and build again').toBe(true);
});
