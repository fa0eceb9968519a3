// The picture of docs/benchmarks.md: how many times the library's time its best peer takes, by case, on a logarithmic axis.

import { logAxis, type Axis } from '../lib/picture/axis.ts';
import { element, rounded, textAt } from '../lib/picture/svg.ts';
import { cases, type BenchmarkCase } from './cases.ts';
import { best, bestPeer, digits, nameOf, type ResultRow } from './report.ts';

/** One bar. */
interface Bar {
  readonly name: string;
  readonly peer: string;
  readonly ratio: number;
}

const width = 800, left = 138, right = 610, rowHeight = 22, panelHead = 34, head = 56, foot = 46;

/** Colours of both schemes: a picture in a page follows the reader's. */
const style = `
  .card { fill: #ffffff } text { fill: #222222 } .quiet { fill: #5f5f5f } .grid { stroke: #e2e2e2 } .one { stroke: #222222 }
  .faster { fill: #0072B2 } .slower { fill: #D55E00 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #14171c } text { fill: #e8e8e8 } .quiet { fill: #a8adb5 } .grid { stroke: #31363e } .one { stroke: #e8e8e8 }
    .faster { fill: #56B4E9 } .slower { fill: #E69F00 }
  }`;

function barsOf(rows: readonly ResultRow[], kind: BenchmarkCase['kind']): Bar[] {
  return cases.filter((one) => one.kind === kind).flatMap(({ name }) => {
    const native = best(rows, name, 'native'), peer = bestPeer(rows, name);
    return native === undefined || peer === undefined ? [] : [{ name, peer: nameOf(peer.contestant), ratio: peer.median / native.median }];
  });
}

/** Bars from 1× to their ratio, to the right where the library is faster; what they say in words at the right. */
function panel(heading: string, bars: readonly Bar[], top: number, axis: Axis): string[] {
  const first = top + panelHead, bottom = first + bars.length * rowHeight;
  const grid = axis.ticks.map((tick) => element('line', { class: tick === 1 ? 'one' : 'grid', x1: axis.at(tick), x2: axis.at(tick), y1: first - 4, y2: bottom, 'stroke-width': tick === 1 ? 1.5 : 1 }));
  return [
    textAt(16, top + 18, heading, { 'font-weight': 600, 'font-size': 14 }),
    ...grid,
    ...bars.flatMap(({ name, peer, ratio }, index) => {
      const y = first + index * rowHeight, from = Math.min(axis.at(1), axis.at(ratio)), to = Math.max(axis.at(1), axis.at(ratio));
      return [
        textAt(left - 8, y + 15, name, { 'text-anchor': 'end' }),
        element('rect', { class: ratio >= 1 ? 'faster' : 'slower', x: from, y: y + 4, width: Math.max(1.5, to - from), height: rowHeight - 8, rx: 2 }),
        textAt(right + 10, y + 15, `${digits(ratio)}× ${peer}`),
      ];
    }),
  ];
}

/** SVG text. Both panels share one axis, so that their bars can be compared. */
export function chart(rows: readonly ResultRow[]): string {
  const panels = ([['Training', 'training'], ['Inference', 'inference']] as const)
    .map(([heading, kind]) => ({ heading, bars: barsOf(rows, kind) })).filter(({ bars }) => bars.length > 0);
  const ratios = panels.flatMap(({ bars }) => bars.map(({ ratio }) => ratio));
  if (ratios.length === 0) throw new Error('[bench] expected a case with the native backend and a peer for the picture');
  const axis = logAxis(Math.min(0.5, ...ratios) / 1.1, Math.max(2, ...ratios) * 1.1, left, right, 8);
  const parts: string[] = [];
  let top = head;
  for (const { heading, bars } of panels) {
    parts.push(...panel(heading, bars, top, axis));
    top += panelHead + bars.length * rowHeight + 12;
  }
  const height = top + foot;
  const labels = axis.ticks.map((tick) => textAt(axis.at(tick), top + 6, `${axis.label(tick)}×`, { 'text-anchor': 'middle', class: 'quiet' }));
  return `${element('svg', {
    xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${rounded(height)}`, role: 'img',
    'font-family': 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif', 'font-size': 12,
  }, `\n${[
    element('title', {}, "Time of the best peer divided by Densely's, by case"),
    `<style>${style}\n</style>`,
    element('rect', { class: 'card', width, height, rx: 8 }),
    textAt(16, 26, "Time of the best peer ÷ Densely's", { 'font-size': 16, 'font-weight': 600 }),
    textAt(16, 44, 'Right of 1×, blue: Densely is faster. Left, orange: the peer is. Logarithmic axis.', { class: 'quiet' }),
    ...parts, ...labels,
    textAt((left + right) / 2, top + 28, 'how many times as long the best peer takes', { 'text-anchor': 'middle', class: 'quiet' }),
  ].join('\n')}\n`)}\n`;
}
