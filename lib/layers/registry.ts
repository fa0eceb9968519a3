// All kinds of layers by name: what loading a model and the tests walk over.
import { OptionError } from '../errors.ts';
import { activationType } from './activation.ts';
import { denseType } from './dense.ts';
import { dropoutType } from './dropout.ts';
import { quote } from '../options.ts';
import type { LayerType } from './layer.ts';

export const layerTypes: Readonly<Record<string, LayerType>> = { dense: denseType, activation: activationType, dropout: dropoutType };

export function layerType(type: string): LayerType {
  const found = Object.hasOwn(layerTypes, type) ? layerTypes[type] : undefined;
  if (found === undefined) throw new OptionError(`[Network] unknown layer type ${quote(type)}; this version knows ${Object.keys(layerTypes).join(', ')}`);
  return found;
}
