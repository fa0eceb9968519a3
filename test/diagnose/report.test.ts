// The report as text, and what diagnose refuses.
import { describe, expect, test } from 'vitest';
import { dense, diagnose, Network } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, labelled, refusal } from '../helpers/networks.ts';

describe.each(backends)('on %s', (backend) => {
  const data = labelled(60, 5, 3), make = () => new Network({ inputs: 5, seed: 2, backend, layers: [dense(7, 'relu', { biasInitializer: { name: 'constant', scale: -100 } }), dense(3, 'softmax')] });

  test('a table by layer, the gravest findings first, each with its remedy', async () => {
    const report = await diagnose(make(), data, { learningRate: 0.1 }), lines = String(report).split('\n');
    expect(lines[0]).toMatch(/^Loss 1\.\d+ over 60 examples, of the best constant prediction 1\.\d+\.$/);
    expect(lines[2]).toMatch(/^layer +units +mean a +sd a +‖a‖ +‖dZ‖ +‖dW‖ +‖dW‖\/‖W‖ +update +flat units$/);
    expect(lines[3]).toMatch(/^dense1 +7 .*100 % dead$/);
    expect(lines[4]).toMatch(/^dense2 +3 /);
    // Columns end where their titles do.
    expect(lines[3]!.indexOf(' 7 ') + 2).toBe(lines[2]!.indexOf('units') + 5);
    for (const { message, remedy } of report.findings) expect(lines).toEqual(expect.arrayContaining([expect.stringContaining(message), expect.stringContaining(remedy)]));
    const grades = report.findings.map(({ severity }) => ['severe', 'warning', 'info'].indexOf(severity));
    expect(grades).toEqual(grades.toSorted());
    expect(report.healthy).toBe(false);
  });

  test('is plain data beside its text', async () => {
    const report = await diagnose(make(), data), copy = JSON.parse(JSON.stringify(report)) as typeof report;
    expect(copy.findings).toEqual(report.findings);
    expect(copy.layers).toEqual(report.layers);
    for (const { evidence, message, remedy } of copy.findings) {
      expect(Object.values(evidence).every(Number.isFinite)).toBe(true);
      expect(message).toMatch(/^[^.].*[^.]$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('says when nothing is found', async () => {
    const network = new Network({ inputs: 5, seed: 2, backend, layers: [dense(7, 'relu'), dense(3, 'softmax')] });
    expect(String(await diagnose(network, data))).toContain('Nothing found.');
  });

  test('refuses what it cannot look at', async () => {
    const network = make();
    expectRefusal(await refusal(() => diagnose(network, labelled(9, 4, 3))), 'ERR_SHAPE');
    expectRefusal(await refusal(() => diagnose(network, data, { rate: 1 } as object)), 'ERR_OPTION');
    expectRefusal(await refusal(() => diagnose(network, data, { examples: 0 })), 'ERR_OPTION', 'examples');
    expectRefusal(await refusal(() => diagnose(network, data, { learningRate: -1 })), 'ERR_OPTION', 'learningRate');
    expectRefusal(await refusal(() => diagnose(network, data, { history: [] as never })), 'ERR_OPTION', 'history');
    expectRefusal(await refusal(() => network.fit(data, { diagnose: 1 as never })), 'ERR_OPTION', 'diagnose');
    network.dispose();
    expectRefusal(await refusal(() => diagnose(network, data)), 'ERR_DISPOSED');
    expectRefusal(await refusal(() => network.describe()), 'ERR_DISPOSED');
  });
});
