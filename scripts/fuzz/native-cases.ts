// Writes programs of every kind as cases for the native fuzzers and tests: tsx scripts/fuzz/native-cases.ts <folder>
import { writeCases } from '../../test/helpers/native-cases.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('a folder to write to is missing');
console.log(`${writeCases(folder)} cases written to ${folder}`);
