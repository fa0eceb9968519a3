// Zip and NumPy files for fuzzing, made by hand so that everything in them can be wrong.
import { crc32, deflateRawSync } from 'node:zlib';

/** A .npy file with this text as its header. */
export function npyFile(header: string, data: Uint8Array): Buffer {
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + '\n';
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), data]);
}

/** A zip file of these files, some of them deflated, with right checksums. */
export function zipFile(files: readonly { readonly name: string; readonly bytes: Uint8Array; readonly deflated: boolean }[]): Buffer {
  const parts: Buffer[] = [], entries: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, deflated } of files) {
    const packed = deflated ? deflateRawSync(bytes) : Buffer.from(bytes), text = Buffer.from(name);
    const local = Buffer.alloc(30), entry = Buffer.alloc(46);
    local.writeUInt32LE(0x04034b50);
    entry.writeUInt32LE(0x02014b50);
    for (const [header, at] of [[local, 8], [entry, 10]] as const) {
      header.writeUInt16LE(deflated ? 8 : 0, at);
      header.writeUInt32LE(crc32(bytes), at + 6);
      header.writeUInt32LE(packed.length, at + 10);
      header.writeUInt32LE(bytes.length, at + 14);
      header.writeUInt16LE(text.length, at + 18);
    }
    entry.writeUInt32LE(offset, 42);
    parts.push(local, text, packed);
    entries.push(entry, text);
    offset += local.length + text.length + packed.length;
  }
  const directory = Buffer.concat(entries), end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}
