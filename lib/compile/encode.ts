// The program as numbers, the form in which the native backend takes it; native/program.cc reads exactly this.
import { internal } from '../errors.ts';
import type { Chain, Instruction, Operand, Program } from './program.ts';

export const encodingVersion = 1;

/** Numbers of instructions and elementwise operations: the native side's own lists. */
export interface Opcodes {
  readonly instructions: readonly string[];
  readonly elementwise: readonly string[];
}

function codeOf(names: readonly string[], name: string): number {
  const code = names.indexOf(name);
  if (code < 0) throw internal(`the backend has no '${name}'`);
  return code;
}

function encodeOperand(operand: Operand): number[] {
  return [operand.region, operand.offset, operand.count, operand.kind];
}

function encodeChain(chain: Chain, opcodes: Opcodes): number[] {
  return [
    chain.lines, chain.columns,
    chain.inputKinds.length, ...chain.inputKinds,
    chain.outKinds.length, ...chain.outKinds,
    chain.registers,
    chain.operations.length,
    ...chain.operations.flatMap((operation) => [codeOf(opcodes.elementwise, operation.name), operation.destination, operation.a, operation.b, operation.c, operation.immediate]),
  ];
}

function encodeInstruction(instruction: Instruction, opcodes: Opcodes): number[] {
  const attributes = [...instruction.attributes, ...(instruction.chain === undefined ? [] : encodeChain(instruction.chain, opcodes))];
  return [
    codeOf(opcodes.instructions, instruction.name), instruction.outs.length, instruction.ins.length, attributes.length,
    ...instruction.outs.flatMap(encodeOperand), ...instruction.ins.flatMap(encodeOperand), ...attributes,
  ];
}

/** `[version, count, then per instruction: opcode, outs, ins, attributes (counts), operands of four numbers, attributes]`. */
export function encodeProgram(program: Program, opcodes: Opcodes): Float64Array {
  const parts = program.instructions.flatMap((instruction) => encodeInstruction(instruction, opcodes));
  return Float64Array.from([encodingVersion, program.instructions.length, ...parts]);
}
