// What the data say: inputs out of scale or off their middle, features that never change, labels in order or out of balance.
import { short, type Finding } from './finding.ts';
import { weightsOf, type Subject } from './health.ts';
import { valueOf, type Results, type ValueMeasures } from './measures.ts';
import { thresholds } from './thresholds.ts';

const scaling = 'Standardise the inputs (mean 0, variance 1), as a first layer of the network or before.';

/** Values that no trained layer lies before: inputs, and what scaling or dropout make of them. */
function rawValues({ layers, reads, inputCount }: Subject): Set<number> {
  const raw = new Set(Array.from({ length: inputCount }, (_, i) => i));
  layers.forEach((layer, i) => { if (layer.parameters.length === 0 && reads[i]!.every((value) => raw.has(value))) raw.add(inputCount + i); });
  return raw;
}

/** Findings about what the layers with weights read; `featureName` names features of the network's first input. */
export function inputFindings(subject: Subject, results: Results, featureName: (feature: number) => string | undefined): Finding[] {
  const { layers, reads, inputCount } = subject, raw = rawValues(subject), seen = new Set<number>(), findings: Finding[] = [], hidden: string[] = [];
  layers.forEach((layer, i) => {
    if (weightsOf(layer).length === 0) return;
    for (const value of reads[i]!) {
      if (seen.has(value)) continue;
      seen.add(value);
      const measures = valueOf(results, `value${value}`), isRaw = raw.has(value);
      const nameOf = (feature: number): string => (value < inputCount ? featureName(feature) : undefined) ?? `feature ${feature}`;
      if (!isRaw && oneSided(measures).far > 0.5) hidden.push(layer.name);
      if (isRaw) findings.push(...rawOneSided(layer.name, measures), ...scaleFindings(layer.name, measures, nameOf), ...constantFindings(layer.name, measures, nameOf));
    }
  });
  if (hidden.length > 0) findings.push({
    code: 'one-sided-inputs', severity: 'info', layer: hidden[0]!, evidence: { layers: hidden.length },
    message: `most of what ${hidden.map((name) => `'${name}'`).join(', ')} read${hidden.length === 1 ? 's' : ''} from other layers lies more than ${thresholds.oneSided} standard deviations from 0`,
    remedy: 'Use tanh or relu for sigmoid, or normalise between the layers.',
  });
  return findings;
}

/** The share of features whose mean is many deviations from 0, and whether all values have one sign. */
function oneSided({ mean, deviation, min, max }: ValueMeasures): { far: number; sameSign: boolean } {
  const varied = [...deviation.keys()].filter((i) => deviation[i]! > 0);
  if (varied.length === 0) return { far: 0, sameSign: false };
  return {
    far: varied.filter((i) => Math.abs(mean[i]!) > thresholds.oneSided * deviation[i]!).length / varied.length,
    sameSign: varied.every((i) => min[i]! >= 0) || varied.every((i) => max[i]! <= 0),
  };
}

function rawOneSided(layer: string, measures: ValueMeasures): Finding[] {
  const { far, sameSign } = oneSided(measures), evidence = { shareFarFromZero: far, sameSign: Number(sameSign) };
  if (far > 0.5) return [{
    code: 'one-sided-inputs', severity: 'warning', layer, evidence, remedy: scaling,
    message: `most inputs of '${layer}' lie more than ${thresholds.oneSided} standard deviations from 0: the weights of a unit all move the same way`,
  }];
  if (!sameSign) return [];
  return [{ code: 'one-sided-inputs', severity: 'info', layer, evidence, message: `all inputs of '${layer}' have the same sign`, remedy: `Inputs around 0 train faster. ${scaling}` }];
}

function scaleFindings(layer: string, { min, max }: ValueMeasures, nameOf: (feature: number) => string): Finding[] {
  const findings: Finding[] = [], ranges = Array.from(max, (value, i) => ({ feature: i, range: value - min[i]! })).filter(({ range }) => range > 0).toSorted((a, b) => a.range - b.range);
  const narrow = ranges[0], wide = ranges.at(-1), median = ranges[(ranges.length - 1) >> 1]?.range ?? 0;
  if (wide !== undefined && (wide.range >= thresholds.wide * median || median >= thresholds.narrow * narrow!.range)) findings.push({
    code: 'unscaled-inputs', severity: 'warning', layer, evidence: { widest: wide.range, median, narrowest: narrow!.range },
    message: `the inputs of '${layer}' differ in scale: the range of ${nameOf(wide.feature)} is ${short(wide.range)}, of ${nameOf(narrow!.feature)} ${short(narrow!.range)}`,
    remedy: scaling,
  });
  const sizes = Array.from(max, (value, i) => Math.max(value, -min[i]!)), largest = sizes.indexOf(Math.max(...sizes)), value = sizes[largest]!;
  if (value > thresholds.largeValue.warning) findings.push({
    code: 'unscaled-inputs', severity: value > thresholds.largeValue.severe ? 'severe' : 'warning', layer, evidence: { largest: value, feature: largest },
    message: `the inputs of '${layer}' are large: ${nameOf(largest)} reaches ${short(value)}`, remedy: scaling,
  });
  return findings;
}

function constantFindings(layer: string, { min, max }: ValueMeasures, nameOf: (feature: number) => string): Finding[] {
  const constant = [...min.keys()].filter((i) => min[i] === max[i]);
  if (constant.length === 0) return [];
  const named = constant.slice(0, 3).map(nameOf).join(', ');
  return [{
    code: 'constant-features', severity: constant.length === min.length ? 'severe' : 'info', layer, evidence: { features: constant.length, first: constant[0]! },
    message: `${constant.length} of ${min.length} inputs of '${layer}' are the same for all examples looked at: ${named}${constant.length > 3 ? ' and more' : ''}`,
    remedy: 'Leave out features that never change; they add weights and tell nothing.',
  }];
}

/** Labels as they come: examples of each class, and runs of equal ones in the order of the training data. */
export interface Labels { readonly counts: readonly number[]; readonly runs: number }

/** Findings about labels; `shuffled` tells whether training shuffles, where that is known. */
export function labelFindings({ counts, runs }: Labels, shuffled: boolean | undefined): Finding[] {
  const findings: Finding[] = [], rows = counts.reduce((so, count) => so + count, 0), changes = runs - 1;
  const expected = (rows ** 2 - counts.reduce((so, count) => so + count ** 2, 0)) / rows;
  // A handful of rows is in order by chance.
  if (expected >= 10 && changes < thresholds.sorted * expected && shuffled !== true) findings.push({
    code: 'sorted-labels', severity: shuffled === false ? 'warning' : 'info', evidence: { changes, expected },
    message: `the examples are sorted by label: it changes ${changes} times, in a random order about ${Math.round(expected)} times${shuffled === false ? ', and shuffling is off' : ''}`,
    remedy: 'Leave shuffling on (`shuffle: true`, the default), and split with `stratify`: minibatches of one class drag the network to and fro.',
  });
  const most = Math.max(...counts), least = Math.min(...counts), ratio = most / least;
  if (counts.length > 1 && ratio >= thresholds.imbalance.info) findings.push({
    code: 'class-imbalance', severity: ratio >= thresholds.imbalance.warning ? 'warning' : 'info', evidence: { mostFrequent: most, rarest: least, ratio, classes: counts.length },
    message: `the most frequent class has ${most} examples, the rarest ${least}`,
    remedy: 'Weigh the examples or the classes in the loss; split with `stratify`; look at precision and recall of each class, not at accuracy.',
  });
  return findings;
}
