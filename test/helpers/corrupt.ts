// Run in a process of its own: corrupts encoded programs at random and gives them to the addon, which must throw or take
// them, and then runs those it took on memory of the announced size. Prints counts; a crash is the parent's to see.
import fc from 'fast-check';
import { nativeBackend } from '../../lib/backend/native.ts';
import { encodeProgram } from '../../lib/compile/encode.ts';
import { loadAddon, nativeOptions } from './addon.ts';
import { samplePrograms } from './sample-programs.ts';

interface Loaded {
  bind(binding: object): void;
  run(begin: number, end: number, counter: number, threads: number): number;
  dispose(): void;
}

const [cases, seed] = process.argv.slice(2).map(Number) as [number, number];
const addon = loadAddon(), { allocate } = nativeBackend();
const programs = samplePrograms();
const codes = programs.map((program) => encodeProgram(program, addon));
const counts = { refused: 0, taken: 0, ran: 0 };

const odd = fc.constantFrom(-2, -1, 0, 1, 2, 3, 4, 5, 7, 16, 31, 33, 0.5, 1e6, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, NaN, Infinity, -Infinity);
const edit = fc.record({ at: fc.nat(), how: fc.constantFrom('set', 'shift', 'drop', 'double', 'swap'), value: odd, with: fc.nat() });

function corrupt(code: Float64Array, { at, how, value, with: other }: { at: number; how: string; value: number; with: number }): Float64Array {
  const i = at % code.length, j = other % code.length;
  if (how === 'set') return code.with(i, value);
  if (how === 'shift') return code.with(i, code[i]! + (Number.isFinite(value) ? Math.sign(value) : 16));
  if (how === 'drop') return Float64Array.from([...code.slice(0, i), ...code.slice(i + 1)]);
  if (how === 'double') return Float64Array.from([...code.slice(0, i), ...code.slice(i)]).with(j, code[i]!);
  return code.with(i, code[j]!).with(j, code[i]!);
}

/** Runs a program that was taken although it was changed: whatever it computes, it must stay in its memory. */
function runTaken(loaded: Loaded, index: number): void {
  const program = programs[index]!;
  const rows = 19;
  loaded.bind({
    state: allocate(program.stateLength), scratch: allocate(program.scratchLength),
    sources: program.sources.map(({ width }) => ({ array: allocate(width * 20), width, scale: 1, shift: 0 })),
    sinks: program.sinks.map(({ count, rows: byRow }) => allocate(byRow ? count * rows : count)),
    order: null, batches: Int32Array.of(0, rows), hyper: allocate(program.hypers.length),
  });
  loaded.run(0, 1, 0, 2);
  counts.ran++;
}

fc.assert(fc.property(fc.nat(codes.length - 1), fc.array(edit, { minLength: 1, maxLength: 3 }), (index, edits) => {
  const code = edits.reduce(corrupt, codes[index]!);
  let loaded: Loaded;
  try {
    loaded = new addon.Program(code, nativeOptions(programs[index]!)) as Loaded;
  } catch (error) {
    if (!(error instanceof Error) || error.message.length < 10) throw new Error('refused without a sentence', { cause: error });
    counts.refused++;
    return;
  }
  counts.taken++;
  try {
    runTaken(loaded, index);
  } catch (error) {
    if (!(error instanceof Error) || error.message.length < 10) throw new Error('stopped without a sentence', { cause: error });
  }
  loaded.dispose();
}), { numRuns: cases, seed });
process.stdout.write(`${JSON.stringify(counts)}\n`);
