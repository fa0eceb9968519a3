// What npm run bench:peers installs, beside this file: whether a package is there, and the package itself.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const folder = (name: string): URL => new URL(`node_modules/${name}/`, import.meta.url);

/** Why a package cannot be used; `undefined` where it is installed here, whatever other folders hold. */
export function notInstalled(name: string): string | undefined {
  return existsSync(folder(name)) ? undefined : `${name} is not installed (npm run bench:peers)`;
}

/** The package, in the shape that its user knows of it: it need not be installed for the benchmark's types to be checked. */
export function loadPeer<Shape>(name: string): Shape {
  return require(name) as Shape;
}

export function versionOf(name: string): string {
  return (JSON.parse(readFileSync(new URL('package.json', folder(name)), 'utf8')) as { version: string }).version;
}
