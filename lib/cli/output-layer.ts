// The output layer that a target asks for, where the layers leave it out.
import { layerTypes } from '../layers/registry.ts';
import type { LayerSpec } from '../layers/layer.ts';
import { mixtureOutputs } from '../train/losses/mixture-density.ts';
import type { LossSpec } from '../train/losses/loss.ts';
import type { Target } from './data.ts';

/** Activations of an output layer of classes; `linear` where a loss that takes logits or signs was asked for. */
const classActivations = ['softmax', 'sigmoid'];
/** Losses for classes whose outputs are no probabilities. */
const marginLosses = ['hinge', 'squaredHinge', 'multiMargin'];

/** Outputs and activation for numbers, by the loss. */
function numberOutput(width: number, loss: LossSpec | undefined): { units: number; activation: string } {
  if (loss?.type === 'gaussianNegativeLogLikelihood') return { units: 2 * width, activation: 'linear' };
  if (loss?.type === 'mixtureDensity') return { units: mixtureOutputs(width, loss.options as unknown as Parameters<typeof mixtureOutputs>[1]), activation: 'linear' };
  return { units: width, activation: loss?.type === 'binaryCrossEntropy' ? 'sigmoid' : loss?.type === 'poisson' ? 'exp' : 'linear' };
}

/** The layer that is added: softmax for classes, a sigmoid for two of them, linear for numbers, or what the loss asks for. */
function outputOf(target: Target, loss: LossSpec | undefined): { units: number; activation: string } {
  if (target.kind === 'numbers') return numberOutput(target.width, loss);
  const isMargin = loss !== undefined && marginLosses.includes(loss.type);
  if (target.count === 2 && loss?.type !== 'crossEntropy' && loss?.type !== 'multiMargin') return { units: 1, activation: isMargin ? 'linear' : 'sigmoid' };
  return { units: target.count, activation: isMargin ? 'linear' : 'softmax' };
}

const nameOf = (activation: unknown): unknown => (typeof activation === 'object' && activation !== null ? (activation as { name?: unknown }).name : activation);

/** Units and activation of the last layers, where they are dense, or dense and an activation. */
function lastOf(layers: readonly LayerSpec[]): { units: unknown; activation: unknown } | undefined {
  const last = layers.at(-1), before = layers.at(-2);
  if (last?.type === 'dense') return { units: last.options['units'], activation: nameOf(last.options['activation']) };
  if (last?.type !== 'activation' || before?.type !== 'dense') return undefined;
  return { units: before.options['units'], activation: nameOf(last.options['activation']) };
}

/** Whether the last layer is the output layer already. */
function isGiven(layers: readonly LayerSpec[], target: Target, loss: LossSpec | undefined): boolean {
  const last = lastOf(layers);
  if (last === undefined) return false;
  if (target.kind === 'numbers') return last.units === numberOutput(target.width, loss).units;
  if (target.count === 2 && last.units === 1) return true;
  return last.units === target.count && (loss !== undefined ? !String(last.activation).includes('elu') : classActivations.includes(String(last.activation)));
}

/** The layers with an output layer for the target. */
export function withOutputLayer(layers: readonly LayerSpec[], target: Target, loss: LossSpec | undefined): { layers: LayerSpec[]; added: boolean } {
  if (isGiven(layers, target, loss)) return { layers: [...layers], added: false };
  return { layers: [...layers, layerTypes['dense']!.check(outputOf(target, loss))], added: true };
}
