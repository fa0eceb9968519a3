// The encoding: read back by a reader of its own, and accepted by the addon.
import { describe, expect, test } from 'vitest';
import { nativeInfo } from '../../lib/backend/native.ts';
import { encodeProgram, type Opcodes } from '../../lib/compile/encode.ts';
import type { Program } from '../../lib/compile/program.ts';
import { addon, nativeOptions } from '../helpers/addon.ts';
import { decodeProgram } from '../helpers/decode.ts';
import { samplePrograms } from '../helpers/sample-programs.ts';

/** Names in an order of the test's own: the encoding goes by name, whatever the numbers. */
function ownNames(programs: readonly Program[]): Opcodes {
  const instructions = programs.flatMap((program) => program.instructions);
  const elementwise = instructions.flatMap(({ chain }) => (chain?.operations ?? []).map(({ name }) => name));
  return { instructions: [...new Set(instructions.map(({ name }) => name))].sort(), elementwise: [...new Set(elementwise)].sort() };
}

const programs = samplePrograms();

/** Whether this processor has what a program asks for. */
const isRunnable = ({ instructions }: Program): boolean => nativeInfo()!.bfloat16 || !instructions.some(({ name }) => name === 'productBfloat16');

function expectSame(program: Program, names: Opcodes): void {
  const decoded = decodeProgram(encodeProgram(program, names), names);
  expect(decoded).toEqual(program.instructions.map(({ name, outs, ins, attributes, chain }) => ({ name, outs, ins, attributes, chain })));
}

test('what is encoded reads back the same', () => {
  const names = ownNames(programs);
  expect(names.instructions).toHaveLength(14);
  expect(names.elementwise).toHaveLength(35);
  for (const program of programs) expectSame(program, names);
});

test('a name that the other side does not know is a bug, not a number', () => {
  const names = ownNames(programs);
  expect(() => encodeProgram(programs.at(-1)!, { ...names, instructions: names.instructions.filter((name) => name !== 'product') })).toThrow("internal: the backend has no 'product'");
  expect(() => encodeProgram(programs.at(-1)!, { ...names, elementwise: names.elementwise.filter((name) => name !== 'tanh') })).toThrow("internal: the backend has no 'tanh'");
});

describe.runIf(addon !== undefined)('the addon', () => {
  test('knows exactly the names that programs use', () => {
    const names = ownNames(programs);
    expect(addon!.instructions.toSorted()).toEqual(names.instructions);
    expect(addon!.elementwise.toSorted()).toEqual(names.elementwise);
  });

  test('accepts every program', () => {
    for (const program of programs) {
      expectSame(program, addon!);
      if (!isRunnable(program)) continue;
      new addon!.Program(encodeProgram(program, addon!), nativeOptions(program)).dispose();
    }
  });

  test.each([
    ['an empty code', () => new Float64Array(0)],
    ['another version', (code: Float64Array) => code.with(0, 2)],
    ['more instructions announced', (code: Float64Array) => code.with(1, code[1]! + 1)],
    ['fewer instructions announced', (code: Float64Array) => code.with(1, code[1]! - 1)],
    ['a code cut short', (code: Float64Array) => code.slice(0, -1)],
    ['numbers left over', (code: Float64Array) => Float64Array.of(...code, 0)],
    ['an unknown opcode', (code: Float64Array) => code.with(2, 99)],
    ['half an opcode', (code: Float64Array) => code.with(2, 0.5)],
    ['NaN as an opcode', (code: Float64Array) => code.with(2, NaN)],
  ])('refuses %s with a sentence', (_what, corrupt) => {
    const program = programs.at(-1)!;
    expect(() => new addon!.Program(corrupt(encodeProgram(program, addon!)), nativeOptions(program))).toThrow(/^\[native\] \S/);
  });

  test.each<[string, Record<string, unknown>]>([
    ['shorter state', { stateLength: 16 }], ['shorter scratch', { scratchLength: 16 }], ['no sources', { sourceCount: 0 }], ['no sinks', { sinkCount: 0 }],
    ['a guard that does not exist', { guard: 3 }], ['a guard that is no scalar', { guard: 0 }], ['no rows', { maxRows: 0 }], ['more rows than planned for', { maxRows: 1000 }],
    ['endless memory', { scratchLength: Infinity }], ['half a length', { stateLength: 100.5 }], ['constants of another type', { constants: [1, 2] }],
  ])('refuses %s', (_what, options) => {
    const program = programs.at(-1)!;
    expect(() => new addon!.Program(encodeProgram(program, addon!), { ...nativeOptions(program), ...options })).toThrow(/./);
  });
});
