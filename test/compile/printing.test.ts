// Programs as text. The golden texts in test/golden show all passes at once; `npx vitest run test/compile/printing -u` renews them.
import { expect, test } from 'vitest';
import { compile, constant, elu, hyper, input, leakyRelu, matmul, multiply, parameter, reshape, scale, select, softmax, tanh } from '../../lib/graph.ts';
import { printProgram } from '../../lib/compile/print.ts';
import { withPath } from '../../lib/graph/node.ts';
import { adam, dense, sgd } from '../../lib/index.ts';
import { predictionProgram, programOf, trainingProgram } from '../helpers/programs.ts';

test.each([
  ['mnist-adam', () => trainingProgram({ inputs: 784, layers: [dense(128, 'relu'), dense(10, 'softmax')], optimizer: adam() })],
  ['xor-sgd', () => trainingProgram({ inputs: 2, layers: [dense(2, 'tanh'), dense(1, 'sigmoid')], optimizer: sgd({ learningRate: 0.1 }), maxRows: 4 })],
  ['mnist-prediction', () => predictionProgram(784, [dense(128, 'relu'), dense(10, 'softmax')], 512)],
])('%s', async (name, program) => {
  await expect(`${printProgram(program())}\n`).toMatchFileSnapshot(`../golden/${name}.txt`);
});

test('compiling the same model twice gives the same text', () => {
  const text = (): string => printProgram(trainingProgram({ inputs: 9, layers: [dense(8, 'elu'), dense(3, 'softmax')], optimizer: adam() }));
  expect(text()).toBe(text());
});

test('one instruction a line, with layouts, accesses, numbers and paths', () => {
  const x = input('x', ['rows', 2, 3]), t = input('t', ['rows', 6]);
  const z = withPath('head', () => tanh(matmul(reshape(x, ['rows', 6]), parameter('w', [6, 4]))));
  const program = programOf({
    outputs: {
      y: softmax(multiply(z, hyper('rate'))), g: matmul(t, z, { transposeA: true }),
      s: select(leakyRelu(t, 0.2), elu(t, 1.5), multiply(constant([1, 2, 3, 4, 5, 6]), scale(input('c', ['rows', 1]), 3))),
    },
  });
  const lines = printProgram(program).split('\n');
  expect(lines[0]).toMatch(/^program: at most 32 rows, state 32, scratch \d+, constants 16$/);
  expect(lines.slice(1, 8)).toEqual([
    "source 0 'x': 6 per row", "source 1 't': 6 per row", "source 2 'c': 1 per row",
    "sink 0 'y': 4 per row", "sink 1 'g': 24 per step", "sink 2 's': 6 per row", "hyper 0 'rate'",
  ]);
  const body = lines.slice(8);
  expect(body).toHaveLength(program.instructions.length);
  body.forEach((line, i) => expect(line).toMatch(new RegExp(`^ *${i} `)));
  const text = body.join('\n');
  expect(text).toContain('product <4 rows 6 1>(state[0; 24], scratch[');
  expect(text).toMatch(/rows×4\] = transpose <1 4 rows 1>\(scratch\[\d+; 4×rows\]\)/);
  expect(text).toMatch(/softmax <0 1 4 rows>/);
  expect(text).toMatch(/# head$/m);
  expect(text).toMatch(/r\d = leakyRelu\(in\d, 0\.2\)/);
  expect(text).toMatch(/r\d = elu\(in\d, 1\.5\)/);
  expect(text).toMatch(/out0 = select\(r\d, r\d, r\d\)/);
  expect(text).toContain('by line');
  expect(text).toContain('scalar');
});

test('a compiled graph prints its program', () => {
  const compiled = compile({ outputs: { y: tanh(input('x', ['rows', 2])) } }, { backend: 'typescript', maxRows: 5 });
  expect(`${compiled}`).toBe([
    'program: at most 5 rows, state 16, scratch 64, constants 0',
    "source 0 'x': 2 per row",
    "sink 0 'y': 2 per row",
    '  0 scratch[0; 2×rows] = load <0>()',
    '  1 scratch[32; 2×rows] = chain(scratch[0; 2×rows]) { 2 × rows: out0 = tanh(in0) }',
    '  2 store <0>(scratch[32; 2×rows])',
  ].join('\n'));
});
