// Writes docs/reference.md, the page of everything that goes by a name, from the registries and the doc comments of the sources.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { activations } from '../lib/layers/activations.ts';
import { constraints } from '../lib/layers/constraints.ts';
import { initializers } from '../lib/layers/initializers.ts';
import { layerTypes } from '../lib/layers/registry.ts';
import { minimizers } from '../lib/minimize/registry.ts';
import { losses } from '../lib/train/losses/registry.ts';
import { metrics } from '../lib/train/metrics.ts';
import { optimizers } from '../lib/train/optimizers/registry.ts';
import { schedules } from '../lib/train/schedules/registry.ts';
import { Sources, type Factory } from './reference/source.ts';

const root = resolve(import.meta.dirname, '..');

/** Where the page is kept. */
export const referenceFile = join(root, 'docs/reference.md');

/** What every entry of a registry has, and what some have besides. */
interface Entry {
  readonly doc: string;
  readonly counterpart?: string;
  readonly better?: string;
  /** Default of α, or of `scale`, and of other parameters. */
  readonly alpha?: number;
  readonly scale?: number;
}

interface Section {
  readonly title: string;
  readonly intro: string;
  readonly entries: Readonly<Record<string, Entry>>;
  /** Folder whose functions make the entries; names alone where there is none. */
  readonly factories?: string;
}

const sections: readonly Section[] = [
  { title: 'Layers', intro: 'What `layers` lists, or what is applied to values with `apply`.', entries: layerTypes, factories: 'lib/layers' },
  { title: 'Activations', intro: "By name, `dense(64, 'relu')`, or with a parameter, `dense(64, { name: 'leakyRelu', alpha: 0.2 })`.", entries: activations },
  { title: 'Initializers', intro: "First values of weights and biases, by name or with a parameter, `{ name: 'randomNormal', scale: 0.01 }`.", entries: initializers },
  { title: 'Constraints', intro: 'What weights are put back to after every update.', entries: constraints },
  {
    title: 'Losses', factories: 'lib/train/losses', entries: losses,
    intro: 'The option `loss` of `fit` and `evaluate`: a name, or a call with options. The formula is that of one example with k outputs y and targets t; the cost is the mean over the examples.',
  },
  { title: 'Metrics', intro: 'The option `metrics` of `fit` and `evaluate`: means over the examples.', entries: metrics },
  { title: 'Optimizers', intro: 'The option `optimizer` of `fit`: a name, or a call with options. w is a weight, g its gradient, ε the learning rate.', entries: optimizers, factories: 'lib/train/optimizers' },
  { title: 'Learning-rate schedules', intro: 'What an optimizer takes for its `learningRate`, besides a number.', entries: schedules, factories: 'lib/train/schedules' },
  { title: 'Minimizers', intro: 'Batch methods: the whole data in every step.', entries: minimizers, factories: 'lib/minimize' },
];

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // A column in which nothing stands is left out.
  const kept = head.map((_, i) => i).filter((i) => rows.some((row) => row[i] !== ''));
  const line = (cells: readonly string[]): string => `| ${kept.map((i) => cell(cells[i]!)).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(kept.length)}`, ...rows.map(line)].join('\n');
}

function parameterOf({ alpha, scale }: Entry): string {
  if (alpha !== undefined) return `\`alpha\`, default ${alpha}`;
  return scale === undefined ? '' : `\`scale\`, default ${scale}`;
}

function factoryText({ signature, description, example }: Factory, all: Sources): string {
  const [, named] = /\boptions\??: (\w+)/.exec(signature) ?? [];
  const options = named === undefined ? undefined : all.options(named);
  const rows = options?.map((option) => [`\`${option.name}\``, `\`${option.type}\``, option.required ? `${option.description} Required.` : option.description]);
  return [
    `### \`${signature}\``, description,
    ...(example === undefined ? [] : [`\`\`\`js\n${example}\n\`\`\``]),
    ...(rows === undefined || rows.length === 0 ? [] : [table(['option', 'type', ''], rows)]),
  ].join('\n\n');
}

function sectionText({ title, intro, entries, factories }: Section, all: Sources): string {
  const rows = Object.entries(entries).map(([name, entry]) => [`\`${name}\``, entry.doc, parameterOf(entry), entry.better ?? '', entry.counterpart ?? '']);
  const parts = [`## ${title}`, intro, table(['name', 'what it is', 'parameter', 'better', 'elsewhere'], rows)];
  if (factories === undefined) return parts.join('\n\n');
  const sources = new Sources(join(root, factories));
  for (const name of Object.keys(entries)) {
    const factory = sources.factory(name);
    if (factory === undefined) throw new Error(`reference: no documented function of ${factories} makes '${name}'`);
    parts.push(factoryText(factory, all));
  }
  return parts.join('\n\n');
}

/** The page as it has to be. */
export function reference(): string {
  const all = new Sources(join(root, 'lib'));
  const intro = 'Everything that goes by a name, with formulas, options and defaults. This page is made from the sources by `npm run docs:reference`.';
  const contents = sections.map(({ title }) => `- [${title}](#${title.toLowerCase().replaceAll(' ', '-')})`).join('\n');
  return `${['# Reference', intro, contents, ...sections.map((section) => sectionText(section, all))].join('\n\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(referenceFile, reference());
