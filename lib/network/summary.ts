// A network as a table.
import { layerType } from '../layers/registry.ts';
import { countOf } from '../graph/shape.ts';
import type { Model } from './model.ts';

export function summarize({ architecture, prediction, parameters }: Model, backend: string): string {
  const { inputs, applications, layers } = architecture;
  const names = [...inputs.map(({ name }) => name), ...prediction.layers.map(({ name }) => name)];
  const isChain = applications.every(({ inputs: [first, ...others] }, i) => first === i && others.length === 0) && inputs.length === 1;
  const counted = new Set<string>();
  const rows = prediction.layers.map((layer) => {
    // Parameters of a layer that is applied several times count once.
    const own = layer.parameters.filter(({ name }) => !counted.has(name));
    for (const { name } of own) counted.add(name);
    return [
      layer.name, layerType(layer.layer.type).describe(layer.layer.options), `[rows, ${countOf(layer.a.shape)}]`,
      own.reduce((total, { node }) => total + countOf(node.shape), 0).toLocaleString('en-US'), isChain ? '' : layer.reads.map((value) => names[value]!).join(', '),
    ];
  });
  const total = parameters.reduce((so, { node }) => so + countOf(node.shape), 0);
  const cells = [
    ['layer', '', 'output', 'parameters', isChain ? '' : 'reads'],
    ...inputs.map(({ name, features }) => [name, '', `[rows, ${features}]`, '0', '']), ...rows,
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((cell) => cell[column]!.length)));
  const lines = cells.map((cell) => cell.map((text, column) => (column === 3 ? text.padStart(widths[column]!) : text.padEnd(widths[column]!))).join('  ').trimEnd());
  const shared = layers.length < applications.length ? `, ${layers.length} layers applied ${applications.length} times` : '';
  return [...lines, `${total.toLocaleString('en-US')} parameters${shared}, ${backend} backend`].join('\n');
}
