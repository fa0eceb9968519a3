// Learning curves: real runs that go wrong in one way each, and curves drawn by hand at the bounds.
import { describe, expect, test } from 'vitest';
import { dense, diagnose, Network, sgd, type Diagnosis } from '../../lib/index.ts';
import { curveFindings } from '../../lib/diagnose/curve-findings.ts';
import { backends } from '../helpers/backends.ts';
import { labelled } from '../helpers/networks.ts';

const xor = { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0] };
const codes = (report: Diagnosis | undefined) => report!.findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code);

describe.each(backends)('on %s', (backend) => {
  const chain = (...units: number[]): Network => new Network({ inputs: 8, seed: 3, backend, layers: [...units.map((count) => dense(count, 'relu')), dense(3, 'softmax')] });

  test('a linear network on XOR underfits; a hidden layer heals it', async () => {
    const linear = new Network({ inputs: 2, backend, layers: [dense(1, 'sigmoid')] }), options = { epochs: 300, batchSize: 4, optimizer: sgd({ learningRate: 0.5 }), diagnose: true };
    const { diagnosis } = await linear.fit(xor, options);
    expect(codes(diagnosis)).toEqual(['underfitting', 'plateau']);
    expect(diagnosis!.findings[0]).toMatchObject({ code: 'underfitting', severity: 'severe', evidence: { constantLoss: expect.closeTo(Math.log(2), 5) } });
    const hidden = new Network({ inputs: 2, seed: 3, backend, layers: [dense(8, 'tanh'), dense(1, 'sigmoid')] });
    expect(codes((await hidden.fit(xor, options)).diagnosis)).toEqual([]);
  });

  test('a large network on thirty examples with some wrong labels overfits', async () => {
    const few = labelled(30, 8, 3, 5), noisy = { x: few.x, y: few.y.map((label, i) => (i % 3 === 0 ? (label + 1) % 3 : label)) };
    const { diagnosis } = await chain(64, 64).fit(noisy, { epochs: 100, validation: labelled(300, 8, 3, 6), diagnose: true });
    expect(codes(diagnosis)).toEqual(['overfitting']);
    const { training, validation } = diagnosis!.findings.find(({ code }) => code === 'overfitting')!.evidence;
    expect(validation! / training!).toBeGreaterThan(5);
    expect(codes((await chain(16).fit(labelled(900, 8, 3, 5), { epochs: 15, validation: labelled(300, 8, 3, 6), diagnose: true })).diagnosis)).toEqual([]);
  });

  test('rates too high and too low', async () => {
    const data = labelled(600, 8, 3), run = async (learningRate: number) => (await chain(32).fit(data, { epochs: 20, optimizer: sgd({ learningRate }), diagnose: true })).diagnosis;
    expect(codes(await run(5))).toContain('learning-rate-too-high');
    expect(codes(await run(1e-5))).toContain('learning-rate-too-low');
    expect(codes(await run(0.1))).toEqual([]);
  });

  test('updates are those of the run, and the step that measures them is taken back', async () => {
    const data = labelled(64, 8, 3), options = { epochs: 3, batchSize: 64, optimizer: sgd({ learningRate: 0.25 }) };
    const looked = chain(12), plain = chain(12), history = await looked.fit(data, { ...options, diagnose: true });
    await plain.fit(data, options);
    expect(looked.weights()).toEqual(plain.weights());
    // One minibatch is all the data, so that the step is the rate times the gradient.
    for (const { weights } of history.diagnosis!.layers) expect(weights!.updateRatio! / weights!.gradientRatio).toBeCloseTo(0.25, 4);
    await looked.fit(data, options);
    await plain.fit(data, options);
    expect(looked.weights()).toEqual(plain.weights());
  });

  test('a history can be judged later', async () => {
    const network = new Network({ inputs: 2, backend, layers: [dense(1, 'sigmoid')] }), history = await network.fit(xor, { epochs: 100, batchSize: 4 });
    expect(history.diagnosis).toBeUndefined();
    expect((await diagnose(network, xor, { history })).findings.map(({ code }) => code)).toContain('underfitting');
  });
});

describe('curves by hand', () => {
  const found = (losses: readonly number[], constant?: number, validation?: readonly number[]) =>
    curveFindings({ epochs: losses.map((loss, i) => ({ loss, ...(validation && { validation: { loss: validation[i]! } }) })) }, constant).map(({ code }) => code);
  const sinking = (count: number, rate = 0.85): number[] => Array.from({ length: count }, (_, i) => rate ** i);

  test('a curve that sinks is healthy, whatever its length', () => {
    for (const count of [1, 4, 5, 20, 200]) expect(found(sinking(count), 1.2)).toEqual([]);
    expect(found(sinking(30), 1.2, sinking(30).map((loss) => loss + 0.02))).toEqual([]);
  });

  test('a flat curve is a plateau while it is high', () => {
    const flat = [...sinking(5), ...Array.from({ length: 10 }, () => 0.7)];
    expect(found(flat, 1)).toEqual(['plateau']);
    expect(found(flat, 2)).toEqual([]);
    expect(found(Array.from({ length: 12 }, () => 1), 5)).toEqual([]);
  });

  test('a loss that goes up and down, or up alone', () => {
    expect(found(Array.from({ length: 12 }, (_, i) => 1 + 0.3 * (-1) ** i), 2)).toEqual(['learning-rate-too-high']);
    expect(found(Array.from({ length: 8 }, (_, i) => 1 + 0.2 * i), 5)).toEqual(['learning-rate-too-high']);
    expect(found(sinking(40).map((loss, i) => loss + 0.004 * (-1) ** i), 1)).toEqual([]);
  });

  test('a loss that hardly moves', () => {
    expect(found(Array.from({ length: 15 }, (_, i) => 2 - 0.005 * i), 3)).toEqual(['learning-rate-too-low']);
  });

  test('a loss that may be negative, as of densities, is not judged', () => {
    expect(found(Array.from({ length: 15 }, (_, i) => -2 + 0.3 * (-1) ** i))).toEqual([]);
    expect(found(Array.from({ length: 15 }, (_, i) => 2 - 0.3 * i))).toEqual([]);
  });

  test('underfitting by degrees', () => {
    const at = (share: number) => curveFindings({ epochs: sinking(10, 0.5).map((loss) => ({ loss: share + loss })) }, 1)[0]?.severity;
    expect([at(0.5), at(0.9), at(0.99)]).toEqual([undefined, 'warning', 'severe']);
  });

  test('overfitting: the validation loss rises again, or the gap opens', () => {
    const losses = sinking(20), turning = losses.map((loss, i) => (i < 8 ? loss + 0.05 : losses[7]! + 0.05 + 0.04 * (i - 7)));
    expect(found(losses, 1, turning)).toEqual(['overfitting']);
    expect(curveFindings({ epochs: losses.map((loss, i) => ({ loss, validation: { loss: turning[i]! } })) }, 1)[0]!.evidence).toMatchObject({ bestEpoch: 8 });
    expect(found(losses, 1, losses.map((loss) => Math.max(loss, 0.65)))).toEqual(['overfitting']);
    expect(found(losses, 1, losses.map((loss) => Math.max(loss, 0.3)))).toEqual([]);
  });
});
