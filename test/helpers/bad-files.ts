// Bad files made by hand: what is wrong with each, and how the library says so. Tests read them; scripts/soak/bad-files.ts measures what that takes.
import type { ErrorCode } from '../../lib/errors.ts';

/** What a file is given to. */
export type ReaderName = 'model' | 'checkpoint' | 'onnx' | 'idx' | 'npy' | 'npz' | 'csv' | 'jsonLines' | 'parquet' | 'preprocessor' | 'configuration' | 'ensemble';

export interface BadFile {
  readonly reader: ReaderName;
  readonly name: string;
  readonly code: ErrorCode | 'USAGE';
  /** Part of the sentence. */
  readonly says: string | RegExp;
  /** The file; a text is UTF-8. */
  make(): Uint8Array | string;
  /** Bytes of what the file holds, where it is packed: the measure of the memory it may take. */
  readonly unpacked?: number;
}

/** Makes cases of one reader of short rows. */
export function casesOf(reader: ReaderName, code: BadFile['code'], rows: readonly (readonly [name: string, says: string | RegExp, make: () => Uint8Array | string, unpacked?: number])[]): BadFile[] {
  return rows.map(([name, says, make, unpacked]) => ({ reader, name, code, says, make, ...(unpacked !== undefined && { unpacked }) }));
}

/** `open` so many times, then as many of `close`. */
export const nested = (open: string, close: string, times: number, inner = ''): string => open.repeat(times) + inner + close.repeat(times);
