// verifyProgram: whatever a pass could get wrong, one change to a good program at a time.
import { describe, expect, test } from 'vitest';
import { add, affine, argmax, assign, concatenate, exp, gradients, input, mean, multiply, oneHot, pad, parameter, square, subtract, sum, tanh, uniform, max, crossEntropy, logSumExp } from '../../lib/graph.ts';
import type { Chain, ChainOperation, Instruction, Operand, Program } from '../../lib/compile/program.ts';
import { verifyProgram } from '../../lib/compile/verify.ts';
import { adam, dense } from '../../lib/index.ts';
import { programOf, trainingProgram } from '../helpers/programs.ts';

const training = trainingProgram({ inputs: 5, layers: [dense(4, 'tanh'), dense(3, 'softmax')], optimizer: adam(), maxRows: 20 });

const x = input('x', ['rows', 3]), w = parameter('w', [4, 3]), b = parameter('b', [4]);
const z = affine(x, w, b);
const loss = mean(crossEntropy(z, input('t', ['rows', 1])));
const varied = programOf({
  outputs: { loss, line: add(multiply(square(b), tanh(b)), b), y: add(tanh(z), uniform(['rows', 4], 1, 2)), best: argmax(z), hot: oneHot(argmax(z), 4), top: max(z, [1]), lse: logSumExp(z), all: sum(exp(z)), s: square(w) },
  assignments: [assign(w, subtract(w, gradients(loss, [w])[0]!))],
});

const change = (program: Program, index: number, part: Partial<Instruction>): Program => ({ ...program, instructions: program.instructions.map((instruction, i) => (i === index ? { ...instruction, ...part } : instruction)) });

/** Every program that differs from `program` in one operand. */
function* changedOperands(program: Program, edit: (operand: Operand) => Operand | undefined): Generator<Program> {
  for (const [index, instruction] of program.instructions.entries()) {
    for (const side of ['ins', 'outs'] as const) {
      for (const [i, operand] of instruction[side].entries()) {
        const edited = edit(operand);
        if (edited !== undefined) yield change(program, index, { [side]: instruction[side].with(i, edited) });
      }
    }
  }
}

/** Every program that differs from `program` in one chain. */
function* changedChains(program: Program, edit: (chain: Chain) => Chain | undefined): Generator<Program> {
  for (const [index, { chain }] of program.instructions.entries()) {
    const edited = chain && edit(chain);
    if (edited !== undefined) yield change(program, index, { chain: edited });
  }
}

const withOperation = (chain: Chain, edit: (operation: ChainOperation) => Partial<ChainOperation>, at = 0): Chain =>
  ({ ...chain, operations: chain.operations.map((operation, i) => (i === at ? { ...operation, ...edit(operation) } : operation)) });

function expectAllRejected(programs: Iterable<Program>, atLeast = 1): void {
  let count = 0;
  for (const program of programs) {
    expect(() => verifyProgram(program)).toThrow(/^internal: /);
    count++;
  }
  expect(count).toBeGreaterThanOrEqual(atLeast);
}

/** With scratch memory behind what the program uses. */
const unused = 4096;
const roomy = (program: Program): Program => ({ ...program, scratchLength: program.scratchLength + unused });

