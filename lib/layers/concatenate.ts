// Several values side by side.
import { checkOptions } from '../options.ts';
import { concatenate as sideBySide } from '../ops/join.ts';
import { Layer, type LayerType } from './layer.ts';
import { checkSeveral } from './merge.ts';

export const concatenateType: LayerType = {
  type: 'concatenate',
  doc: 'the features of a, then those of b, and so on',
  arity: 'several',
  check(options) {
    checkOptions('concatenate', options, []);
    return new Layer('concatenate', {});
  },
  build(inputs, _options, { name }) {
    checkSeveral('concatenate', name, inputs);
    const joined = sideBySide(inputs);
    return { z: joined, a: joined };
  },
  describe: () => '',
};

/** The features of two values or more, one after the other. */
export function concatenate(): Layer {
  return concatenateType.check({});
}
