// Products whose operands are rounded to bfloat16 take the place of a program's products.
import { layout, region, type Instruction, type Operand } from './program.ts';

/** Weights of more numbers than this are packed anew for every product: packed as a whole they would take half a GiB. */
const largestKept = 2 ** 28;

/**
 * The instructions with every `product` as `productBfloat16`, which has one more attribute: 1 where its first operand lies in the
 * state and no instruction writes there, so that a backend may keep what it has packed of it for as long as the state is the same.
 */
export function roundProducts(instructions: readonly Instruction[]): Instruction[] {
  const written = instructions.flatMap(({ outs }) => outs).filter((out) => out.region === region.state);
  const isKept = (a: Operand): boolean => a.region === region.state && a.kind === layout.static && a.count <= largestKept &&
    !written.some((out) => out.offset < a.offset + a.count && a.offset < out.offset + out.count);
  return instructions.map((instruction) => (instruction.name === 'product'
    ? { ...instruction, name: 'productBfloat16', attributes: [...instruction.attributes, isKept(instruction.ins[0]!) ? 1 : 0] }
    : instruction));
}
