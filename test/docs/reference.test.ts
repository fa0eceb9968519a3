// docs/reference.md is what the sources say: every entry of every registry with its options.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reference, referenceFile } from '../../scripts/reference.ts';
import { Sources } from '../../scripts/reference/source.ts';
import { losses } from '../../lib/train/losses/registry.ts';
import { filesBelow, root } from '../structure/tree.ts';

test('the page is up to date; `npm run docs:reference` writes it', () => {
  expect(readFileSync(referenceFile, 'utf8')).toBe(reference());
});

test('every registry of lib is on the page', () => {
  // Ops are described in the graph's own words, not by name.
  const registries = filesBelow('lib', ['registry.ts']).filter((file) => file !== 'lib/ops/registry.ts');
  const script = readFileSync(join(root, 'scripts/reference.ts'), 'utf8');
  expect(registries.length).toBeGreaterThan(3);
  for (const file of registries) expect(script).toContain(`'../${file}'`);
});

test('the options of a loss are all on the page', () => {
  const all = new Sources(join(root, 'lib'));
  expect(all.options('MixtureOptions')!.map(({ name, required }) => [name, required])).toEqual([['components', true], ['covariance', false], ['minimumVariance', false]]);
  const options = ['MeanSquaredErrorOptions', 'HuberOptions', 'PoissonOptions', 'BinaryCrossEntropyOptions', 'CrossEntropyOptions', 'MultiMarginOptions', 'GaussianOptions', 'MixtureOptions'].flatMap((name) => all.options(name)!);
  for (const name of options.map((option) => option.name)) expect(reference()).toContain(`\`${name}\``);
  for (const type of Object.values(losses)) expect(type.counterpart, type.type).toMatch(/PyTorch|Keras/);
});

test('a comment is read with its paragraphs, example and errors', () => {
  const made = new Sources(join(root, 'lib/train/losses')).factory('mixtureDensity')!;
  expect(made.signature).toBe('mixtureDensity(options: MixtureOptions)');
  expect(made.description).toMatch(/^Negative log-likelihood of a mixture .* mean of the mixture\.$/);
  expect(made.example).toMatch(/^const options = \{ components: 3 \};\nconst network/);
  expect(new Sources(join(root, 'lib/train/losses')).factory('meanSquared')).toBeUndefined();
});
