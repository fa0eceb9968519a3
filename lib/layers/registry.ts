// All kinds of layers by name: what loading a model and the tests walk over.
import { OptionError } from '../errors.ts';
import { quote } from '../options.ts';
import { activationType } from './activation.ts';
import { activityRegularizationType } from './activity-regularization.ts';
import { alphaDropoutType } from './alpha-dropout.ts';
import { batchNormType } from './batch-norm.ts';
import { concatenateType } from './concatenate.ts';
import { denseType } from './dense.ts';
import { dropoutType } from './dropout.ts';
import { gaussianDropoutType } from './gaussian-dropout.ts';
import { gaussianNoiseType } from './gaussian-noise.ts';
import { highwayType } from './highway.ts';
import { layerNormType } from './layer-norm.ts';
import type { LayerType } from './layer.ts';
import { maskingNoiseType } from './masking-noise.ts';
import { maxoutType } from './maxout.ts';
import { addType, averageType, maximumType, minimumType, multiplyType, subtractType } from './merge.ts';
import { preluType } from './prelu.ts';
import { minMaxScalerType, standardScalerType } from './scalers.ts';

/** The kinds of layers of this library. */
export const layerTypes: Readonly<Record<string, LayerType>> = {
  dense: denseType, activation: activationType, dropout: dropoutType, prelu: preluType, maxout: maxoutType, highway: highwayType,
  add: addType, subtract: subtractType, multiply: multiplyType, average: averageType, maximum: maximumType, minimum: minimumType, concatenate: concatenateType,
  batchNorm: batchNormType, layerNorm: layerNormType, standardScaler: standardScalerType, minMaxScaler: minMaxScalerType,
  gaussianNoise: gaussianNoiseType, gaussianDropout: gaussianDropoutType, maskingNoise: maskingNoiseType, alphaDropout: alphaDropoutType,
  activityRegularization: activityRegularizationType,
};

/** Kinds of layers that users have defined in this process. */
const defined = new Map<string, LayerType>();

/** Makes a user's kind of layer known by its name. */
export function registerLayerType(type: LayerType): void {
  if (Object.hasOwn(layerTypes, type.type)) throw new OptionError(`[defineLayer] expected a name that no layer of this library has but received ${quote(type.type)}`);
  if (defined.has(type.type)) throw new OptionError(`[defineLayer] a layer of type ${quote(type.type)} has been defined before`);
  defined.set(type.type, type);
}

export function layerType(type: string): LayerType {
  const found = Object.hasOwn(layerTypes, type) ? layerTypes[type] : defined.get(type);
  if (found === undefined) {
    throw new OptionError(`[Network] unknown layer type ${quote(type)}; if it is one of your own, call defineLayer first`);
  }
  return found;
}
