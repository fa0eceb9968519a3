// Tables in characters: the first column to the left, numbers to the right.

/** A number with four digits after the point. */
export function fixed(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(4);
}

export function textTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((text, column) => (column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!))).join('  ').trimEnd());
}
