// The page of a report: HTML as text, with its style inside and nothing that is fetched or run.
import { escapeText } from '../picture/svg.ts';

const style = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f5f7; color: #222; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 48px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 12px; }
h3 { font-size: 14px; margin: 18px 0 6px; }
p { margin: 0 0 8px; }
.quiet { color: #5f5f5f; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin: 20px 0; }
.tile { background: #fff; border: 1px solid #dfe2e6; border-radius: 8px; padding: 10px 14px; }
.tile b { display: block; font-size: 22px; line-height: 1.3; font-variant-numeric: tabular-nums; }
section { background: #fff; border: 1px solid #dfe2e6; border-radius: 8px; padding: 18px 20px; margin: 0 0 16px; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px 28px; align-items: start; }
.columns > * { min-width: 0; }
.scroll { overflow-x: auto; }
svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
.scroll svg { max-width: none; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px 4px 0; text-align: right; border-bottom: 1px solid #eceef0; vertical-align: top; white-space: nowrap; }
th { font-weight: 600; color: #5f5f5f; }
.word { text-align: left; }
tr:last-child td { border-bottom: 0; }
table.facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
table.facts td:first-child { color: #5f5f5f; width: 34%; min-width: 110px; }
.finding { border-left: 4px solid #8a8a8a; padding: 2px 0 2px 12px; margin: 0 0 12px; }
.finding.severe { border-color: #b2182b; }
.finding.warning { border-color: #e69f00; }
.finding p { margin: 0; }
pre { overflow-x: auto; margin: 0; font: 13px/1.45 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", Consolas, monospace; }
@media (max-width: 560px) {
  main { padding: 16px 10px 32px; }
  section { padding: 14px 12px; }
  h1 { font-size: 22px; }
  table { font-size: 12.5px; }
  th, td { padding-right: 6px; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: 8px; }
  .tile b { font-size: 18px; }
}
@media print { body { background: #fff; } section, .tile { break-inside: avoid; } }
`;

export const text = escapeText;

/** A whole page. `parts` are HTML. */
export function page(title: string, parts: readonly string[]): string {
  return [
    '<!doctype html>', '<html lang="en">', '<head>', '<meta charset="utf-8">', '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${text(title)}</title>`, `<style>${style}</style>`, '</head>', '<body>', '<main>', ...parts.filter((part) => part !== ''), '</main>', '</body>', '</html>', '',
  ].join('\n');
}

/** Parts under a heading; nothing where there are none. */
export function section(title: string, ...parts: readonly string[]): string {
  const found = parts.filter((part) => part !== '');
  return found.length === 0 ? '' : `<section>\n<h2>${text(title)}</h2>\n${found.join('\n')}\n</section>`;
}

/** Parts beside each other where there is room. */
export function columns(...parts: readonly string[]): string {
  const found = parts.filter((part) => part !== '');
  return found.length < 2 ? found.join('') : `<div class="columns">\n${found.map((part) => `<div>${part}</div>`).join('\n')}\n</div>`;
}

/** Numbers under a heading each. */
export function tiles(facts: readonly (readonly [name: string, value: string])[]): string {
  return `<div class="tiles">${facts.map(([name, value]) => `<div class="tile"><b>${text(value)}</b><span class="quiet">${text(name)}</span></div>`).join('')}</div>`;
}

/** A table: the first row is its head, the first columns are `words`, and the others numbers. */
export function table([head, ...rows]: readonly (readonly string[])[], words = 1): string {
  const row = (cells: readonly string[], name: string): string => `<tr>${cells.map((cell, i) => `<${name}${i < words ? ' class="word"' : ''}>${text(cell)}</${name}>`).join('')}</tr>`;
  return `<div class="scroll"><table>${row(head!, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table></div>`;
}

/** Names and what they stand for. */
export function facts(rows: readonly (readonly [name: string, value: string])[]): string {
  const written = rows.map(([name, value]) => `<tr><td>${text(name)}</td><td>${text(value)}</td></tr>`);
  return rows.length === 0 ? '' : `<table class="facts">${written.join('')}</table>`;
}
