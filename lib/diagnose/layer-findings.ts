// What the layers' numbers say: gradients that vanish or explode, units that are dead, saturated or alike, updates out of proportion.
import { percent, severityOf, short, type Finding, type Severity } from './finding.ts';
import { weightsOf, type LayerHealth, type Subject } from './health.ts';
import { valueOf, type Results } from './measures.ts';
import { thresholds } from './thresholds.ts';

/** Findings about layers. `weights` gives the current values of a parameter. */
export function layerFindings(subject: Subject, health: readonly LayerHealth[], results: Results, weights: (name: string) => ArrayLike<number>): Finding[] {
  const broken = nonFinite(subject, health, results, weights);
  // Where a number is none, every measure behind it is none either.
  if (broken !== undefined) return [broken];
  return [...gradientFindings(health), ...health.flatMap(unitFindings), ...symmetricFindings(subject, results, weights), ...health.flatMap(updateFindings)];
}

function nonFinite({ layers, inputCount }: Subject, health: readonly LayerHealth[], results: Results, weights: (name: string) => ArrayLike<number>): Finding | undefined {
  const remedy = 'Start again from initial weights or the last good ones, with a learning rate ten times lower; scale the inputs; clip gradients by their norm.';
  for (const layer of layers) {
    for (const { node } of layer.parameters) {
      const count = Array.from(weights(node.name)).filter((value) => !Number.isFinite(value)).length;
      if (count > 0) return { code: 'non-finite', severity: 'severe', layer: layer.name, message: `${count} values of '${node.name}' are NaN or infinite`, evidence: { values: count }, remedy };
    }
  }
  const bad = (layer: string, what: string, norm: number): Finding => ({ code: 'non-finite', severity: 'severe', layer, message: `the ${what} of '${layer}' are NaN or infinite`, evidence: { norm }, remedy });
  // Squares overflow before the values themselves do: extremes and means tell which layer was the first.
  for (const [i, { name, activation }] of health.entries()) {
    const { mean, max, min } = valueOf(results, `value${inputCount + i}`);
    if (![mean, max, min].every((values) => values.every(Number.isFinite))) return bad(name, 'activations', activation.norm);
  }
  for (const { name, gradientNorm } of health.toReversed()) if (!Number.isFinite(gradientNorm)) return bad(name, 'gradients', gradientNorm);
  const loss = results['loss']!.data[0]!;
  return Number.isFinite(loss) ? undefined : { code: 'non-finite', severity: 'severe', message: `the loss is ${loss}`, evidence: { loss }, remedy };
}

/** Norms of dZ, the layers with weights against the last of them. */
function gradientFindings(health: readonly LayerHealth[]): Finding[] {
  const findings: Finding[] = [], weighted = health.filter(({ weights }) => weights !== undefined), last = weighted.at(-1);
  if (last === undefined) return findings;
  const before = weighted.slice(0, -1).toSorted((a, b) => a.gradientNorm - b.gradientNorm), least = before[0], most = before.at(-1);
  const evidenceOf = ({ gradientNorm }: LayerHealth) => ({ gradientNorm, lastGradientNorm: last.gradientNorm, ratio: gradientNorm / last.gradientNorm });
  if (least !== undefined && last.gradientNorm > 0) {
    const severity = severityOf(last.gradientNorm / least.gradientNorm, thresholds.vanishing);
    if (severity !== undefined) findings.push({
      code: 'vanishing-gradients', severity, layer: least.name, evidence: evidenceOf(least),
      message: `gradients vanish on the way back: ‖dZ‖ is ${short(least.gradientNorm)} at '${least.name}' and ${short(last.gradientNorm)} at '${last.name}'`,
      remedy: "Use relu, leakyRelu or elu for sigmoid or tanh, with the initializer that belongs to them ('heNormal'; 'glorotUniform' for tanh); normalise between the layers; let connections skip layers.",
    });
  }
  if (most !== undefined && last.gradientNorm > 0) {
    const severity = severityOf(most.gradientNorm / last.gradientNorm, thresholds.exploding);
    if (severity !== undefined) findings.push({
      code: 'exploding-gradients', severity, layer: most.name, evidence: evidenceOf(most),
      message: `gradients grow on the way back: ‖dZ‖ is ${short(most.gradientNorm)} at '${most.name}' and ${short(last.gradientNorm)} at '${last.name}'`,
      remedy: "Start from smaller weights ('heNormal' before relu, 'glorotUniform' elsewhere); clip gradients by their norm; normalise between the layers; lower the learning rate.",
    });
  }
  const steepest = weighted.filter(({ weights }) => Number.isFinite(weights!.gradientRatio)).toSorted((a, b) => b.weights!.gradientRatio - a.weights!.gradientRatio)[0];
  const severity = steepest && severityOf(steepest.weights!.gradientRatio, thresholds.gradientRatio);
  if (severity !== undefined && !findings.some(({ code }) => code === 'exploding-gradients')) findings.push({
    code: 'exploding-gradients', severity, layer: steepest!.name, evidence: { gradientRatio: steepest!.weights!.gradientRatio, gradientNorm: steepest!.weights!.gradientNorm },
    message: `the gradient of the weights of '${steepest!.name}' is ${short(steepest!.weights!.gradientRatio)} times as large as the weights`,
    remedy: 'Scale inputs and targets to about variance 1; clip gradients by their norm; lower the learning rate.',
  });
  return findings;
}

