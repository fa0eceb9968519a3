// The package this program is part of.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The folder with package.json: two above this file, in lib/ as in dist/. */
export const packageFolder = (): string => fileURLToPath(new URL('../..', import.meta.url));

export const packageManifest = (): Manifest => JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as Manifest;
