// A network as a table.
import { layerType } from '../layers/registry.ts';
import { countOf } from '../graph/shape.ts';
import type { Model } from './model.ts';

export function summarize(inputs: number, model: Model, backend: string): string {
  const rows = model.prediction.layers.map((layer) => ({
    name: layer.name,
    what: layerType(layer.spec.type).describe(layer.spec.options),
    shape: `[rows, ${countOf(layer.a.shape)}]`,
    parameters: layer.parameters.reduce((total, { node }) => total + countOf(node.shape), 0),
  }));
  const total = rows.reduce((so, { parameters }) => so + parameters, 0);
  const cells = [['layer', '', 'output', 'parameters'], ['input', '', `[rows, ${inputs}]`, '0'], ...rows.map((row) => [row.name, row.what, row.shape, row.parameters.toLocaleString('en-US')])];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((cell) => cell[column]!.length)));
  const lines = cells.map((cell) => cell.map((text, column) => (column === 3 ? text.padStart(widths[column]!) : text.padEnd(widths[column]!))).join('  ').trimEnd());
  return [...lines, `${total.toLocaleString('en-US')} parameters, ${backend} backend`].join('\n');
}
