// The progress bar: what is written to terminals and elsewhere, in lines that fit.
import { describe, expect, test } from 'vitest';
import { dense, lbfgs, Network, progressBar, type ProgressStream } from '../../lib/index.ts';
import { epochLine, formatMeasure, formatSeconds, progressLine } from '../../lib/train/callbacks/progress-line.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, labelled, refusal } from '../helpers/networks.ts';

const data = labelled(70, 6, 3), validation = labelled(20, 6, 3, 2);

function streamOf(options: Partial<ProgressStream> = {}): ProgressStream & { written: string[] } {
  const written: string[] = [];
  return { written, write: (text) => written.push(text), ...options };
}

const make = (backend: 'native' | 'typescript'): Network => new Network({ inputs: 6, layers: [dense(9, 'relu'), dense(3, 'softmax')], seed: 5, backend });

/** What a terminal shows in the end, of the control sequences that a bar uses. */
function screenOf(written: readonly string[]): string[] {
  const lines = [''];
  // oxlint-disable-next-line no-control-regex
  for (const piece of written.join('').replace(/\x1b\[(?:\d+)m/g, '').split(/(\r\x1b\[J|\n)/)) {
    if (piece === '\n') lines.push('');
    else if (piece.startsWith('\r')) lines[lines.length - 1] = '';
    else lines[lines.length - 1] += piece;
  }
  return lines;
}

describe.each(backends)('%s', (backend) => {
  test('elsewhere than on a terminal, a line for every epoch with its measures', async () => {
    const stream = streamOf(), { epochs } = await make(backend).fit(data, { epochs: 11, validation, callbacks: [progressBar({ stream })] });
    const expected = epochs.map(({ epoch, loss, accuracy, validation: other }) => [`epoch ${String(epoch).padStart(2)}/11`, `loss ${loss.toFixed(4)}`, `accuracy ${accuracy!.toFixed(4)}`, `validation loss ${other!.loss.toFixed(4)}`, `accuracy ${other!.accuracy!.toFixed(4)}`].join('  '));
    expect(stream.written.map((line) => line.replace(/ {2}\S+ s\n$/, ''))).toEqual(expected);
  });

  test('every so many epochs, and the last one', async () => {
    const stream = streamOf();
    await make(backend).fit(data, { epochs: 11, callbacks: [progressBar({ stream, every: 4 })] });
    expect(stream.written.map((line) => line.slice(0, 11))).toEqual(['epoch  4/11', 'epoch  8/11', 'epoch 11/11']);
  });

  test('the last epoch of a run that is ended before its time has a line, and all before it', async () => {
    for (const isTTY of [false, true]) {
      const stream = streamOf({ isTTY });
      await make(backend).fit(data, { epochs: 90, callbacks: [progressBar({ stream, every: 4 }), { onEpoch: ({ epoch }, { stop }) => { if (epoch === 10) stop('enough'); } }] });
      expect(screenOf(stream.written).map((line) => line.slice(0, 11))).toEqual(['epoch  4/90', 'epoch  8/90', 'epoch 10/90', '']);
    }
  });

  test('on a terminal the same lines stay in the end, and no bar', async () => {
    const stream = streamOf({ isTTY: true, columns: 200, hasColors: () => true });
    await make(backend).fit(data, { epochs: 40, batchSize: 1, callbacks: [progressBar({ stream })] });
    const screen = screenOf(stream.written);
    expect(screen).toHaveLength(41);
    expect(screen.at(-1)).toBe('');
    screen.slice(0, 40).forEach((line, i) => expect(line).toMatch(new RegExp(`^epoch ${String(i + 1).padStart(2)}/40  loss \\S+  accuracy \\S+  \\S+ s$`)));
    expect(stream.written.some((text) => /─\x1b\[22m +\d+ %/.test(text))).toBe(true); // oxlint-disable-line no-control-regex
  });

  test('at most ten drawings a second', async () => {
    const stream = streamOf({ isTTY: true }), started = performance.now();
    await make(backend).fit(data, { epochs: 300, batchSize: 2, callbacks: [progressBar({ stream })] });
    expect(stream.written.length).toBeLessThanOrEqual((performance.now() - started) / 100 + 2);
    expect(screenOf(stream.written)).toHaveLength(301);
  });

  test('a run that is ended within an epoch leaves its last line', async () => {
    const stream = streamOf({ isTTY: true }), controller = new AbortController();
    const large = labelled(4000, 40, 5), network = new Network({ inputs: 40, layers: [dense(300, 'relu'), dense(300, 'relu'), dense(5, 'softmax')], backend });
    const stop = { onPause: ({ step }: { step: number }) => { if (step > 0) controller.abort(); } };
    await refusal(() => network.fit(large, { epochs: 1000, batchSize: 1, signal: controller.signal, callbacks: [progressBar({ stream }), stop] }));
    expect(screenOf(stream.written).at(-1)).toBe('');
    expect(screenOf(stream.written).at(-2)).toMatch(/^0 % {2}epoch +1\/1000 {2}step +\d+\/4000 {2}/);
  });

  test('batches that come one after the other: the first epoch tells how many there are', async () => {
    const stream = streamOf({ isTTY: true, columns: 150 }), { x, y } = labelled(3000, 6, 3);
    const batches = async function* (): AsyncGenerator<{ x: number[][]; y: number[] }> {
      for (let i = 0; i < 3000; i += 5) {
        if (i % 500 === 0) await new Promise((done) => { setTimeout(done, 25); });
        yield { x: x.slice(i, i + 5), y: y.slice(i, i + 5) };
      }
    };
    await make(backend).fit(batches, { epochs: 4, callbacks: [progressBar({ stream })] });
    const drawn = stream.written.join('');
    expect(drawn).toMatch(/─ +0 % {2}epoch 1\/4 {2}step \d+ {2}/);
    expect(drawn).toMatch(/━─+ +\d\d % {2}epoch [234]\/4 {2}step +\d+\/600 {2}/);
    expect(drawn).not.toContain('NaN');
    expect(screenOf(stream.written)).toHaveLength(5);
  });

  test('methods on the whole data', async () => {
    const stream = streamOf();
    const { epochs } = await make(backend).fit(data, { epochs: 5, optimizer: lbfgs(), callbacks: [progressBar({ stream })] });
    expect(stream.written).toHaveLength(epochs.length);
  });
});

describe('lines', () => {
  const progress = { epoch: 2, epochs: 10, step: 30, stepsPerEpoch: 60, loss: 0.25, measures: { loss: 0.25, accuracy: 0.9 }, resumable: true, examples: 1000, seconds: 1 };
  const pace = { rate: 12_345, left: 187 };

  test('take the room there is, and leave out what matters least', () => {
    const wide = progressLine(progress, pace, undefined, 140);
    expect(wide).toEqual({ done: '━'.repeat(10), rest: '─'.repeat(30), text: '   25 %  epoch  3/10  step 30/60  12,300 examples/s  loss 0.2500  accuracy 0.9000  3:07 left' });
    for (let width = 12; width < 140; width++) {
      const { done, rest, text } = progressLine(progress, pace, undefined, width);
      expect(`${done}${rest}${text}`.length).toBeLessThanOrEqual(width);
      expect(text).toContain('epoch  3/10');
    }
    expect(progressLine(progress, pace, undefined, 60).text).toBe('   25 %  epoch  3/10  loss 0.2500  3:07 left');
    expect(progressLine(progress, pace, undefined, 12).text).toBe('epoch  3/10');
    const unknown = progressLine({ ...progress, stepsPerEpoch: Number.NaN }, pace, undefined, 140);
    expect(unknown).toMatchObject({ done: '━'.repeat(8), rest: '─'.repeat(32) });
    expect(unknown.text).toContain('  step 30  ');
    expect(progressLine({ ...progress, step: 0, measures: undefined }, pace, { loss: 0.5 }, 140).text).toContain('loss 0.5000');
  });

  test('of epochs likewise', () => {
    const record = { epoch: 3, loss: 0.25, accuracy: 0.9, learningRate: 0.1, validation: { loss: 0.5, accuracy: 0.8 } };
    expect(epochLine(record, 10, 0.25)).toBe('epoch  3/10  loss 0.2500  accuracy 0.9000  validation loss 0.5000  accuracy 0.8000  0.3 s');
    expect(epochLine(record, 10, 0.25, 50)).toBe('epoch  3/10  loss 0.2500  validation loss 0.5000');
    expect(epochLine(record, 10, 0.25, 30)).toBe('epoch  3/10  loss 0.2500');
  });

  test('numbers and times', () => {
    expect([0, 1, 0.123456, 0.00123456, 12_345.6, -3e-7, Number.NaN].map(formatMeasure)).toEqual(['0.0000', '1.0000', '0.1235', '1.23e-3', '1.23e+4', '-3.00e-7', 'NaN']);
    expect([0.04, 9.96, 59.4, 59.6, 187, 3729].map(formatSeconds)).toEqual(['0.0 s', '10 s', '59 s', '1:00', '3:07', '1:02:09']);
  });

  test('bad options', async () => {
    expectRefusal(await refusal(() => progressBar({ stream: 1 as never })), 'ERR_OPTION', "'stream'");
    expectRefusal(await refusal(() => progressBar({ every: 0 })), 'ERR_OPTION', "'every'");
    expectRefusal(await refusal(() => progressBar({ steam: 1 } as never)), 'ERR_OPTION', "did you mean 'stream'");
  });
});
