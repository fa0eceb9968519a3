// What the learning curves say: too much or too little fitting, rates too high or too low, and curves that have gone flat.
import { percent, severityOf, short, type Finding } from './finding.ts';
import { thresholds } from './thresholds.ts';

/** A run of training: losses by epoch. */
export interface Run {
  readonly epochs: readonly { readonly loss: number; readonly validation?: { readonly loss: number } }[];
}

/** Findings about a run; `constantLoss` is the loss of the best constant prediction, where it is known. */
export function curveFindings({ epochs }: Run, constantLoss: number | undefined): Finding[] {
  const losses = epochs.map(({ loss }) => loss), count = losses.length;
  if (count < thresholds.fewestEpochs || !losses.every(Number.isFinite)) return [];
  const scale = constantLoss !== undefined && constantLoss > 0 ? constantLoss : losses[0]!;
  // Logarithms of densities may be negative: there is nothing to measure them by.
  if (!(scale > 0) || losses.some((loss) => loss < 0)) return [];
  const high = highRate(losses, scale), low = high.length > 0 ? [] : lowRate(losses, scale), validation = epochs.map((epoch) => epoch.validation?.loss ?? Number.NaN);
  return [
    ...high, ...low, ...(high.length + low.length > 0 ? [] : plateau(losses, scale)),
    ...(constantLoss !== undefined && constantLoss > 0 ? underfitting(losses, constantLoss) : []),
    ...(validation.every(Number.isFinite) ? overfitting(losses, validation, scale) : []),
  ];
}

/** How much a curve rises, and how much it sinks, in all. */
function movement(losses: readonly number[]): { rises: number; sinks: number } {
  let rises = 0, sinks = 0;
  for (let i = 1; i < losses.length; i++) {
    const change = losses[i]! - losses[i - 1]!;
    if (change > 0) rises += change;
    else sinks -= change;
  }
  return { rises, sinks };
}

function highRate(losses: readonly number[], scale: number): Finding[] {
  const { rises, sinks } = movement(losses.slice(1)), share = sinks === 0 ? Number.MAX_VALUE : rises / sinks;
  const severity = severityOf(share, thresholds.oscillating);
  if (severity === undefined || rises / (losses.length - 2) < thresholds.oscillating.amplitude * scale) return [];
  return [{
    code: 'learning-rate-too-high', severity, evidence: { rises, sinks, first: losses[0]!, last: losses.at(-1)! },
    message: `the training loss goes up and down: rises add up to ${short(rises)}, falls to ${short(sinks)}`,
    remedy: 'Lower the learning rate by a factor of 3 to 10, or let a schedule do it; use larger minibatches; clip gradients by their norm.',
  }];
}

function lowRate(losses: readonly number[], scale: number): Finding[] {
  const { sunk: least, steady, sinking } = thresholds.slow, first = losses[0]!, last = losses.at(-1)!, middle = losses[losses.length >> 1]!;
  const sunk = (first - last) / first, falls = losses.filter((loss, i) => i > 0 && loss < losses[i - 1]!).length / (losses.length - 1);
  const isSteady = middle - last >= steady * (first - middle) && first > middle;
  if (!(sunk > 0 && sunk < least && falls >= sinking && isSteady && last > thresholds.plateau.high * scale)) return [];
  return [{
    code: 'learning-rate-too-low', severity: 'warning', evidence: { first, last, sunk },
    message: `the training loss sinks all the time but by only ${percent(sunk)} in ${losses.length} epochs`,
    remedy: 'Raise the learning rate by a factor of 3 to 10; train for more epochs; use momentum or adam.',
  }];
}

function plateau(losses: readonly number[], scale: number): Finding[] {
  const { epochs, share, change, high } = thresholds.plateau, tail = losses.slice(-Math.max(epochs, Math.ceil(share * losses.length)));
  const last = losses.at(-1)!, range = Math.max(...tail) - Math.min(...tail);
  if (losses.length < epochs || !(last > high * scale) || !(range < change * last)) return [];
  return [{
    code: 'plateau', severity: 'warning', evidence: { epochs: tail.length, loss: last, change: range },
    message: `the training loss has stayed at ${short(last)} for ${tail.length} epochs, and is not low`,
    remedy: 'Try other initial weights and a higher learning rate, or momentum; look at the gradients and the dead units of the layers; use a larger network.',
  }];
}

function underfitting(losses: readonly number[], constantLoss: number): Finding[] {
  const last = losses.at(-1)!, ratio = last / constantLoss, severity = severityOf(ratio, thresholds.underfitting);
  if (severity === undefined) return [];
  return [{
    code: 'underfitting', severity, evidence: { loss: last, constantLoss, ratio },
    message: `the training loss, ${short(last)}, is hardly below that of the best constant prediction, ${short(constantLoss)}`,
    remedy: 'Use a larger or deeper network with non-linear activations; train longer or at a higher learning rate; lower penalties and dropout; look for better features.',
  }];
}

function overfitting(losses: readonly number[], validation: readonly number[], scale: number): Finding[] {
  const { gap: leastGap, wideGap } = thresholds.overfitting, last = validation.length - 1;
  const best = validation.indexOf(Math.min(...validation)), rise = validation[last]! / validation[best]!;
  const gap = validation[last]! - losses[last]!, atFirst = validation[0]! - losses[0]!;
  const rises = losses[last]! < losses[best]! && gap > leastGap * scale ? severityOf(rise, thresholds.overfitting) : undefined;
  const opens = gap > wideGap * scale && gap - atFirst > wideGap * scale && losses[last]! < 0.5 * validation[last]! ? 'warning' : undefined;
  const severity = rises ?? opens;
  if (severity === undefined) return [];
  return [{
    code: 'overfitting', severity, evidence: { training: losses[last]!, validation: validation[last]!, leastValidation: validation[best]!, bestEpoch: best + 1 },
    message: rises === undefined
      ? `the gap between training (${short(losses[last]!)}) and validation loss (${short(validation[last]!)}) has grown wide`
      : `the validation loss rises again, from ${short(validation[best]!)} in epoch ${best + 1} to ${short(validation[last]!)}, while the training loss goes on sinking`,
    remedy: 'Stop early (`earlyStopping()`); gather or augment data; add dropout or an L2 penalty; use a smaller network.',
  }];
}
