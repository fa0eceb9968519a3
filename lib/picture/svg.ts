// SVG as text: elements with escaped text and rounded numbers, and whole pictures.

/** Attributes of an element; undefined ones are left out. */
export type SvgAttributes = Readonly<Record<string, string | number | undefined>>;

/** At most two digits after the point: less than anybody can see. */
export function rounded(value: number): string {
  const text = String(Math.round(value * 100) / 100);
  return text === '-0' ? '0' : text;
}

/** Text for SVG: markup escaped, characters that XML does not allow replaced. */
export function escapeText(text: string): string {
  const allowed = text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
  return allowed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** One element; `content` is SVG already. */
export function element(name: string, attributes: SvgAttributes, content = ''): string {
  const written = Object.entries(attributes).filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escapeText(value!)}"`).join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A line of text with its baseline at (x, y). */
export function textAt(x: number, y: number, content: string, attributes: SvgAttributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeText(content));
}

/** A path through points, broken where a coordinate is not a number. */
export function polyline(points: Iterable<readonly [x: number, y: number]>): string {
  let path = '', isOpen = false;
  for (const [x, y] of points) {
    const isPoint = Number.isFinite(x) && Number.isFinite(y);
    if (isPoint) path += `${isOpen ? 'L' : 'M'}${rounded(x)} ${rounded(y)}`;
    isOpen = isPoint;
  }
  return path;
}

/** Font size of labels; the widths below go by it. */
export const fontSize = 12;

/** About the width of a text in the sans-serif fonts of browsers, rather too much than too little. */
export function textWidth(text: string, size: number = fontSize): number {
  let width = 0;
  for (const character of text) width += /[mwMW@%…]/.test(character) ? 0.95 : /[ijlfrtI.,:;'|() ]/.test(character) ? 0.4 : character > '\u2E7F' ? 1.05 : 0.65;
  return width * size;
}

/** A text cut to a width. */
export function fitted(text: string, width: number, size: number = fontSize): string {
  const characters = [...text];
  if (textWidth(text, size) <= width) return text;
  while (characters.length > 0 && textWidth(`${characters.join('')}…`, size) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** A whole picture on white, of its own size wherever it is shown. `title` is what screen readers say. */
export function svgDocument(width: number, height: number, title: string, parts: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${rounded(width)} ${rounded(height)}`, role: 'img',
    'font-family': 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif', 'font-size': fontSize, fill: colours.text,
  };
  const content = [element('title', {}, escapeText(title)), element('rect', { width, height, fill: '#ffffff' }), ...parts];
  return `${element('svg', attributes, `\n${content.join('\n')}\n`)}\n`;
}

/** Colours of everything that is no data. */
export const colours = { text: '#222222', quiet: '#5f5f5f', axis: '#8a8a8a', grid: '#e4e4e4' } as const;
