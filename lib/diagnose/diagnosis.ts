// A diagnosis: layers in numbers, and findings with their remedies, as data and as text.
import { short, sortFindings, type Finding, type Severity } from './finding.ts';
import type { LayerHealth } from './health.ts';

/** What a diagnosis rests on. */
export interface DiagnosisParts {
  /** Examples looked at. */
  readonly examples: number;
  /** Loss over them, with dropout and all else as in training. */
  readonly loss: number;
  /** Loss of the best constant prediction over them, where there is one. */
  readonly constantLoss: number | undefined;
  readonly layers: readonly LayerHealth[];
  readonly findings: readonly Finding[];
}

/** The state of a network on some data. `toString()` is for people. */
export class Diagnosis implements DiagnosisParts {
  readonly examples: number;
  readonly loss: number;
  readonly constantLoss: number | undefined;
  readonly layers: readonly LayerHealth[];
  /** The gravest first. */
  readonly findings: readonly Finding[];

  constructor({ examples, loss, constantLoss, layers, findings }: DiagnosisParts) {
    this.examples = examples;
    this.loss = loss;
    this.constantLoss = constantLoss;
    this.layers = layers;
    this.findings = sortFindings(findings);
  }

  /** Nothing found that is more than worth knowing. */
  get healthy(): boolean {
    return this.findings.every(({ severity }) => severity === 'info');
  }

  /** A table by layer, then findings with remedies. */
  toString(): string {
    const constant = this.constantLoss === undefined ? '' : `, of the best constant prediction ${short(this.constantLoss)}`;
    const lines = [`Loss ${short(this.loss)} over ${this.examples} examples${constant}.`, '', ...layerTable(this.layers), ''];
    if (this.findings.length === 0) lines.push('Nothing found.');
    for (const { severity, code, message, remedy } of this.findings) lines.push(`${labels[severity]} ${code}: ${message}.`, `${' '.repeat(9)}${remedy}`);
    return lines.join('\n');
  }
}

const labels: Readonly<Record<Severity, string>> = { severe: 'severe  ', warning: 'warning ', info: 'info    ' };

function layerTable(layers: readonly LayerHealth[]): string[] {
  const hasUpdates = layers.some(({ weights }) => weights?.updateRatio !== undefined);
  const head = ['layer', 'units', 'mean a', 'sd a', '‖a‖', '‖dZ‖', '‖dW‖', '‖dW‖/‖W‖', ...(hasUpdates ? ['update'] : []), 'flat units'];
  const cells = layers.map(({ name, units, activation, gradientNorm, weights, saturated, dead }) => [
    name, String(units), short(activation.mean), short(activation.standardDeviation), short(activation.norm), short(gradientNorm),
    weights === undefined ? '' : short(weights.gradientNorm), weights === undefined ? '' : short(weights.gradientRatio),
    ...(hasUpdates ? [weights?.updateRatio === undefined ? '' : short(weights.updateRatio)] : []),
    saturated !== undefined ? `${Math.round(100 * saturated)} % saturated` : dead !== undefined ? `${Math.round(100 * dead)} % dead` : '',
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]!.length)));
  return [head, ...cells].map((row) => row.map((text, column) => (column === 0 || column === row.length - 1 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!))).join('  ').trimEnd());
}
