// npm run docs:terminal: docs/terminal.svg, what a terminal shows of a training from the command line.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..'), folder = mkdtempSync(join(tmpdir(), 'densely-terminal-'));
const lines = [['train', '--data', 'examples/data/digits.csv', '--target', 'label', '--validation', '0.2', '--epochs', '6'], ['evaluate', 'model.safetensors', '--data', 'examples/data/digits.csv']];
const output = lines.flatMap((args) => {
  const given = args.map((arg) => (arg.endsWith('.csv') ? join(root, arg) : arg));
  // Errors carry the progress: both go to one pipe, in their order.
  const shown = execFileSync('sh', ['-c', '"$0" "$@" 2>&1', process.execPath, join(root, 'dist/cli/main.js'), ...given], { cwd: folder, encoding: 'utf8' });
  return [`$ densely ${args.join(' ')}`, ...shown.replaceAll(`${root}/`, '').trimEnd().split('\n'), ''];
}).slice(0, -1);
rmSync(folder, { recursive: true });

const line = 18, character = 7.8, margin = 16, width = Math.ceil(Math.max(...output.map((text) => text.length)) * character + 2 * margin), height = output.length * line + 2 * margin;
const escape = (text) => text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]);
const rows = output.map((text, i) => `<text x="${margin}" y="${margin + (i + 0.75) * line}"${text.startsWith('$') ? ' fill="#7ee787"' : ''} xml:space="preserve">${escape(text)}</text>`);
writeFileSync(join(root, 'docs/terminal.svg'), [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="#e6edf3">`,
  `<title>Training and evaluating a network from the command line</title>`, `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`, ...rows, '</svg>', '',
].join('\n'));
