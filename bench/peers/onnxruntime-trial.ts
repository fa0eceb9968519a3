// One trial of ONNX Runtime: `await session.run` on tensors made beforehand.

import { modelPath } from '../trial-types.ts';
import { loadPeer, versionOf } from './installed.ts';
import { runTrial } from './node-trial.ts';

interface Tensor {
  readonly data: Float32Array;
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, Tensor>, fetches?: Record<string, Tensor>): Promise<Record<string, Tensor>>;
}

interface OnnxRuntime {
  readonly InferenceSession: { create(path: string, options: object): Promise<Session> };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => Tensor;
}

await runTrial(async () => {
  const { InferenceSession, Tensor } = loadPeer<OnnxRuntime>('onnxruntime-node');
  return {
    versions: { 'onnxruntime-node': versionOf('onnxruntime-node') },
    async inference(request, settings, data) {
      const { network: { inputs, layers }, rows, kind } = request.case, outputs = layers.at(-1)!.units;
      // Concurrent callers have a row each.
      const batch = kind === 'concurrent' ? 1 : request.case.batch;
      const session = await InferenceSession.create(modelPath(request, 'onnx'), {
        intraOpNumThreads: request.threads, interOpNumThreads: 1, graphOptimizationLevel: 'all', executionMode: 'sequential',
        // Users can switch denormal numbers off, so it runs with them off.
        extra: { session: { set_denormal_as_zero: '1' } },
      });
      const input = session.inputNames[0]!, output = session.outputNames[0]!;
      const feeds = Array.from({ length: Math.floor(rows / batch) }, (_, index) => (
        { [input]: new Tensor('float32', data.x.subarray(index * batch * inputs, (index + 1) * batch * inputs), [batch, inputs]) }));
      const fetches = { [output]: new Tensor('float32', new Float32Array(batch * outputs), [batch, outputs]) };
      const answer = async (index: number): Promise<Float32Array> => (await session.run(feeds[index % feeds.length]!))[output]!.data;
      if (settings['outputs'] !== 'preallocated') return { call: answer };
      return { call: async (index) => (await session.run(feeds[index % feeds.length]!, fetches))[output]!.data };
    },
  };
});
