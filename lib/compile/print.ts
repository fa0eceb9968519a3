// A program as text, one instruction a line.
import { access, emission, layout, region, type Chain, type Instruction, type Operand, type Program } from './program.ts';

const regionNames = Object.keys(region);

function formatOperand(operand: Operand): string {
  const size = operand.kind === layout.static ? `${operand.count}` : operand.kind === layout.featureMajor ? `${operand.count}×rows` : `rows×${operand.count}`;
  return `${regionNames[operand.region]}[${operand.offset}; ${size}]`;
}

function formatChain(chain: Chain): string {
  const suffix = ['', ' by line', ' by column', ' scalar', ''];
  const value = (id: number): string => {
    if (id < chain.inputKinds.length) return chain.inputKinds[id] === access.product ? 'product' : `in${id}${suffix[chain.inputKinds[id]!]}`;
    const out = id - chain.inputKinds.length;
    return out < chain.outKinds.length ? `out${out}` : `r${out - chain.outKinds.length}`;
  };
  const arity = (name: string): number => (name === 'select' || name === 'multiplyAdd' ? 3 : /^(add|subtract|multiply|divide|maximum|minimum|power|greater|equal)$/.test(name) ? 2 : 1);
  const operations = chain.operations.map(({ name, destination, a, b, c, immediate }) => {
    const operands = [a, b, c].slice(0, arity(name)).map(value);
    if (immediate !== 0) operands.push(String(immediate));
    return `${value(destination)} = ${name}(${operands.join(', ')})`;
  });
  const sums = chain.outKinds.some((kind) => kind === emission.lineSum) ? ', with line sums' : '';
  return `{ ${chain.lines} × ${chain.columns < 0 ? 'rows' : chain.columns}${sums}: ${operations.join('; ')} }`;
}

function formatInstruction(instruction: Instruction, index: number): string {
  const outs = instruction.outs.map(formatOperand).join(', ');
  const ins = instruction.ins.map(formatOperand).join(', ');
  const attributes = instruction.attributes.length > 0 ? ` <${instruction.attributes.map((value) => (value < 0 ? `${value === -1 ? '' : -value}rows` : value)).join(' ')}>` : '';
  const chain = instruction.chain === undefined ? '' : ` ${formatChain(instruction.chain)}`;
  const path = instruction.path === '' ? '' : `  # ${instruction.path}`;
  return `${String(index).padStart(3)} ${outs === '' ? '' : `${outs} = `}${instruction.name}${attributes}(${ins})${chain}${path}`;
}

/** The whole program as text. */
export function printProgram(program: Program): string {
  const head = `program: at most ${program.maxRows} rows, state ${program.stateLength}, scratch ${program.scratchLength}, constants ${program.constants.length}`;
  const slots = [
    ...program.sources.map((source, i) => `source ${i} '${source.name}': ${source.width}${source.rows ? ' per row' : ''}`),
    ...program.sinks.map((sink, i) => `sink ${i} '${sink.name}': ${sink.count}${sink.rows ? ' per row' : ' per step'}`),
    ...program.hypers.map((name, i) => `hyper ${i} '${name}'`),
  ];
  return [head, ...slots, ...program.instructions.map(formatInstruction)].join('\n');
}