describe.each([['a training step', roomy(training)], ['many instructions', roomy(varied)]])('%s', (_name, program) => {
  test('is good as it is', () => expect(() => verifyProgram(program)).not.toThrow());

  test.each<[string, (operand: Operand) => Operand | undefined]>([
    ['an offset behind the region', (operand) => ({ ...operand, offset: 1e9 })],
    ['a negative offset', (operand) => ({ ...operand, offset: -16 })],
    ['half an element', (operand) => ({ ...operand, offset: operand.offset + 0.5 })],
    ['another count', (operand) => ({ ...operand, count: operand.count + 1 })],
    ['no count', (operand) => ({ ...operand, count: 0 })],
    ['an unknown region', (operand) => ({ ...operand, region: 7 })],
    ['an unknown layout', (operand) => ({ ...operand, kind: 3 })],
    ['rows where there are none, or none where there are', (operand) => ({ ...operand, kind: operand.kind === 0 ? 1 : 0 })],
    ['not a number', (operand) => ({ ...operand, offset: NaN })],
    ['a value of scratch from where nothing was written', (operand) => (operand.region === 1 && program.instructions.some(({ ins }) => ins.includes(operand)) ? { ...operand, offset: program.scratchLength - unused } : undefined)],
  ])('%s', (_what, edit) => expectAllRejected(changedOperands(program, edit), 10));

  test('results in read-only memory', () => {
    expectAllRejected(program.instructions.flatMap((instruction, i) => (instruction.outs.length === 0 ? [] : [2, 3].map((region) => change(program, i, { outs: instruction.outs.map((out) => ({ ...out, region })) })))), 10);
  });

  test('results on top of each other or of what is read', () => {
    const programs: Program[] = [];
    for (const [i, { outs, ins }] of program.instructions.entries()) {
      if (outs.length > 1) programs.push(change(program, i, { outs: outs.with(1, { ...outs[1]!, offset: outs[0]!.offset, region: outs[0]!.region }) }));
      const read = ins.find((operand) => operand.region === 1);
      const out = outs.findIndex((operand) => operand.region === 1);
      if (read !== undefined && out >= 0) programs.push(change(program, i, { outs: outs.with(out, { ...outs[out]!, offset: read.offset }) }));
    }
    expectAllRejected(programs, 3);
  });

  test('an instruction too many, too few, or unknown', () => {
    // Without its only writer, what a later instruction reads is not there.
    const place = ({ offset, count, kind }: Operand): string => `${offset} ${count} ${kind}`;
    const places = program.instructions.flatMap(({ outs }) => outs.filter((out) => out.region === 1).map(place));
    const onlyOnce = (out: Operand): boolean => out.region === 1 && places.filter((other) => other === place(out)).length === 1;
    const needed = program.instructions.flatMap(({ outs }, i) => (outs.some(onlyOnce) ? [i] : []));
    expectAllRejected(needed.map((i) => ({ ...program, instructions: program.instructions.toSpliced(i, 1) })), 5);
    expectAllRejected(program.instructions.map((_, i) => change(program, i, { name: 'jump' })));
    expectAllRejected([{ ...program, instructions: program.instructions.toReversed() }]);
  });

  test('operands or attributes too many or too few', () => {
    for (const [i, { ins, outs, attributes, name }] of program.instructions.entries()) {
      expectAllRejected([
        change(program, i, { attributes: [...attributes, 0] }),
        ...(attributes.length > 0 ? [change(program, i, { attributes: attributes.slice(1) }), change(program, i, { attributes: attributes.with(0, 0.5) })] : []),
        change(program, i, { ins: [...ins, ins[0] ?? outs[0]!] }),
        ...(ins.length > 0 ? [change(program, i, { ins: ins.slice(1) })] : []),
        // Cross-entropy may do without its second result.
        ...(name === 'softmaxCrossEntropy' ? [] : [change(program, i, { outs: [...outs, ins[0] ?? outs[0]!] })]),
      ]);
    }
  });

  test('sources, sinks and guard that do not exist or hold something else', () => {
    const loads = program.instructions.flatMap(({ name }, i) => (name === 'load' || name === 'store' ? [i] : []));
    expectAllRejected(loads.flatMap((i) => [-1, 99].map((slot) => change(program, i, { attributes: [slot] }))), 4);
    expectAllRejected([{ ...program, sources: program.sources.map((source) => ({ ...source, width: source.width + 1 })) }]);
    expectAllRejected([{ ...program, sinks: program.sinks.map((sink) => ({ ...sink, rows: !sink.rows })) }]);
    expectAllRejected([{ ...program, guard: 99 }, { ...program, guard: -2 }]);
  });

  test.each<[string, (chain: Chain) => Chain | undefined]>([
    ['an unknown operation', (chain) => withOperation(chain, () => ({ name: 'cosh' }))],
    ['a value that is not made yet', (chain) => withOperation(chain, () => ({ a: chain.inputKinds.length }))],
    ['a value that does not exist', (chain) => withOperation(chain, () => ({ a: 99 }))],
    ['an input as a destination', (chain) => withOperation(chain, () => ({ destination: 0 }))],
    ['a destination that does not exist', (chain) => withOperation(chain, () => ({ destination: 99 }))],
    ['a second operand that is not there', (chain) => {
      const at = chain.operations.findIndex(({ name }) => /^(add|subtract|multiply|divide|multiplyAdd)$/.test(name));
      return at < 0 ? undefined : withOperation(chain, () => ({ b: 98 }), at);
    }],
    ['a third operand that is not there', (chain) => {
      const at = chain.operations.findIndex(({ name }) => name === 'multiplyAdd');
      return at < 0 ? undefined : withOperation(chain, () => ({ c: -1 }), at);
    }],
    ['an out that nothing writes', (chain) => ({ ...chain, operations: [] })],
    ['a space of another size', (chain) => ({ ...chain, lines: chain.lines + 1 })],
    ['a sum that is an out of the other kind', (chain) => ({ ...chain, outKinds: chain.outKinds.map((kind) => 1 - kind) })],
    ['more values than there is room for', (chain) => ({ ...chain, registers: 257 - chain.inputKinds.length - chain.outKinds.length })],
    ['an unknown access', (chain) => (chain.inputKinds.some((kind) => kind < 4) ? { ...chain, inputKinds: chain.inputKinds.map((kind) => (kind < 4 ? 9 : kind)) } : undefined)],
  ])('a chain with %s', (_what, edit) => expectAllRejected(changedChains(program, edit)));
});

test('memory shorter than the program needs', () => {
  expectAllRejected([{ ...training, scratchLength: training.scratchLength - 16 }, { ...training, stateLength: training.stateLength - 16 }, { ...training, hypers: [] }, { ...training, maxRows: 40 }]);
});

test('a join whose parts leave their tensors, overlap, or come in another order', () => {
  const program = programOf({ outputs: { y: concatenate([x, pad(x, 1, 1, 2)]) } });
  const at = program.instructions.findLastIndex(({ name }) => name === 'join'), { attributes } = program.instructions[at]!;
  expect(attributes).toEqual([1, -1, 9, 3, 0, 3, 0, 6, 0, 6, 3]);
  const edits: readonly (readonly [number, number])[] = [[2, 8], [3, 2], [4, -1], [4, 3], [5, 4], [5, 0], [6, 1], [6, -1], [9, 7], [10, 2], [10, 4]];
  expectAllRejected(edits.map(([place, value]) => change(program, at, { attributes: attributes.with(place, value) })));
});
