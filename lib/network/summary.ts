// A network as plain data, and as a table.
import { layerType } from '../layers/registry.ts';
import { countOf } from '../graph/shape.ts';
import type { Model } from './model.ts';

/** A layer in its place. Values are counted: the inputs first, then what each layer makes. */
export interface DescribedLayer {
  readonly name: string;
  readonly type: string;
  /** The layer in a line, such as `64, relu`. */
  readonly description: string;
  /** Numbers it makes of an example. */
  readonly outputs: number;
  /** Trained numbers; those of a layer that is applied several times count once. */
  readonly parameters: number;
  /** Values it reads. */
  readonly reads: readonly number[];
}

/** How the layers of a network hang together. */
export interface NetworkDescription {
  readonly inputs: readonly { readonly name: string; readonly features: number }[];
  readonly layers: readonly DescribedLayer[];
  readonly outputs: readonly { readonly name: string; readonly value: number }[];
}

export function describeModel({ architecture, prediction }: Model): NetworkDescription {
  const counted = new Set<string>();
  const layers = prediction.layers.map(({ name, layer, a, parameters, reads }): DescribedLayer => {
    const own = parameters.filter((parameter) => !counted.has(parameter.name));
    for (const parameter of own) counted.add(parameter.name);
    return {
      name, type: layer.type, description: layerType(layer.type).describe(layer.options), outputs: countOf(a.shape),
      parameters: own.reduce((total, { node }) => total + countOf(node.shape), 0), reads,
    };
  });
  return { inputs: architecture.inputs, layers, outputs: architecture.outputs };
}

export function summarize(model: Model, backend: string): string {
  const { inputs, layers } = describeModel(model), { applications } = model.architecture, unique = model.architecture.layers.length;
  const names = [...inputs.map(({ name }) => name), ...layers.map(({ name }) => name)];
  const isChain = applications.every(({ inputs: [first, ...others] }, i) => first === i && others.length === 0) && inputs.length === 1;
  const rows = layers.map(({ name, description, outputs, parameters, reads }) => [
    name, description, `[rows, ${outputs}]`, parameters.toLocaleString('en-US'), isChain ? '' : reads.map((value) => names[value]!).join(', '),
  ]);
  const total = layers.reduce((so, { parameters }) => so + parameters, 0);
  const cells = [
    ['layer', '', 'output', 'parameters', isChain ? '' : 'reads'],
    ...inputs.map(({ name, features }) => [name, '', `[rows, ${features}]`, '0', '']), ...rows,
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((cell) => cell[column]!.length)));
  const lines = cells.map((cell) => cell.map((text, column) => (column === 3 ? text.padStart(widths[column]!) : text.padEnd(widths[column]!))).join('  ').trimEnd());
  const shared = unique < applications.length ? `, ${unique} layers applied ${applications.length} times` : '';
  return [...lines, `${total.toLocaleString('en-US')} parameters${shared}, ${backend} backend`].join('\n');
}
