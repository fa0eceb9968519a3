// What a diagnosis finds: illnesses with their evidence and remedy, as plain data.

/** `'info'`: worth knowing. `'warning'`: likely to cost something. `'severe'`: training will hardly work as it is. */
export type Severity = 'info' | 'warning' | 'severe';

/** Every illness by its code. */
export type FindingCode =
  | 'non-finite' | 'vanishing-gradients' | 'exploding-gradients' | 'saturated-units' | 'dead-units' | 'symmetric-units'
  | 'one-sided-inputs' | 'unscaled-inputs' | 'constant-features' | 'sorted-labels' | 'class-imbalance'
  | 'large-updates' | 'small-updates' | 'learning-rate-too-high' | 'learning-rate-too-low' | 'plateau' | 'overfitting' | 'underfitting';

/** Something that ails a network, its data or its training, with what helps. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Name of the layer, where it is one's. */
  readonly layer?: string;
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** The numbers it rests on. */
  readonly evidence: Readonly<Record<string, number>>;
  /** What to do about it. */
  readonly remedy: string;
}

const order: readonly Severity[] = ['severe', 'warning', 'info'];

/** The gravest first; otherwise as they were found. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

/** The severity of a measure against two bounds, or undefined below both. */
export function severityOf(value: number, { warning, severe }: { readonly warning: number; readonly severe: number }): Severity | undefined {
  return value >= severe ? 'severe' : value >= warning ? 'warning' : undefined;
}

/** A number for a message: three digits. */
export function short(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`;
