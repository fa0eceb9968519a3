// An event file with everything that event files can hold, the same at every making.
import { eventRecord, histogramOf, type EventContent } from '../../lib/io/tensorboard-events.ts';

const values = Array.from({ length: 500 }, (_, i) => Math.sin(i * i) * 3 + i / 250);

const contents: readonly (readonly [step: number, content: EventContent])[] = [
  [0, { kind: 'version' }],
  [0, { kind: 'start' }],
  [0, {
    kind: 'graph', nodes: [
      { name: 'input', op: 'input', inputs: [], width: 64, attributes: {} },
      { name: 'dense1', op: 'dense', inputs: ['input'], width: 300, attributes: { description: '300, relu', parameters: 19_500 } },
      { name: 'add1', op: 'add', inputs: ['input', 'dense1'], width: 64, attributes: { description: 'größer', parameters: 0 } },
    ],
  }],
  [0, { kind: 'summary', histograms: { 'dense1/weight': histogramOf(values)!, 'dense1/bias': histogramOf(new Float32Array(7))! } }],
  [1, { kind: 'summary', scalars: { loss: 2.25, accuracy: 0.125, learningRate: 1e-3 } }],
  [2, { kind: 'summary', scalars: { loss: 1.5e-7, accuracy: 1, learningRate: 1e-30 }, histograms: { 'dense1/weight': histogramOf(values.slice(0, 41))! } }],
  [3, { kind: 'summary', scalars: { loss: 9, accuracy: 0 } }],
  [4, { kind: 'summary', scalars: { loss: 8 } }],
  [3, { kind: 'start' }],
  [300, { kind: 'summary', scalars: { loss: -0.5, 'left/loss': Number.NaN } }],
];

/** The bytes of the file. Its second start makes the events of steps 3 and 4 those of a run that was interrupted. */
export function sampleEvents(): Buffer {
  return Buffer.concat(contents.map(([step, content], i) => eventRecord(1_700_000_000 + i / 8, step, content)));
}
