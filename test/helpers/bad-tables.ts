// Files of data, preprocessors, configurations and indices of ensembles that are none.
import { deflateRawSync, gzipSync } from 'node:zlib';
import { npyFile, zipFile } from '../../scripts/fuzz/archive.ts';
import { casesOf, nested, type BadFile } from './bad-files.ts';

const idxHead = (type: number, ...shape: number[]): Buffer => {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head[2] = type;
  head[3] = shape.length;
  shape.forEach((dimension, i) => head.writeUInt32BE(dimension, 4 + 4 * i));
  return head;
};

const idx = casesOf('idx', 'ERR_DATA', [
  ['empty', 'at least 4 bytes', () => ''],
  ['another magic number', 'IDX magic number', () => Buffer.from('89504e47', 'hex')],
  ['a type that is none', 'IDX magic number', () => idxHead(7, 1)],
  ['no dimensions', 'IDX magic number', () => idxHead(8)],
  ['a header that is cut', 'a header of 12 bytes', () => idxHead(8, 3, 3).subarray(0, 7)],
  ['255 dimensions of 2^32 - 1', 'expected Infinity bytes', () => idxHead(8, ...Array<number>(255).fill(2 ** 32 - 1))],
  ['16 GB that are not there', 'expected 17179869188 bytes', () => idxHead(13, 2 ** 32 - 1).fill(0, 8).subarray(0, 8)],
  ['a byte too few', 'expected 12 bytes', () => Buffer.concat([idxHead(8, 4), Buffer.alloc(3)])],
  ['a byte too many', 'expected 12 bytes', () => Buffer.concat([idxHead(8, 4), Buffer.alloc(5)])],
  ['nothing', 'at least one value', () => idxHead(8, 0)],
  ['gzip that is cut', 'cannot be unpacked', () => gzipSync(Buffer.concat([idxHead(8, 4), Buffer.alloc(4)])).subarray(0, -5)],
  ['gzip of another sum', 'cannot be unpacked', () => { const packed = gzipSync(Buffer.concat([idxHead(8, 4), Buffer.alloc(4)])); packed[packed.length - 6]! ^= 1; return packed; }],
  ['64 MB of zeros in 64 KB', 'as its header says, but there are more', () => gzipSync(Buffer.concat([idxHead(8, 4), Buffer.alloc(2 ** 26)]))],
  ['64 MB that are no IDX in 64 KB', 'IDX magic number', () => gzipSync(Buffer.alloc(2 ** 26, 'a'))],
]);

const described = (descr: string, shape: string, more = ''): string => `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, ${more}}`;
const npy = casesOf('npy', 'ERR_DATA', [
  ['empty', 'begins with', () => ''],
  ['text', 'begins with', () => 'NUMPY and more of it'],
  ['a format of the future', 'format 1, 2 or 3 but received 9', () => { const file = npyFile(described("'<f4'", '(1,)'), Buffer.alloc(4)); file[6] = 9; return file; }],
  ['a header of 4 GB', 'a header of at most 65536 bytes', () => { const file = npyFile(described("'<f4'", '(1,)'), Buffer.alloc(4)); file[6] = 2; file.writeUInt32LE(2 ** 32 - 1, 8); return file; }],
  ['pickled objects', 'pickled Python objects, which are never read', () => npyFile(described("'|O'", '(1,)'), Buffer.from('c__builtin__\neval\n(S"1"\ntR.'))],
  ['a record', 'numbers or truth values', () => npyFile(described("[('a', '<f4')]", '(1,)'), Buffer.alloc(4))],
  ['texts', "type ''<U8''", () => npyFile(described("'<U8'", '(1,)'), Buffer.alloc(32))],
  ['a header that is an expression', 'a header with descr', () => npyFile("__import__('os').system('true')", Buffer.alloc(4))],
  ['no shape', 'a header with descr', () => npyFile("{'descr': '<f4', 'fortran_order': False}", Buffer.alloc(4))],
  ['a negative dimension', 'a header with descr', () => npyFile(described("'<f4'", '(-1,)'), Buffer.alloc(4))],
  ['a dimension in parts', 'a header with descr', () => npyFile(described("'<f4'", '(1.5,)'), Buffer.alloc(4))],
  ['a shape beyond 2^53', 'a possible shape', () => npyFile(described("'<f4'", '(9999999999, 9999999999)'), Buffer.alloc(4))],
  ['a dimension of a thousand digits', 'a possible shape', () => npyFile(described("'<f4'", `(${'9'.repeat(1000)},)`), Buffer.alloc(4))],
  ['1,000 dimensions', 'a possible shape', () => npyFile(described("'<f4'", `(${'1,'.repeat(1000)})`), Buffer.alloc(4))],
  ['nothing', 'at least one value', () => npyFile(described("'<f4'", '(0,)'), Buffer.alloc(0))],
  ['data that are cut', 'bytes for shape [3]', () => npyFile(described("'<f4'", '(3,)'), Buffer.alloc(11))],
  ['8 GB that are not there', 'bytes for shape [2147483647]', () => npyFile(described("'<f4'", '(2147483647,)'), Buffer.alloc(4))],
  ['whole numbers beyond 2^53', 'integers below 2^53', () => npyFile(described("'<i8'", '(1,)'), Buffer.alloc(8, 127))],
]);

