// A confusion matrix drawn: rows are labels, columns predictions, a cell the darker the more of its row is in it.
import { checkOptions, invalid } from '../options.ts';
import { mixed, rgbOf } from './palette.ts';
import { colours, element, fitted, svgDocument, textAt, textWidth } from './svg.ts';

/** Options of `confusionMatrix`. */
export interface ConfusionMatrixOptions {
  readonly title?: string;
}

/** What `classificationReport` gives, as far as it is drawn. */
export interface Confusion {
  /** Examples of class i that were taken for class j, `confusion[i][j]`. */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly { readonly name: string }[];
}

const white = rgbOf('#FFFFFF'), full = rgbOf('#0072B2'), longestName = 110, leastText = 18, leastLines = 12;

function isConfusion(report: Partial<Confusion> | undefined | null): report is Confusion {
  const { confusion, classes } = report ?? {}, count = confusion?.length ?? 0;
  return Array.isArray(confusion) && Array.isArray(classes) && count > 0 && classes.length === count && confusion.every((row: readonly number[]) => row?.length === count);
}

/** Side of a cell in pixels, so that the whole is about as wide as a column of text. */
function cellSize(count: number): number {
  return Math.max(6, Math.min(52, Math.floor(400 / count)));
}

/**
 * A confusion matrix as SVG text. Numbers are left out where cells are too small for them.
 *
 * @example await writePicture('confusion.svg', confusionMatrix(classificationReport(test, await network.predict(x))));
 * @throws {OptionError} On anything but a square of counts with a name for each class.
 */
export function confusionMatrix(report: Confusion, options: ConfusionMatrixOptions = {}): string {
  checkOptions('confusionMatrix', options, ['title']);
  if (!isConfusion(report)) throw invalid('confusionMatrix', 'report', 'what classificationReport returns', report);
  const { confusion, classes } = report, count = confusion.length;
  const size = cellSize(count), showsText = size >= leastText, hasLines = size >= leastLines;
  const names = classes.map(({ name }) => fitted(name, longestName)), widest = Math.max(...names.map((name) => textWidth(name)));
  const isUpright = widest > size - 4, head = options.title === undefined ? 10 : 42, left = 24 + (showsText ? widest + 10 : 10), side = count * size;
  const foot = showsText ? (isUpright ? widest + 12 : 22) : 8, width = Math.max(left + side + 16, 200), height = head + side + foot + 24;

  const cells = confusion.flatMap((row, i) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((value, j) => {
      // Of many classes most pairs never occur.
      if (value === 0 && !hasLines) return '';
      const share = total === 0 ? 0 : value / total, x = left + j * size, y = head + i * size, fill = mixed(white, full, share);
      const fontSize = Math.min(13, (size - 6) / Math.max(1, 0.65 * String(value).length));
      const written = { 'text-anchor': 'middle', 'font-size': fontSize, fill: share > 0.5 ? '#ffffff' : colours.text };
      const text = !showsText || value === 0 ? '' : textAt(x + size / 2, y + size / 2 + 0.35 * fontSize, String(value), written);
      return element('rect', { x, y, width: size, height: size, fill: `rgb(${fill.join()})`, stroke: colours.grid, 'stroke-width': hasLines ? 1 : 0 }) + text;
    });
  });
  const rowNames = !showsText ? [] : names.map((name, i) => textAt(left - 8, head + (i + 0.5) * size + 4, name, { 'text-anchor': 'end' }));
  const columnNames = !showsText ? [] : names.map((name, j) => {
    const x = left + (j + 0.5) * size, y = head + side + 8;
    return isUpright ? textAt(x + 4, y, name, { 'text-anchor': 'end', transform: `rotate(-90 ${x + 4} ${y})` }) : textAt(x, y + 10, name, { 'text-anchor': 'middle' });
  });
  const middle = head + side / 2, quiet = { 'text-anchor': 'middle', fill: colours.quiet };
  return svgDocument(width, height, options.title ?? `confusion matrix of ${count} classes`, [
    ...(options.title === undefined ? [] : [textAt(width / 2, 26, fitted(options.title, width - 20, 16), { 'text-anchor': 'middle', 'font-size': 16, 'font-weight': 600 })]),
    cells.join(''), element('rect', { x: left, y: head, width: side, height: side, fill: 'none', stroke: colours.axis }), ...rowNames, ...columnNames,
    textAt(left + side / 2, height - 8, 'prediction', quiet), textAt(14, middle, 'label', { ...quiet, transform: `rotate(-90 14 ${middle})` }),
  ]);
}
