// Reading pictures back: elements of SVG text, and the pixels of embedded PNG images.
import { inflateSync } from 'node:zlib';
import { expect } from 'vitest';

export interface Element { readonly name: string; readonly attributes: Readonly<Record<string, string>>; readonly text: string }

const plain = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/** All elements of a picture in order; fails where the text is not well formed, or holds what is no number. */
export function elementsOf(svg: string): Element[] {
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  const elements: Element[] = [], open: string[] = [];
  let at = 0;
  for (const match of svg.matchAll(/<(\/?)([\w]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    const [whole, isEnd, name, attributes, isEmpty] = match as unknown as [string, string, string, string, string];
    const between = svg.slice(at, match.index);
    expect(between, between).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot);)/);
    at = match.index + whole.length;
    if (isEnd !== '') {
      expect(open.pop()).toBe(name);
      continue;
    }
    if (isEmpty === '') open.push(name);
    elements.push({
      name, text: isEmpty === '' ? plain(/^[^<]*/.exec(svg.slice(at))![0]) : '',
      attributes: Object.fromEntries([...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, plain(value!)])),
    });
  }
  expect(open).toEqual([]);
  expect(svg.slice(at).trim()).toBe('');
  return elements;
}

export const named = (svg: string, name: string): Element[] => elementsOf(svg).filter((element) => element.name === name);
export const textsOf = (svg: string): string[] => named(svg, 'text').map(({ text }) => text);

/** The points of a path of lines, part by part. */
export function pointsOf(path: string): [x: number, y: number][][] {
  return path.split('M').slice(1).map((part) => part.split('L').map((point) => point.trim().split(' ').map(Number) as [number, number]));
}

/** Width, height and colours of an embedded image, row by row. */
export function pixelsOf({ attributes }: Element): { width: number; height: number; colour(x: number, y: number): number[] } {
  const bytes = Buffer.from(attributes['href']!.replace('data:image/png;base64,', ''), 'base64'), parts = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    parts.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const width = parts.get('IHDR')!.readUInt32BE(0), height = parts.get('IHDR')!.readUInt32BE(4), lines = inflateSync(parts.get('IDAT')!), palette = parts.get('PLTE')!;
  expect(lines.length).toBe(height * (width + 1));
  return { width, height, colour: (x, y) => [...palette.subarray(3 * lines[y * (width + 1) + 1 + x]!, 3 * lines[y * (width + 1) + 1 + x]! + 3)] };
}
