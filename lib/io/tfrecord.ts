// Records of TensorFlow (https://www.tensorflow.org/tutorials/load_data/tfrecord): length, its sum, data, their sum; sums are masked CRC-32C.

/** CRC-32C (Castagnoli; RFC 3720, appendix B.4), one byte at a time. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1;
  return sum;
});

export function crc32c(data: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of data) sum = table[(sum ^ byte) & 255]! ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

/** Rotated and shifted, since the sum of data that contain their own sums tells little. */
export function maskedSum(data: Uint8Array): number {
  const sum = crc32c(data);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

/** One record: 8 bytes of length and 4 of its sum, the data, 4 of their sum; all little-endian. */
export function tfRecord(data: Uint8Array): Buffer {
  const head = Buffer.alloc(12), tail = Buffer.alloc(4);
  head.writeBigUInt64LE(BigInt(data.length));
  head.writeUInt32LE(maskedSum(head.subarray(0, 8)), 8);
  tail.writeUInt32LE(maskedSum(data));
  return Buffer.concat([head, data, tail]);
}
