// Uniform draws: a function of seed, step, node and position alone, and so the same on every backend.
import { layout } from '../../compile/program.ts';
import { philox } from '../../random/philox.ts';
import { memoryOf, whole, type Preparation } from './context.ts';

export const draw: Preparation = ({ outs, attributes }) => {
  const y = outs[0]!;
  const [key, seedLow, seedHigh] = attributes as [number, number, number];
  const words = new Uint32Array(4);
  return whole((context) => {
    const to = memoryOf(context, y);
    const low = context.counter >>> 0, keyWord = (key ^ Math.floor(context.counter / 2 ** 32)) >>> 0;
    const fill = (c1: number, begin: number, length: number): void => {
      for (let i = 0; i < length; i += 4) {
        philox(words, i >>> 2, c1, low, keyWord, seedLow, seedHigh);
        for (let lane = 0; lane < 4 && i + lane < length; lane++) to[begin + i + lane] = (words[lane]! >>> 8) * 2 ** -24;
      }
    };
    if (y.kind === layout.static) fill(0xffffffff, y.offset, y.count);
    else for (let f = 0; f < y.count; f++) fill(f, y.offset + f * context.rows, context.rows);
  });
};
