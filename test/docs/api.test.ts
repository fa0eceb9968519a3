// docs/api describes all that the package exports; `npm run docs:api` writes it from the sources.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as graph from '../../lib/graph.ts';
import * as densely from '../../lib/index.ts';
import { root } from '../structure/tree.ts';

/** Names that an entry point exports, types among them. */
function exported(file: string, values: object): string[] {
  const source = readFileSync(join(root, file), 'utf8').replace(/\/\*[^]*?\*\//g, '');
  const listed = [...source.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names]) => names!.split(',').map((name) => name.replace(/^\s*type\s/, '').split(' as ').at(-1)!.trim()).filter((name) => name !== ''));
  return [...new Set([...Object.keys(values), ...listed])].toSorted();
}

describe.each([
  ['lib/index.ts', 'docs/api/densely.md', densely],
  ['lib/graph.ts', 'docs/api/densely/graph.md', graph],
] as const)('%s', (file, page, values) => {
  const text = readFileSync(join(root, page), 'utf8'), sections = text.split(/^### /m).slice(1);
  const described = new Map(sections.map((section) => [/^[\w$]+/.exec(section)![0], section]));

  test('every export has a section, and nothing else has', () => {
    expect([...described.keys()].toSorted()).toEqual(exported(file, values));
  });

  test('every section says something', () => {
    // Besides headings, code, tables and where it was defined.
    const prose = (section: string): string => section.replace(/^.*\n/, '').replace(/```[^]*?```/g, '').replace(/^[#|].*$/gm, '').trim();
    expect([...described].filter(([, section]) => prose(section).length < 3).map(([name]) => name)).toEqual([]);
  });
});
