// Nothing is forgotten in a list: ops, layers, losses, optimizers and minimizers are in their registries, documented, and known to both backends.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as graph from '../../lib/graph.ts';
import type { OpDefinition } from '../../lib/graph/node.ts';
import { activations } from '../../lib/layers/activations.ts';
import { constraints } from '../../lib/layers/constraints.ts';
import { initializers } from '../../lib/layers/initializers.ts';
import { layerTypes } from '../../lib/layers/registry.ts';
import { compilerOps } from '../../lib/compile/canonical.ts';
import { elementwiseKernels } from '../../lib/ops/elementwise-kernels.ts';
import { elementwiseOps } from '../../lib/ops/elementwise.ts';
import { minimizers } from '../../lib/minimize/registry.ts';
import { ops } from '../../lib/ops/registry.ts';
import { losses } from '../../lib/train/losses/registry.ts';
import { optimizers } from '../../lib/train/optimizers/registry.ts';
import { schedules } from '../../lib/train/schedules/registry.ts';
import { addon } from '../helpers/addon.ts';
import { filesBelow, root } from './tree.ts';

/** Every export of a folder's files, by name of the file. */
async function exportsOf(folder: string): Promise<[file: string, values: unknown[]][]> {
  const files = filesBelow(folder, ['.ts']);
  return Promise.all(files.map(async (file): Promise<[string, unknown[]]> => [file, Object.values(await import(join(root, file)) as object)]));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isOp = (value: unknown): value is OpDefinition => isObject(value) && 'lowering' in value && 'gradient' in value;

describe('every definition is registered', () => {
  test('ops', async () => {
    const registered = new Set<unknown>(Object.values(ops));
    let count = 0;
    for (const [file, values] of await exportsOf('lib/ops')) {
      for (const op of values.filter(isObject).flatMap((table) => Object.values(table)).filter(isOp)) {
        expect(registered.has(op), `${op.name} of ${file}`).toBe(true);
        if (!file.endsWith('registry.ts')) count++;
      }
    }
    expect(count).toBe(registered.size);
  });

  test('layers', async () => {
    const defined = (await exportsOf('lib/layers')).flatMap(([, values]) => values).filter((value) => isObject(value) && 'build' in value && 'check' in value);
    expect(new Set(Object.values(layerTypes))).toEqual(new Set(defined));
  });

  test('losses', async () => {
    const defined = (await exportsOf('lib/train/losses')).flatMap(([, values]) => values).filter((value) => isObject(value) && 'build' in value && 'targets' in value);
    expect(new Set(Object.values(losses))).toEqual(new Set(defined));
  });

  test('optimizers', async () => {
    const defined = (await exportsOf('lib/train/optimizers')).flatMap(([, values]) => values).filter((value) => isObject(value) && 'update' in value && 'hypers' in value);
    expect(new Set(Object.values(optimizers))).toEqual(new Set(defined));
  });

  test('schedules', async () => {
    const defined = (await exportsOf('lib/train/schedules')).flatMap(([, values]) => values).filter((value) => isObject(value) && 'start' in value && 'check' in value);
    expect(new Set(Object.values(schedules))).toEqual(new Set(defined));
  });

  test('minimizers', async () => {
    const defined = (await exportsOf('lib/minimize')).flatMap(([, values]) => values).filter((value) => isObject(value) && 'begin' in value && 'limits' in value);
    expect(new Set(Object.values(minimizers))).toEqual(new Set(defined));
  });
});

describe('every entry', () => {
  const registries: Record<string, Readonly<Record<string, { readonly doc: string }>>> = { ops, layers: layerTypes, losses, optimizers, schedules, minimizers, activations, initializers, constraints, 'ops of the compiler': compilerOps };
  test.each(Object.entries(registries))('of %s has a doc', (_name, registry) => {
    for (const [name, { doc }] of Object.entries(registry)) expect(doc.trim(), name).not.toBe('');
  });

  test('goes by its own name', () => {
    for (const [name, op] of Object.entries({ ...ops, ...compilerOps })) expect(op.name).toBe(name);
    for (const [name, { type }] of Object.entries({ ...layerTypes, ...optimizers, ...losses, ...schedules, ...minimizers })) expect(type).toBe(name);
  });

  test('of the ops is tested: it has samples, or is a variable, a view without a value of its own, or an effect', () => {
    const without = Object.values(ops).filter(({ samples }) => samples === undefined).map(({ name }) => name);
    expect(without.toSorted()).toEqual(['assign', 'constant', 'hyper', 'input', 'inverseRows', 'parameter', 'rows', 'state', 'stopGradient']);
  });
});

describe('both backends', () => {
  test('have a kernel for every elementwise op', () => {
    expect(Object.keys(elementwiseKernels).toSorted()).toEqual(Object.keys(elementwiseOps).toSorted());
  });

  test.runIf(addon !== undefined)('know the same elementwise operations by name; native adds the sum of columns', () => {
    expect(addon!.elementwise.toSorted()).toEqual([...Object.keys(elementwiseOps), 'sumColumns'].toSorted());
    expect(new Set(addon!.elementwise).size).toBe(addon!.elementwise.length);
  });

  test.runIf(addon !== undefined)('know every instruction that an op can become', () => {
    const instructions = [...Object.values(ops), ...Object.values(compilerOps)].flatMap(({ lowering }) => ('instruction' in lowering ? [lowering.instruction] : []));
    expect([...new Set([...instructions, 'load', 'store', 'product', 'productBfloat16', 'chain'])].toSorted()).toEqual(addon!.instructions.toSorted());
    const typescript = readFileSync(join(root, 'lib/backend/typescript/backend.ts'), 'utf8');
    for (const name of addon!.instructions) expect(typescript).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

test('densely/graph offers every elementwise op but multiplyAdd, which chains make by themselves', () => {
  const offered = Object.keys(elementwiseOps).filter((name) => name in graph);
  expect(Object.keys(elementwiseOps).filter((name) => !offered.includes(name))).toEqual(['multiplyAdd']);
});
