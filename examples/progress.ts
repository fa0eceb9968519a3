// Progress by epoch: one line that is rewritten on a terminal, plain lines elsewhere.
import type { EpochRecord } from 'densely';

const percent = (share: number | undefined): string => (share === undefined ? '' : `${(100 * share).toFixed(2)} %`);

/** Returns an `onEpoch` that shows loss and accuracy, and the time left on a terminal. */
export function showProgress(epochs: number, stream: NodeJS.WriteStream = process.stdout): (record: EpochRecord) => void {
  const started = performance.now();
  return (record) => {
    const done = record.epoch / epochs;
    const measures = `loss ${record.loss.toFixed(4)}  accuracy ${percent(record.accuracy)}${record.validation ? `  validation ${percent(record.validation.accuracy)}` : ''}`;
    if (!stream.isTTY) {
      stream.write(`epoch ${String(record.epoch).padStart(String(epochs).length)}/${epochs}  ${measures}\n`);
      return;
    }
    const width = 24, full = Math.round(done * width);
    const left = (performance.now() - started) / 1000 * (1 / done - 1);
    const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
    stream.write(`\r\x1b[K${bar} epoch ${record.epoch}/${epochs}  ${measures}  ${left.toFixed(1)} s left${record.epoch === epochs ? '\n' : ''}`);
  };
}
