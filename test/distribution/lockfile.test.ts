// package-lock.json installs anywhere: no addresses of registries, and nothing that `npm ci` would miss.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from './project.ts';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly resolved?: string;
}
const text = readFileSync(join(repository, 'package-lock.json'), 'utf8');
const packages = (JSON.parse(text) as { packages: Record<string, LockedPackage> }).packages;

test('has no resolved addresses and names no registry', () => {
  expect(Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
  expect(text).not.toMatch(/\.tgz|"resolved"/);
});

test('lists the optional packages of every platform, not only of the one it was written on', () => {
  const missing = Object.values(packages)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
  expect(missing).toEqual([]);
});

test('agrees with package.json', () => {
  const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const { name, version, devDependencies } = manifest;
  expect(packages['']).toMatchObject({ name, version, devDependencies });
  expect(manifest).not.toHaveProperty('dependencies');
});
