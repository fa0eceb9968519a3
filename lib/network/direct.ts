// Programs run once at a time with values given by hand, over the network's state: what the textbook interface is made of.
import type { Memory } from '../backend/backend.ts';
import type { CompileRequest } from '../compile/compile.ts';
import { internal } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import type { Table } from './arrangement.ts';
import type { LoadedProgram, Store } from './store.ts';

/** A request compiled for as many rows as were asked for so far. */
export class DirectProgram {
  private readonly store: Store;
  private readonly request: Omit<CompileRequest, 'state' | 'maxRows'>;
  private loaded: LoadedProgram | undefined;

  constructor(store: Store, request: Omit<CompileRequest, 'state' | 'maxRows'>) {
    this.store = store;
    this.request = request;
  }

  /** Runs over `rows` rows. `values` feeds by name, `hypers` scalars by name; `counter` moves random draws on. */
  run(rows: number, values: Readonly<Record<string, Memory>>, { hypers = {}, counter = 0 }: { hypers?: Readonly<Record<string, number>>; counter?: number } = {}): Record<string, Table> {
    const { program, executable, scratch } = this.loadFor(rows);
    const { backend, state } = this.store;
    const sources = program.sources.map(({ name, width }) => {
      const array = values[name];
      if (array === undefined) throw internal(`no value for '${name}'`);
      return { array, width, scale: 1, shift: 0 };
    });
    const sinks = program.sinks.map((sink) => backend.allocate(sink.rows ? rows * sink.count : sink.count));
    const hyper = backend.allocate(program.hypers.length);
    hyper.set(program.hypers.map((name) => hypers[name]!));
    executable.bind({ state, scratch, sources, sinks, order: null, batches: Int32Array.of(0, rows), hyper });
    executable.run(0, 1, counter);
    return Object.fromEntries(program.sinks.map(({ name, shape }, i) => [name, { shape: shape.map((dimension) => (dimension === 'rows' ? rows : dimension)), data: sinks[i]! }]));
  }

  private loadFor(rows: number): LoadedProgram {
    if (this.loaded === undefined || this.loaded.program.maxRows < rows) {
      if (this.loaded !== undefined) this.store.unload(this.loaded);
      this.loaded = this.store.load({ ...this.request, maxRows: 2 ** Math.ceil(Math.log2(rows)) });
    }
    return this.loaded;
  }
}

/** Values of nodes that depend on tensors of the state and on constants alone, as copies. */
export function fixedValues(store: Store, nodes: readonly Node[]): Memory[] {
  if (nodes.length === 0) return [];
  const loaded = store.load({ outputs: Object.fromEntries(nodes.map((node, i) => [`v${i}`, node])), maxRows: 1 });
  try {
    const { program, executable, scratch } = loaded, { backend, state } = store;
    const sinks = program.sinks.map(({ count }) => backend.allocate(count));
    executable.bind({ state, scratch, sources: [], sinks, order: null, batches: Int32Array.of(0, 1), hyper: backend.allocate(0) });
    executable.run(0, 1, 0);
    const byName = new Map(program.sinks.map(({ name }, i) => [name, sinks[i]!]));
    return nodes.map((_, i) => byName.get(`v${i}`)!);
  } finally {
    store.unload(loaded);
  }
}
