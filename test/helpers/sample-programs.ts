// Programs that use every instruction and every elementwise operation, for tests of what is done to programs.
import { input, parameter } from '../../lib/graph.ts';
import type { Program } from '../../lib/compile/program.ts';
import { makeNode } from '../../lib/graph/node.ts';
import { adam, adamw, dense, dropout, sgd } from '../../lib/index.ts';
import { ops } from '../../lib/ops/registry.ts';
import { predictionProgram, programOf, trainingProgram } from './programs.ts';

/** One program of every op's every sample. */
function opPrograms(): Program[] {
  return Object.values(ops).filter((op) => op.samples !== undefined).flatMap((op) => op.samples!.map((sample) => {
    const inputs = sample.shapes.map((shape, i) => (i === 0 && !shape.includes('rows') ? parameter(`x${i}`, shape as number[]) : input(`x${i}`, shape)));
    return programOf({ outputs: { y: makeNode(op, inputs, sample.attributes ?? {}) } }, 20);
  }));
}

export function samplePrograms(): Program[] {
  return [
    ...opPrograms(),
    trainingProgram({ inputs: 7, layers: [dense(6, 'relu'), dropout(0.3), dense(5, 'elu'), dense(3, 'softmax')], optimizer: adam({ weightDecay: 0.1 }) }),
    trainingProgram({ inputs: 3, layers: [dense(4, 'leakyRelu', { l1: 0.1, l2: 0.2 }), dense(1, 'sigmoid')], optimizer: sgd({ momentum: 0.9, nesterov: true }) }),
    trainingProgram({ inputs: 3, layers: [dense(4, 'softplus'), dense(2)], optimizer: adamw(), targets: 2 }),
    predictionProgram(9, [dense(8, 'tanh'), dense(4, 'softmax')], 32, 'bfloat16'),
    trainingProgram({ inputs: 20, layers: [dense(37, 'relu', { l2: 0.1 }), dense(3, 'softmax')], optimizer: sgd({ momentum: 0.9 }), precision: 'bfloat16' }),
    predictionProgram(9, [dense(8, 'tanh'), dense(4, 'softmax')]),
  ];
}
