// All ops by name: what tests and documentation walk over.
import type { OpDefinition } from '../graph/node.ts';
import { assignOps } from './assign.ts';
import { drawOps } from './draw.ts';
import { elementwiseOps } from './elementwise.ts';
import { joinOps } from './join.ts';
import { labelOps } from './labels.ts';
import { matmulOps } from './matmul.ts';
import { reduceOps } from './reduce.ts';
import { shapeOps } from './shape.ts';
import { softmaxOps } from './softmax.ts';
import { variableOps } from './variables.ts';

export const ops: Readonly<Record<string, OpDefinition>> = {
  ...variableOps, ...elementwiseOps, ...matmulOps, ...reduceOps, ...shapeOps, ...joinOps, ...softmaxOps, ...labelOps, ...drawOps, ...assignOps,
};
