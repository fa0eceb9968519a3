// PNG images of at most 256 colours, as data addresses for pictures. (ISO/IEC 15948.)
import type { Rgb } from './palette.ts';

/** At first use: it is slow to load. */
const zlib = (): typeof import('node:zlib') => process.getBuiltinModule('node:zlib');

const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

function chunk(type: string, data: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]), whole = Buffer.alloc(typed.length + 8);
  whole.writeUInt32BE(data.length, 0);
  typed.copy(whole, 4);
  whole.writeUInt32BE(zlib().crc32(typed), typed.length + 4);
  return whole;
}

/** An image whose pixels, row by row, are numbers of `palette`. */
export function encodePng(width: number, height: number, pixels: Uint8Array, palette: readonly Rgb[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bits a pixel, which index the palette
  const lines = new Uint8Array(height * (width + 1)); // every line after the number of its filter, 0 for none
  for (let line = 0; line < height; line++) lines.set(pixels.subarray(line * width, (line + 1) * width), line * (width + 1) + 1);
  return Buffer.concat([
    signature, chunk('IHDR', header), chunk('PLTE', Uint8Array.from(palette.flat())), chunk('IDAT', zlib().deflateSync(lines, { level: 9 })), chunk('IEND', new Uint8Array(0)),
  ]);
}

/** The image as an address that can stand in a picture. */
export function pngAddress(width: number, height: number, pixels: Uint8Array, palette: readonly Rgb[]): string {
  return `data:image/png;base64,${encodePng(width, height, pixels, palette).toString('base64')}`;
}