const one = { name: 'x.npy', bytes: npyFile(described("'<f4'", '(1,)'), Buffer.alloc(4)), deflated: false };
/** A zip file with other numbers in the entry of its first file. */
function forgedZip(change: (zip: Buffer, entry: number) => void, file = one): Buffer {
  const zip = zipFile([file]);
  change(zip, zip.indexOf('PK\x01\x02'));
  return zip;
}
/** Two files of the directory that are one file of the disk. */
function shared(): Buffer {
  const zip = zipFile([one, { ...one, name: 'y.npy' }]), second = zip.lastIndexOf('PK\x01\x02');
  zip.writeUInt32LE(0, second + 42);
  return zip;
}
const npz = casesOf('npz', 'ERR_DATA', [
  ['empty', 'no directory at its end', () => ''],
  ['no zip', 'no directory at its end', () => 'PK but no more'],
  ['a file that is cut', 'no directory at its end', () => zipFile([one]).subarray(0, -4)],
  ['a directory outside', 'directory within the file', () => { const zip = zipFile([one]); zip.writeUInt32LE(2 ** 31, zip.length - 6); return zip; }],
  ['a directory of 4 GB', 'directory within the file', () => { const zip = zipFile([one]); zip.writeUInt32LE(2 ** 32 - 2, zip.length - 10); return zip; }],
  ['more entries than there are', 'entry 1 is broken', () => { const zip = zipFile([one]); zip.writeUInt16LE(2, zip.length - 12); return zip; }],
  ['encryption', 'without encryption', () => forgedZip((zip, entry) => zip.writeUInt16LE(1, entry + 8))],
  ['another method', 'compression method 14', () => forgedZip((zip, entry) => zip.writeUInt16LE(14, entry + 10))],
  ['another sum', 'its checksum is another', () => forgedZip((zip, entry) => zip.writeUInt32LE(1, entry + 16))],
  ['a size that cannot be', 'a possible size', () => forgedZip((zip, entry) => zip.writeUInt32LE(2 ** 31, entry + 24), { ...one, deflated: true })],
  ['a place outside', 'within the file but it claims', () => forgedZip((zip, entry) => zip.writeUInt32LE(9999, entry + 42))],
  ['two files of the same bytes', "those of 'y.npy' are another's", shared],
  ['64 MB of zeros that are no array', 'begins with', () => zipFile([{ name: 'x.npy', bytes: Buffer.alloc(2 ** 26), deflated: true }])],
  ['64 MB of zeros behind an array of one', 'expected 132 bytes for shape [1]', () => zipFile([{ name: 'x.npy', bytes: Buffer.concat([one.bytes, Buffer.alloc(2 ** 26)]), deflated: true }])],
  ['no array', 'begins with', () => zipFile([{ name: 'evil.pkl', bytes: Buffer.from('c__builtin__\neval\n'.repeat(4)), deflated: false }])],
  ['deflate that is broken', 'cannot be unpacked', () => { const packed = deflateRawSync(one.bytes), zip = zipFile([{ ...one, deflated: true }]); zip.fill(255, zip.indexOf(packed), zip.indexOf(packed) + 8); return zip; }],
]);

