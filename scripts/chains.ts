// Writes native/kernels/chain_list.h: the chains of the common layers and optimizers, which are compiled ahead of time.
// npm run chains. Needs no native backend.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chainList } from './chains/list.ts';

const path = fileURLToPath(new URL('../native/kernels/chain_list.h', import.meta.url));
writeFileSync(path, chainList());
console.log(`written: ${path}`);
