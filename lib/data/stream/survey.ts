// What the targets of many rows are, found by reading all rows once without keeping them.

import type { Block } from '../block.ts';
import { ClassNames } from '../class-names.ts';
import type { BatchSource } from './source.ts';

/** What was found of the targets. */
export interface Survey {
  readonly rows: number;
  readonly inputNames: readonly string[];
  readonly targetNames: readonly string[];
  /** Names of the classes, sorted, where the target holds names. */
  readonly classes: readonly string[] | null;
  /** The different numbers of a single target, sorted; null where they are more than were asked for. */
  readonly values: readonly number[] | null;
}

/** Collects the rows, names and values of targets; `most` different values are kept. */
export class TargetCollector {
  readonly classNames = new ClassNames();
  private readonly most: number;
  private values: Set<number> | null = new Set();
  private rows = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** Takes in rows whose target is the first of `stride` numbers. */
  add({ rows, targets }: Pick<Block, 'rows' | 'targets'>, stride: number): void {
    this.rows += rows;
    for (let i = 0; i < targets.length && this.values !== null; i += stride) {
      this.values.add(targets[i]!);
      if (this.values.size > this.most) this.values = null;
    }
  }

  /** `labelled`: the numbers of the target stand for names. */
  finish(inputNames: readonly string[], targetNames: readonly string[], labelled: boolean): Survey {
    const classes = labelled ? this.classNames.sort(new Float32Array(0)) : null;
    return { rows: this.rows, inputNames, targetNames, classes, values: this.values === null || targetNames.length > 1 ? null : [...this.values].sort((a, b) => a - b) };
  }
}

/** The survey of a source of batches. */
export async function surveySource(source: BatchSource, most: number): Promise<Survey> {
  const collector = new TargetCollector(most);
  for await (const { rows, y } of source.batches(0)) collector.add({ rows, targets: y }, source.targets);
  return { ...collector.finish(source.inputNames, source.targetNames, false), classes: source.classes };
}
