// Programs as the native tests and fuzzers take them: a header that says what memory and which steps they get, and the encoded program.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeProgram, type Opcodes } from '../../lib/compile/encode.ts';
import type { Program } from '../../lib/compile/program.ts';
import { adam, adamw, dense, dropout, sgd } from '../../lib/index.ts';
import { loadAddon } from './addon.ts';
import { predictionProgram, trainingProgram } from './programs.ts';
import { samplePrograms } from './sample-programs.ts';

/** The numbers of test/native/program_case.h, in its order. */
interface CaseOptions {
  /** Rows of the two steps. */
  readonly rows?: readonly [number, number];
  /** Bits of what is odd about the arrays: 1 ordered, 2 bytes, 4 integers, 16 short sinks, ..., 512 threads. */
  readonly flags?: number;
  readonly seed?: number;
}

/** Small whole numbers take a byte, others two to nine. */
function numberBytes(value: number): number[] {
  const tagged = (tag: number, bytes: number, write: (view: DataView) => void): number[] => {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    return [tag, ...new Uint8Array(view.buffer)];
  };
  const whole = Number.isInteger(value) && !Object.is(value, -0);
  if (whole && value >= -10 && value < 240) return [value + 10];
  if (whole && Math.abs(value) < 32768) return tagged(250, 2, (view) => { view.setInt16(0, value, true); });
  if (whole && Math.abs(value) < 2 ** 31) return tagged(251, 4, (view) => { view.setInt32(0, value, true); });
  if (Math.fround(value) === value) return tagged(252, 4, (view) => { view.setFloat32(0, value, true); });
  return tagged(253, 8, (view) => { view.setFloat64(0, value, true); });
}

/** One case as a file holds it. */
function caseOf(program: Program, opcodes: Opcodes, { rows = [program.maxRows, Math.max(1, program.maxRows - 3)], flags = 0, seed = 1 }: CaseOptions = {}): Uint8Array {
  const header = [
    program.maxRows, program.stateLength, program.scratchLength, program.hypers.length, program.sources.length, program.sinks.length, program.guard,
    program.constants.length, seed, ...rows, flags,
  ];
  return Uint8Array.from([...header, ...encodeProgram(program, opcodes)].flatMap(numberBytes));
}

/** Cases of every op, of whole training steps and of predictions, some of them large enough to be shared among threads. */
function nativeCases(): Record<string, Uint8Array> {
  const opcodes = loadAddon();
  const cases: Record<string, Uint8Array> = {};
  const flags = [0, 1, 2, 1 | 4, 1 | 32, 64, 256, 1 | 2 | 256];
  for (const [i, program] of samplePrograms().entries()) cases[`sample-${i}`] = caseOf(program, opcodes, { flags: flags[i % flags.length]!, seed: i });
  for (const [name, program] of Object.entries(sharedPrograms())) cases[`shared-${name}`] = caseOf(program, opcodes, { flags: 512 | 2 | 1, seed: 7 });
  return cases;
}

/** Steps that are worth a second thread. */
function sharedPrograms(): Record<string, Program> {
  const layers = [dense(96, 'relu'), dense(80, 'tanh'), dense(10, 'softmax')];
  return {
    training: trainingProgram({ inputs: 100, layers, optimizer: adam(), maxRows: 48 }),
    minibatch: trainingProgram({ inputs: 300, layers: [dense(40, 'sigmoid'), dense(3)], optimizer: sgd({ momentum: 0.9 }), targets: 3, maxRows: 64 }),
    dropout: trainingProgram({ inputs: 64, layers: [dense(128, 'relu'), dropout(0.5), dense(64, 'gelu'), dense(1, 'sigmoid')], optimizer: adamw(), maxRows: 40 }),
    prediction: predictionProgram(200, [dense(150, 'relu'), dense(10, 'softmax')], 64),
    wide: predictionProgram(3, [dense(40, 'relu'), dense(1)], 9000),
    bfloat16: trainingProgram({ inputs: 100, layers, optimizer: adam(), maxRows: 48, precision: 'bfloat16' }),
  };
}

/** The programs of the library as files of a new folder; returns how many. */
export function writeCases(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const cases = Object.entries(nativeCases());
  for (const [name, bytes] of cases) writeFileSync(join(folder, name), bytes);
  return cases.length;
}
