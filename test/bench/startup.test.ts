import { expect, test } from 'vitest';
import { cases } from '../../bench/cases.ts';
import { startupCommand } from '../../bench/startup.ts';
import { growthOf } from '../../bench/upkeep.ts';
import type { TrialRequest } from '../../bench/trial-types.ts';

const request = (name: string, contestant: string): TrialRequest => ({
  case: cases.find((one) => one.name === name)!, contestant, threads: 1, mode: 'measure', seconds: 1, data: { x: '/data/x', y: '/data/y' },
});

test('a start imports, or loads the model of its library beside the data', () => {
  expect(startupCommand(request('import', 'native')).args.slice(1)).toEqual(['native']);
  expect(startupCommand(request('W1-load', 'native')).args.slice(1)).toEqual(['native', '/data/W1.safetensors']);
  expect(startupCommand(request('W1-load', 'onnxruntime')).args.slice(1)).toEqual(['onnxruntime', '/data/W1.onnx']);
  expect(startupCommand(request('W1-load', 'tfjs-cpu')).args.slice(1)).toEqual(['tfjs-cpu', '/data/W1.tfjs.json']);
});

test('growth sees what is kept', async () => {
  const kept: Buffer[] = [];
  const growth = await growthOf(async () => { kept.push(Buffer.alloc(256 * 1024, 1)); }, 100);
  expect(growth).toBeGreaterThan(200);
});
