// An independent reader of the encoding, written from the contract alone: what the native side has to understand.
export interface DecodedOperand { region: number; offset: number; count: number; kind: number }
export interface DecodedChain {
  lines: number; columns: number; inputKinds: number[]; outKinds: number[]; registers: number;
  operations: { name: string; destination: number; a: number; b: number; c: number; immediate: number }[];
}
export interface DecodedInstruction { name: string; outs: DecodedOperand[]; ins: DecodedOperand[]; attributes: number[]; chain: DecodedChain | undefined }

class Cursor {
  at = 0;
  readonly numbers: ArrayLike<number>;
  constructor(numbers: ArrayLike<number>) {
    this.numbers = numbers;
  }
  next(): number {
    if (this.at >= this.numbers.length) throw new Error('the code ends too early');
    return this.numbers[this.at++]!;
  }
  take(count: number): number[] {
    return Array.from({ length: count }, () => this.next());
  }
  get done(): boolean {
    return this.at === this.numbers.length;
  }
}

function readOperand(cursor: Cursor): DecodedOperand {
  const [region, offset, count, kind] = cursor.take(4) as [number, number, number, number];
  return { region, offset, count, kind };
}

function readChain(cursor: Cursor, elementwise: readonly string[]): DecodedChain {
  const lines = cursor.next(), columns = cursor.next();
  const inputKinds = cursor.take(cursor.next()), outKinds = cursor.take(cursor.next());
  const registers = cursor.next();
  const operations = Array.from({ length: cursor.next() }, () => {
    const [code, destination, a, b, c, immediate] = cursor.take(6) as [number, number, number, number, number, number];
    return { name: elementwise[code]!, destination, a, b, c, immediate };
  });
  return { lines, columns, inputKinds, outKinds, registers, operations };
}

/** Attributes in front of a chain: four of a product, one more of a rounded one, none of a chain by itself. */
const beforeChain: Readonly<Record<string, number>> = { product: 4, productBfloat16: 5, chain: 0 };

/** The instructions of an encoded program; throws where numbers are left over or missing. */
export function decodeProgram(code: ArrayLike<number>, names: { instructions: readonly string[]; elementwise: readonly string[] }): DecodedInstruction[] {
  const cursor = new Cursor(code);
  if (cursor.next() !== 1) throw new Error('another version');
  const instructions = Array.from({ length: cursor.next() }, () => {
    const [opcode, outCount, inCount, attributeCount] = cursor.take(4) as [number, number, number, number];
    const name = names.instructions[opcode]!;
    const outs = Array.from({ length: outCount }, () => readOperand(cursor)), ins = Array.from({ length: inCount }, () => readOperand(cursor));
    const own = new Cursor(cursor.take(attributeCount));
    const attributes = own.take(beforeChain[name] ?? attributeCount);
    const chain = name in beforeChain ? readChain(own, names.elementwise) : undefined;
    if (!own.done) throw new Error(`${name} has attributes left over`);
    return { name, outs, ins, attributes, chain };
  });
  if (!cursor.done) throw new Error('numbers left over');
  return instructions;
}