function unitFindings({ name, saturated, dead }: LayerHealth): Finding[] {
  const findings: Finding[] = [];
  const severity = (share: number, bounds: { info: number; warning: number; severe: number }): Severity | undefined => severityOf(share, bounds) ?? (share >= bounds.info ? 'info' : undefined);
  const saturatedSeverity = saturated === undefined ? undefined : severity(saturated, thresholds.saturated);
  if (saturatedSeverity !== undefined) findings.push({
    code: 'saturated-units', severity: saturatedSeverity, layer: name, evidence: { share: saturated! },
    message: `${percent(saturated!)} of the units of '${name}' are at the flat ends of their activation for nearly all examples`,
    remedy: "Start from smaller weights ('glorotUniform' before sigmoid and tanh); scale the inputs; lower the learning rate; normalise before the activation, or use relu.",
  });
  const deadSeverity = dead === undefined ? undefined : severity(dead, thresholds.dead);
  if (deadSeverity !== undefined) findings.push({
    code: 'dead-units', severity: deadSeverity, layer: name, evidence: { share: dead! },
    message: `${percent(dead!)} of the units of '${name}' are flat for every example: no gradient reaches their weights`,
    remedy: "Use leakyRelu or elu; start with 'heNormal' weights and biases of 0 or a little more; lower the learning rate; scale the inputs.",
  });
  return findings;
}

/** Whether all rows of a table are the same. */
function rowsEqual(values: ArrayLike<number>, rows: number, width: number): boolean {
  for (let i = width; i < rows * width; i++) if (values[i] !== values[i % width]) return false;
  return true;
}

/** Units of a layer that are alike, and whose gradients are: every step leaves them alike (Goodfellow, Bengio and Courville 2016, §8.4). */
function symmetricFindings({ layers }: Subject, results: Results, weights: (name: string) => ArrayLike<number>): Finding[] {
  return layers.flatMap((layer): Finding[] => {
    const alike = weightsOf(layer).filter(({ node }) => {
      const [units, width] = node.shape as [number, number];
      return units > 1 && rowsEqual(weights(node.name), units, width) && rowsEqual(results[`gradient ${node.name}`]!.data, units, width);
    });
    return alike.map(({ node }) => ({
      code: 'symmetric-units', severity: 'severe', layer: layer.name, evidence: { units: Number(node.shape[0]) },
      message: `all ${Number(node.shape[0])} units of '${layer.name}' have the same weights and the same gradients: they stay alike for good`,
      remedy: "Start from random weights: 'heNormal' before relu, 'glorotUniform' elsewhere.",
    }));
  });
}

function updateFindings({ name, weights }: LayerHealth): Finding[] {
  const ratio = weights?.updateRatio;
  if (ratio === undefined) return [];
  const evidence = { updateRatio: ratio }, severity = severityOf(ratio, thresholds.updateRatio);
  if (severity !== undefined) return [{
    code: 'large-updates', severity, layer: name, evidence, message: `a step changes the weights of '${name}' by ${short(ratio)} of their norm; about 0.001 is usual`,
    remedy: 'Lower the learning rate, or clip gradients by their norm.',
  }];
  if (ratio >= thresholds.updateRatio.low) return [];
  return [{
    code: 'small-updates', severity: 'info', layer: name, evidence, message: `a step changes the weights of '${name}' by only ${short(ratio)} of their norm; about 0.001 is usual`,
    remedy: 'Raise the learning rate unless training is over; look at the gradients of the layers behind.',
  }];
}
