// What an optimizer is: an update of a parameter from its gradient, as a graph, and numbers for every step.
import type { Node } from '../../graph/node.ts';

/** An optimizer with its options: plain data. */
export interface OptimizerSpec {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What an update can ask for. */
export interface UpdateContext {
  /** A tensor like the parameter, kept between steps, 0 at first. */
  slot(name: string): Node;
  /** One of the numbers given by `hypers`. */
  hyper(name: string): Node;
}

/** A kind of optimizer. */
export interface OptimizerType {
  readonly type: string;
  readonly doc: string;
  check(options: Readonly<Record<string, unknown>>): OptimizerSpec;
  /** The parameter's new value, and the new values of its slots. */
  update(parameter: Node, gradient: Node, options: OptimizerSpec['options'], context: UpdateContext): { parameter: Node; slots: Readonly<Record<string, Node>> };
  /** The numbers of step `t`, counted from 1, at the learning rate of that step, computed in double precision. */
  hypers(t: number, rate: number, options: OptimizerSpec['options']): Readonly<Record<string, number>>;
}
