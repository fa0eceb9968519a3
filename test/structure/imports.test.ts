// The tree is the architecture: imports run one way, `graph ← ops ← compile ← backend`, and everything else below network.
import { describe, expect, test } from 'vitest';
import { filesBelow, importsOf, roomOf } from './tree.ts';

const files = filesBelow('lib', ['.ts']);
const common = ['errors.ts', 'options.ts'];

/** What each room may import, besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'errors.ts': [],
  'options.ts': ['errors.ts'],
  random: [],
  minimize: common,
  graph: common,
  ops: ['graph', ...common],
  compile: ['graph', 'ops', ...common],
  backend: ['graph', 'ops', 'compile', 'minimize', 'random', ...common],
  data: ['random', ...common],
  io: common,
  layers: ['graph', 'ops', 'random', ...common],
  diagnose: ['graph', 'ops', 'backend', 'random', ...common],
  train: ['diagnose', 'graph', 'ops', 'backend', 'data', 'io', 'random', ...common],
  network: ['graph', 'ops', 'compile', 'backend', 'data', 'diagnose', 'io', 'layers', 'minimize', 'train', 'random', ...common],
  ensemble: ['graph', 'ops', 'backend', 'data', 'io', 'train', 'network', 'random', ...common],
  pretrain: ['graph', 'backend', 'data', 'layers', 'train', 'network', 'random', ...common],
  serve: ['graph', 'backend', 'data', 'network', ...common],
  picture: ['network', 'data', 'io', ...common],
  cli: ['backend', 'data', 'diagnose', 'ensemble', 'graph', 'interchange', 'io', 'layers', 'minimize', 'network', 'random', 'report', 'train', ...common],
  interchange: ['graph', 'ops', 'io', 'layers', 'network', ...common],
  evaluate: ['data', 'ensemble', 'io', 'network', 'train', 'random', ...common],
  report: ['backend', 'data', 'diagnose', 'ensemble', 'evaluate', 'io', 'network', 'picture', 'train', ...common],
  'graph.ts': ['graph', 'ops', 'backend', 'diagnose', 'minimize'],
  'index.ts': ['backend', 'data', 'diagnose', 'picture', 'layers', 'minimize', 'network', 'ensemble', 'pretrain', 'train', 'io', 'errors.ts', 'interchange', 'serve', 'evaluate', 'report'],
};

/** Rooms that do not know of any backend. */
const withoutBackend = ['graph', 'ops', 'compile', 'minimize', 'layers', 'data', 'io', 'random', 'errors.ts', 'options.ts'];

test('every room is in the table', () => {
  expect([...new Set(files.map(roomOf))].toSorted()).toEqual(Object.keys(allowed).toSorted());
});

test.each(files.map((file) => ({ file })))('$file', ({ file }) => {
  const room = roomOf(file);
  const wrong = importsOf(file).filter((path) => roomOf(path) !== room && !allowed[room]?.includes(roomOf(path)));
  expect(wrong).toEqual([]);
});

test('imports are read as they are written', () => {
  expect(importsOf('lib/backend/compiled.ts')).toContain('lib/compile/compile.ts');
  expect(importsOf('lib/graph.ts')).toContain('lib/ops/losses.ts');
  for (const file of files) for (const path of importsOf(file)) expect(files).toContain(path);
});

describe('directions', () => {
  test('the table has no circle: every room comes after the rooms it imports', () => {
    const placed = new Set<string>();
    let rest = Object.keys(allowed);
    while (rest.length > 0) {
      const next = rest.filter((room) => allowed[room]!.every((below) => placed.has(below)));
      expect(next, `a circle among ${rest.join(', ')}`).not.toEqual([]);
      next.forEach((room) => placed.add(room));
      rest = rest.filter((room) => !placed.has(room));
    }
  });

  test('nothing imports the entries', () => {
    for (const file of files) for (const path of importsOf(file)) expect(['lib/graph.ts', 'lib/index.ts']).not.toContain(path);
  });

  test('only the backend room knows the addon, and graph work knows no backend', () => {
    for (const file of files.filter((name) => withoutBackend.includes(roomOf(name)))) expect(importsOf(file).filter((path) => roomOf(path) === 'backend')).toEqual([]);
    for (const file of files.filter((name) => roomOf(name) !== 'backend')) expect(importsOf(file).filter((path) => /backend\/(addon|native)\.ts$/.test(path) || path.includes('backend/typescript/'))).toEqual([]);
  });

  test('backends do not know each other', () => {
    for (const file of filesBelow('lib/backend/typescript', ['.ts'])) expect(importsOf(file)).not.toContain('lib/backend/native.ts');
    expect(importsOf('lib/backend/native.ts').filter((path) => path.includes('typescript'))).toEqual([]);
  });
});