const csv = casesOf('csv', 'ERR_DATA', [
  ['empty', 'no data at all', () => ''],
  ['names alone', 'at least one row', () => 'a,label\n'],
  ['UTF-16', 'UTF-16', () => Buffer.from('\ufeffa,label\n1,2\n', 'utf16le')],
  ['zeros', /class name|number|row|column/, () => Buffer.concat([Buffer.from('a,label\n'), Buffer.alloc(1000)])],
  ['a quote without end', 'closing quote', () => 'a,label\n"1,2\n'],
  ['a quote without end in 32 MB', 'at most 1 MiB', () => Buffer.concat([Buffer.from('a,label\n"'), Buffer.alloc(2 ** 25, 'x')])],
  ['a cell of 32 MB', /at most 1 MiB|expected a number/, () => Buffer.concat([Buffer.from('a,label\n'), Buffer.alloc(2 ** 25, '1')])],
  ['text behind a quote', 'after its closing quote', () => 'a,label\n"1"x,2\n'],
  ['a cell too few', 'expected 2 cells but received 1', () => 'a,label\n1\n'],
  ['a cell too many', 'expected 2 cells but received more', () => 'a,label\n1,2,3\n'],
  ['a number beyond single precision', 'within single precision', () => 'a,label\n1e39,2\n'],
  ['NaN', 'a finite number', () => 'a,label\nNaN,2\n'],
  ['a formula', 'expected a number', () => 'a,label\n=1+1,2\n'],
  ['gzip that is cut', 'cannot be unpacked', () => gzipSync('a,label\n1,2\n3,4\n').subarray(0, -9)],
  ['a cell of 64 MB in 64 KB', /at most 1 MiB|expected a number/, () => gzipSync(Buffer.concat([Buffer.from('a,label\n"'), Buffer.alloc(2 ** 26, 'x')]))],
  ['200,000 columns and no row', 'at least one row', () => `${'c,'.repeat(200_000)}label\n`.replaceAll(/c,/g, ((i) => () => `c${i++},`)(0))],
]);

const jsonLines = casesOf('jsonLines', 'ERR_DATA', [
  ['empty', 'at least one row', () => ''],
  ['no JSON', 'a line of JSON', () => '{"a":1,"label":2}\n{"a":'],
  ['a number', 'an object or an array but received 5', () => '5\n'],
  ['null', 'an object or an array but received null', () => 'null\n'],
  ['a field too few', 'expected 2 fields', () => '{"a":1,"label":2}\n{"a":1}\n'],
  ['a field of another name', "field 'label'", () => '{"a":1,"label":2}\n{"a":1,"lable":2}\n'],
  ['a text for a number', 'expected a number', () => '{"a":1,"label":2}\n{"a":"x","label":2}\n'],
  ['a number beyond single precision', 'within single precision', () => '{"a":1e39,"label":2}\n'],
  ['a list of other length', 'as in the first row', () => '{"a":[1,2],"label":2}\n{"a":[1],"label":2}\n'],
  ['deep lists', /expected a number/, () => `{"a":[${nested('[', ']', 100_000)}],"label":2}\n`],
  ['a line of 32 MB', 'lines of at most 16777216 bytes', () => Buffer.alloc(2 ** 25, '[')],
  ['a line of 64 MB in 64 KB', 'lines of at most 16777216 bytes', () => gzipSync(Buffer.alloc(2 ** 26, '[')), 2 ** 26],
  ['__proto__ for a field', "field 'a'", () => '{"a":1,"label":2}\n{"__proto__":{"a":1},"label":2}\n'],
]);

const parquet = casesOf('parquet', 'ERR_DATA', [
  ['empty', 'cannot be read', () => ''],
  ['text', 'cannot be read', () => 'PAR1 and then nothing of it PAR1'],
  ['a footer of 2 GB', 'cannot be read', () => Buffer.from('5041523100000000ffffff7f50415231', 'hex')],
]);

