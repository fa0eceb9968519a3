// The bytes of a file, plain or gzip, in amounts that the reader asks for.

import { DataError } from '../../errors.ts';
import { piecesOf } from '../pieces.ts';

/** Reads a file from its beginning; the file is opened by the first read. */
export class ByteReader {
  private readonly where: string;
  private readonly pieces: AsyncGenerator<Uint8Array, void, undefined>;
  private piece: Uint8Array = new Uint8Array(0);

  /** `where` begins every error sentence; it names the file. */
  constructor(path: string, where: string) {
    this.where = where;
    this.pieces = piecesOf(path, where);
  }

  /** The next `count` bytes, or what is left; a copy. */
  async upTo(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      if (this.piece.length === 0 && !(await this.next())) break;
      const part = this.piece.slice(0, missing);
      parts.push(part);
      this.piece = this.piece.subarray(part.length);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** The next `count` bytes; throws DataError where there are fewer. */
  async exactly(count: number): Promise<Uint8Array> {
    const bytes = await this.upTo(count);
    if (bytes.length < count) throw new DataError(`[${this.where}] expected ${count - bytes.length} more bytes but the file ended`);
    return bytes;
  }

  /** Throws DataError where there are bytes left. */
  async end(): Promise<void> {
    if (this.piece.length > 0 || (await this.next())) throw new DataError(`[${this.where}] expected the end of the file behind the last row but received more`);
  }

  async close(): Promise<void> {
    await this.pieces.return();
  }

  private async next(): Promise<boolean> {
    const { done, value } = await this.pieces.next();
    this.piece = value ?? new Uint8Array(0);
    return done !== true;
  }
}
