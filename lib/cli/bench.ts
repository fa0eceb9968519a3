// densely bench: how fast this machine trains and predicts, on either backend.
import { setImmediate } from 'node:timers/promises';
import { diagnostics } from '../backend/select.ts';
import { Dataset } from '../data/dataset.ts';
import type { LayerSpec } from '../layers/layer.ts';
import { Network } from '../network/network.ts';
import { numberIn, oneOf, positiveInteger } from '../options.ts';
import { RandomStream, streams } from '../random/philox.ts';
import type { Command, CommandLine } from './command.ts';
import { InterruptedError } from './exit-codes.ts';
import { count, rounded, table } from './format.ts';
import { layersOf } from './specs.ts';
import { note, print, printJson, type Terminal } from './terminal.ts';
import { machineFlags } from './training-flags.ts';

const flags = {
  layers: { kind: 'text', short: 'l', value: '<layers>', doc: "the network (default '256:relu,128:relu,10:softmax')" },
  inputs: { kind: 'number', value: '<count>', doc: 'inputs of an example (default 784)' },
  batchSize: { kind: 'number', short: 'b', value: '<count>', doc: 'examples of a minibatch (default 64)' },
  seconds: { kind: 'number', value: '<seconds>', doc: 'least time of each measurement (default 1)' },
  backend: { ...machineFlags.backend, group: 'Flags', value: '<native|typescript>', doc: 'measure this one alone' },
  threads: { ...machineFlags.threads, group: 'Flags' },
  json: { kind: 'switch', doc: 'as JSON' },
} as const;

const examples = 2048;

export interface Speeds {
  readonly backend: string;
  /** Examples a second: in training, predicted many at a time, and one by one with `predictSync`. */
  readonly training: number;
  readonly prediction: number;
  readonly single: number;
}

/** Examples a second of `work`, which does `each` of them: after a warm-up, over at least so many seconds. */
async function rate(each: number, seconds: number, signal: AbortSignal, work: () => Promise<void> | void): Promise<number> {
  await work();
  const began = performance.now();
  let done = 0, elapsed = 0;
  // Work of microseconds is done many times between two looks at the clock.
  for (let times = 1; elapsed < 1000 * seconds; elapsed = performance.now() - began) {
    for (let i = 0; i < times; i++) {
      const waiting = work();
      if (waiting !== undefined) await waiting;
    }
    done += times * each;
    if (performance.now() - began < 100) times *= 2;
    await setImmediate();
    if (signal.aborted) throw new InterruptedError('interrupted');
  }
  return done / (elapsed / 1000);
}

/** Uniform numbers in [0, 1) and labels that follow from them. */
function synthetic(inputs: number, classes: number): Dataset {
  const random = new RandomStream(0, streams.sample), x = Float32Array.from({ length: examples * inputs }, () => (random.next() >>> 8) / 2 ** 24);
  return Dataset.from({ x, y: Int32Array.from({ length: examples }, (_, row) => Math.floor(x[row * inputs]! * classes)), width: inputs });
}

interface Subject { readonly layers: readonly LayerSpec[]; readonly inputs: number; readonly batchSize: number; readonly seconds: number; readonly threads: number | undefined }

async function measureBackend(backend: 'native' | 'typescript', { layers, inputs, batchSize, seconds, threads }: Subject, signal: AbortSignal): Promise<Speeds> {
  const network = new Network({ inputs, layers, backend, ...(threads !== undefined && { threads }) });
  const data = synthetic(inputs, Math.max(2, network.outputs)), x = data.inputs.data as Float32Array, one = x.subarray(0, inputs);
  const loss = network.outputs > 1 ? 'crossEntropy' : 'binaryCrossEntropy';
  try {
    return {
      backend,
      training: await rate(examples, seconds, signal, async () => { await network.fit(data, { batchSize, loss }); }),
      prediction: await rate(examples, seconds, signal, async () => { await network.predict(x); }),
      single: await rate(1, seconds, signal, () => { network.predictSync(one); }),
    };
  } finally {
    network.dispose();
  }
}

async function run({ flags: given }: CommandLine, terminal: Terminal): Promise<void> {
  const layers = layersOf(given.text('layers') ?? '256:relu,128:relu,10:softmax', 'layers'), asked = given.text('backend');
  const subject: Subject = {
    layers, inputs: positiveInteger('bench', 'inputs', given.number('inputs') ?? 784), batchSize: positiveInteger('bench', 'batchSize', given.number('batchSize') ?? 64),
    seconds: numberIn('bench', 'seconds', given.number('seconds') ?? 1, { from: 0, to: 3600, openFrom: true }), threads: given.number('threads'),
  };
  const one = asked === undefined ? undefined : oneOf('bench', 'backend', asked, ['native', 'typescript'] as const);
  const { native } = diagnostics(), backends = one !== undefined ? [one] : native === undefined ? ['typescript' as const] : ['native' as const, 'typescript' as const];
  const { signal } = terminal.interruption, found: Speeds[] = [], isJson = given.isSet('json');
  const probe = new Network({ inputs: subject.inputs, layers, backend: backends[0]! }), { outputs } = probe, parameters = probe.describe().layers.reduce((so, each) => so + each.parameters, 0);
  probe.dispose();
  if (!isJson) note(terminal, `${subject.inputs} inputs, ${outputs} outputs, ${count(parameters)} parameters; minibatches of ${subject.batchSize}, Adam; at least ${subject.seconds} s each`);
  await terminal.interruption.during('Interrupted: the measurement ends.', async () => {
    for (const backend of backends) found.push(await measureBackend(backend, subject, signal));
  });
  if (isJson) {
    printJson(terminal, { ...subject, layers: layers.map(({ type, options }) => ({ type, options })), parameters, examples, unit: 'examples per second', speeds: found, diagnostics: diagnostics() });
    return;
  }
  if (native === undefined && one === undefined) note(terminal, `native is left out: ${diagnostics().reason}`);
  print(terminal, `\n${table([['examples a second', 'training', 'prediction', 'one by one'], ...found.map(({ backend, training, prediction, single }) => [backend, rounded(training), rounded(prediction), rounded(single)])])}`);
}

export const benchCommand: Command = {
  name: 'bench',
  summary: 'Measures how fast this machine trains and predicts, on either backend.',
  usage: ['[flags]'],
  operands: [0, 0],
  flags,
  examples: [
    { line: 'densely bench', doc: 'a network of 235,146 parameters on made-up data' },
    { line: "densely bench --layers '32:relu,1:sigmoid' --inputs 20 --backend native --threads 1", doc: 'a network of your own, on one thread' },
  ],
  notes: ["'prediction' is predict on 2,048 examples at a time, 'one by one' predictSync on a single one."],
  run,
};
