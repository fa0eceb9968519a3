// A network drawn as a graph: a box for every layer, arrows along its connections.
import type { DescribedLayer, NetworkDescription } from '../network/summary.ts';
import { checkOptions, invalid } from '../options.ts';
import { layOut, type Edge, type PlacedNode } from './layering.ts';
import { colours, element, fitted, rounded, svgDocument, textAt } from './svg.ts';

/** Options of `networkGraph`. */
export interface NetworkGraphOptions {
  readonly title?: string;
}

const sizes = { nodeWidth: 190, nodeHeight: 52, gap: 22, rankGap: 34 };
const margin = 24;

/** Fill and border of a box by what the layer does: pale, so that text reads on all of them. */
const kinds = {
  input: ['#f3f3f3', '#8a8a8a'], weights: ['#e3f0f9', '#0072B2'], function: ['#fdf3e0', '#C98500'], join: ['#e2f4ee', '#009E73'], output: ['#ffffff', '#222222'],
} as const;

/** A box before it has a place. */
interface Box {
  readonly head: string;
  readonly line: string;
  readonly kind: keyof typeof kinds;
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

function boxOf(layer: DescribedLayer): Box {
  const kind = layer.reads.length > 1 ? 'join' : layer.parameters > 0 ? 'weights' : 'function';
  const size = layer.parameters > 0 ? `${layer.outputs.toLocaleString('en-US')} wide · ${plural(layer.parameters, 'parameter')}` : `${layer.outputs.toLocaleString('en-US')} wide`;
  return { kind, head: layer.description === '' ? layer.name : `${layer.name} · ${layer.description}`, line: size };
}

/**
 * A network as SVG text: boxes with each layer's name, what it is, its width and its parameters, from the inputs at the top to the
 * outputs; connections that skip layers lead past them.
 *
 * @example await writePicture('network.svg', networkGraph(network))
 */
export function networkGraph(network: NetworkDescription | { describe(): NetworkDescription }, options: NetworkGraphOptions = {}): string {
  checkOptions('networkGraph', options, ['title']);
  const isSubject = typeof network === 'object' && network !== null && ('describe' in network || 'layers' in network);
  if (!isSubject) throw invalid('networkGraph', 'network', 'a network', network);
  const { inputs, layers, outputs } = 'describe' in network ? network.describe() : network;
  const boxes: Box[] = [
    ...inputs.map(({ name, features }): Box => ({ head: name, line: plural(features, 'feature'), kind: 'input' })),
    ...layers.map(boxOf),
    ...outputs.map(({ name }): Box => ({ head: name, line: '', kind: 'output' })),
  ];
  const edges: Edge[] = layers.flatMap(({ reads }, i) => reads.map((from) => ({ from, to: inputs.length + i })));
  outputs.forEach(({ value }, i) => edges.push({ from: value, to: inputs.length + layers.length + i }));

  const layout = layOut(boxes.length, edges, sizes), head = options.title === undefined ? 0 : 30;
  const total = layers.reduce((so, { parameters }) => so + parameters, 0), place = ({ x, y }: PlacedNode): PlacedNode => ({ x: x + margin, y: y + margin + head });
  const width = layout.width + 2 * margin, height = layout.height + 2 * margin + head + 22;
  return svgDocument(width, height, options.title ?? `network of ${plural(layers.length, 'layer')}`, [
    ...(options.title === undefined ? [] : [textAt(width / 2, 28, fitted(options.title, width - 20, 16), { 'text-anchor': 'middle', 'font-size': 16, 'font-weight': 600 })]),
    element('path', { d: layout.routes.map((route) => routePath(route.map(place))).join(''), stroke: colours.quiet, 'stroke-width': 1.4, fill: 'none' }),
    element('path', { d: layout.routes.map((route) => arrowHead(place(route.at(-1)!))).join(''), fill: colours.quiet }),
    ...boxes.map((box, i) => drawBox(box, place(layout.nodes[i]!))),
    textAt(width / 2, height - 14, plural(total, 'parameter'), { 'text-anchor': 'middle', fill: colours.quiet }),
  ]);
}

function drawBox({ head, line, kind }: Box, { x, y }: PlacedNode): string {
  const [fill, stroke] = kinds[kind], { nodeWidth, nodeHeight } = sizes, inner = nodeWidth - 16, middle = { 'text-anchor': 'middle' };
  return [
    element('rect', { x: x - nodeWidth / 2, y: y - nodeHeight / 2, width: nodeWidth, height: nodeHeight, rx: kind === 'input' || kind === 'output' ? nodeHeight / 2 : 7, fill, stroke, 'stroke-width': 1.2 }),
    textAt(x, line === '' ? y + 5 : y - 4, fitted(head, inner, 13), { ...middle, 'font-size': 13, 'font-weight': 600 }),
    line === '' ? '' : textAt(x, y + 14, fitted(line, inner, 11), { ...middle, 'font-size': 11, fill: colours.quiet }),
  ].join('');
}

/** From the bottom of a box through the places between others to the top of a box: straight up and down there, curved between. */
function routePath(route: readonly PlacedNode[]): string {
  const half = sizes.nodeHeight / 2, first = route[0]!, last = route.at(-1)!;
  let path = `M${rounded(first.x)} ${rounded(first.y + half)}`, y = first.y + half, x = first.x;
  for (const point of route.slice(1)) {
    const isLast = point === last, top = point.y - half - (isLast ? 7 : 0), bend = (top - y) * 0.6;
    path += Math.abs(point.x - x) < 0.5 ? `V${rounded(top)}` : `C${rounded(x)} ${rounded(y + bend)} ${rounded(point.x)} ${rounded(top - bend)} ${rounded(point.x)} ${rounded(top)}`;
    y = isLast ? top : point.y + half;
    x = point.x;
    if (!isLast) path += `V${rounded(y)}`;
  }
  return path;
}

function arrowHead({ x, y }: PlacedNode): string {
  const tip = y - sizes.nodeHeight / 2;
  return `M${rounded(x)} ${rounded(tip)}l-4.5 -8h9Z`;
}
