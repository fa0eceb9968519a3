// Numbers and tables as people read them.

/** A count with separators: `1,797`. */
export const count = (value: number): string => value.toLocaleString('en-US');

/** A count with what is counted: `1 epoch`, `1,797 examples`. */
export const several = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** A measure of training in about six characters. */
export function measure(value: number): string {
  const size = Math.abs(value);
  return !Number.isFinite(value) || value === 0 || (size >= 0.01 && size < 1e4) ? value.toFixed(4) : value.toExponential(2);
}

/** A count in three digits with a unit of thousands: `12.3 k`, `4.56 M`. */
export function rounded(value: number): string {
  const steps = ['', ' k', ' M', ' G', ' T'], step = value < 1000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), steps.length - 1);
  const part = value / 1000 ** step;
  return step === 0 ? String(Math.round(part)) : `${part.toPrecision(3)}${steps[step]}`;
}

/** Bytes: `640 B`, `12.5 KiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'], step = value < 1024 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), units.length - 1);
  const part = value / 1024 ** step;
  return step === 0 ? `${part} B` : `${part >= 1000 ? Math.round(part) : part.toPrecision(3)} ${units[step]}`;
}

/** Seconds: `0.3 s`, `42 s`, `3:07`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds), two = (value: number): string => String(value).padStart(2, '0'), hours = Math.floor(whole / 3600);
  return `${hours > 0 ? `${hours}:${two(Math.floor(whole / 60) % 60)}` : Math.floor(whole / 60)}:${two(whole % 60)}`;
}

/** Rows of cells in columns, the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[], left: readonly number[] = [0]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((text, i) => (left.includes(i) ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  ').trimEnd()).join('\n');
}

/** Names with values, one pair a line. */
export function facts(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** Loss and metrics on a line: `loss 0.2519, accuracy 0.9310`. */
export function measures(evaluation: object): string {
  return Object.entries(evaluation).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && !['epoch', 'learningRate'].includes(entry[0]))
    .map(([name, value]) => `${name} ${measure(value)}`).join(', ');
}

/** Lines of at most `width` characters; every line but the first begins with `indent` spaces. */
export function wrap(text: string, width: number, indent = 0): string {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!, room = width - indent;
    if (line !== '' && line.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}

/** The same text with the lines that are longer than `width` in several. */
export function wrapLines(text: string, width: number): string {
  return text.split('\n').map((line) => (line.length > width ? wrap(line, width) : line)).join('\n');
}
