// Checks of a finished program: what each backend may rely on, and what every pass must keep true.
import { internal } from '../errors.ts';
import { access, emission, layout, region, reservedLength, type Instruction, type Operand, type Program } from './program.ts';

function checkOperand(operand: Operand, program: Program, write: boolean, where: string): void {
  const limits = [program.stateLength, program.scratchLength, program.constants.length, 2 + program.hypers.length];
  const limit = limits[operand.region];
  if (limit === undefined) throw internal(`${where}: no region ${operand.region}`);
  const length = operand.kind === layout.static ? operand.count : reservedLength(operand.count, operand.kind, program.maxRows);
  if (!(operand.offset >= 0 && operand.count > 0 && operand.offset + length <= limit)) {
    throw internal(`${where}: operand at ${operand.offset} of ${length} leaves region ${operand.region} of ${limit}`);
  }
  if (operand.kind !== layout.static && operand.region !== region.scratch) throw internal(`${where}: a rows tensor outside scratch`);
  if (write && operand.region !== region.state && operand.region !== region.scratch) throw internal(`${where}: writes to a read-only region`);
}

function checkChain(instruction: Instruction, where: string): void {
  const chain = instruction.chain!;
  const readable = new Set(chain.inputKinds.map((_, i) => i));
  const made = chain.inputKinds.length;
  const top = made + chain.outKinds.length + chain.registers;
  const feeds = chain.inputKinds.filter((kind) => kind !== access.product).length;
  const expected = instruction.name === 'product' ? feeds + 2 : feeds;
  if (instruction.ins.length !== expected || instruction.outs.length !== chain.outKinds.length) throw internal(`${where}: chain and operands differ in number`);
  for (const operation of chain.operations) {
    for (const operand of [operation.a, operation.b, operation.c]) if (operand < 0 || operand >= top) throw internal(`${where}: ${operation.name} reads value ${operand}`);
    if (!readable.has(operation.a)) throw internal(`${where}: ${operation.name} reads value ${operation.a} before it is made`);
    if (operation.destination < made || operation.destination >= top) throw internal(`${where}: ${operation.name} writes value ${operation.destination}`);
    const sums = chain.outKinds[operation.destination - made] === emission.lineSum;
    if (sums !== (operation.name === 'sumColumns')) throw internal(`${where}: ${operation.name} writes an out of another kind`);
    readable.add(operation.destination);
  }
  chain.outKinds.forEach((_, i) => {
    if (!readable.has(made + i)) throw internal(`${where}: out ${i} is never written`);
  });
}

/** Throws an internal error unless the program is well formed. */
export function verifyProgram(program: Program): void {
  program.instructions.forEach((instruction, index) => {
    const where = `instruction ${index} ${instruction.name}`;
    for (const operand of instruction.ins) checkOperand(operand, program, false, where);
    for (const operand of instruction.outs) checkOperand(operand, program, true, where);
    if (instruction.chain !== undefined) checkChain(instruction, where);
  });
}