const column = { name: 'a', kind: 'numeric', fill: null, indicator: false, shift: 0, scale: 1 }, target = { name: 't', kind: 'target', shift: 0, scale: 1 };
const prepared = (more: object): (() => string) => () => JSON.stringify({ format: 'densely-preprocessor', version: 1, missingValues: [], columns: [column, target], ...more });
const preprocessor = casesOf('preprocessor', 'ERR_MODEL_FORMAT', [
  ['null', 'an object but received null', () => 'null'],
  ['a list', 'an object but received an array', () => '[]'],
  ['deep lists', 'an object but received an array', () => nested('[', ']', 100_000)],
  ['another format', "'format'", prepared({ format: 'pickle' })],
  ['a newer version', "'version'", prepared({ version: 2 })],
  ['a field too many', "unknown field 'module'", prepared({ module: './evil.mjs' })],
  ['a field named __proto__', "unknown field '__proto__'", () => prepared({})().replace('{', '{"__proto__":{},')],
  ['columns that are an object', "'columns'", prepared({ columns: { length: 1 } })],
  ['no target', 'one target', prepared({ columns: [column] })],
  ['no columns but the target', '1 to 1048576 outputs', prepared({ columns: [target] })],
  ['columns of one name', 'different names', prepared({ columns: [column, column, target] })],
  ['a kind that is none', "'columns[0].kind'", prepared({ columns: [{ ...column, kind: 'constructor' }, target] })],
  ['a scale of nothing', "'columns[0].scale'", prepared({ columns: [{ ...column, scale: 0 }, target] })],
  ['a shift that is null', "'columns[0].shift'", prepared({ columns: [{ ...column, shift: null }, target] })],
  ['categories twice', 'different texts', prepared({ columns: [{ name: 'a', kind: 'categorical', fill: null, indicator: false, encoding: 'oneHot', categories: ['x', 'x'], unseen: 'other' }, target] })],
]);

const configuration = casesOf('configuration', 'USAGE', [
  ['empty', 'to be JSON', () => ''],
  ['no JSON', 'to be JSON', () => '{'],
  ['null', 'to hold an object', () => 'null'],
  ['deep lists', 'to hold an object', () => nested('[', ']', 100_000)],
  ['an unknown key', "did you mean 'epochs'", () => '{"epoch":3}'],
  ['a key named __proto__', "unknown key '__proto__'", () => '{"__proto__":{"epochs":3}}'],
  ['a key named constructor', "unknown key 'constructor'", () => '{"constructor":{}}'],
  ['a key that names a module', "unknown key 'module'", () => '{"module":"./evil.mjs"}'],
  ['a text for a number', "'epochs'", () => '{"epochs":"3"}'],
  ['a layer that is none', 'unknown layer', () => '{"layers":"dence(3)"}'],
  ['a layer that is a path', 'a layer such as', () => '{"layers":"./evil.mjs"}'],
  ['calls within calls', 'calls and lists within each other', () => `{"layers":"${'dense('.repeat(50_000)}"}`],
  ['lists within lists', 'calls and lists within each other', () => `{"clip":"value=${'['.repeat(50_000)}"}`],
  ['an optimizer of Object', 'unknown optimizer', () => '{"optimizer":"constructor"}'],
  ['a loss that is a number', 'loss to be a text', () => '{"loss":3}'],
]);

const index = (more: object): (() => string) => () => JSON.stringify({ version: 1, seed: 0, fraction: null, members: [{ file: 'm.safetensors', failed: false }], ...more });
const ensemble = casesOf('ensemble', 'ERR_MODEL_FORMAT', [
  ['empty', 'to be JSON', () => ''],
  ['null', 'no version', () => 'null'],
  ['a newer version', 'format version 2', index({ version: 2 })],
  ['no members', 'members with a file each', index({ members: [] })],
  ['a member above its folder', 'members with a file each', index({ members: [{ file: '../m.safetensors', failed: false }] })],
  ['a member at a path of its own', 'members with a file each', index({ members: [{ file: '/etc/passwd', failed: false }] })],
  ['a member at an address', 'members with a file each', index({ members: [{ file: 'https://example.org/m.safetensors', failed: false }] })],
  ['deep lists', 'no version', () => nested('[', ']', 100_000)],
]);

export const badTables: BadFile[] = [...idx, ...npy, ...npz, ...csv, ...jsonLines, ...parquet, ...preprocessor, ...configuration, ...ensemble];
