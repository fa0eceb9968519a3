// ONNX Runtime, as other programs use it: runs the bytes of a model.
import type { InferenceSession } from 'onnxruntime-node';
import type { Network } from '../../lib/index.ts';
import { RandomStream } from '../../lib/random/philox.ts';

/** Its binaries need the GNU C library on Linux; elsewhere tests with it are left out. */
export const hasOnnxRuntime = process.platform !== 'linux' || (process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime !== undefined;

/** A table for each input of a network, by name: row-major, so many features. */
export type Feeds = Readonly<Record<string, { readonly features: number; readonly data: Float32Array }>>;

/** A model that runs. */
export class OnnxModel {
  private readonly session: InferenceSession;
  private readonly runtime: typeof import('onnxruntime-node');

  private constructor(session: InferenceSession, runtime: typeof import('onnxruntime-node')) {
    this.session = session;
    this.runtime = runtime;
  }

  static async of(bytes: Uint8Array): Promise<OnnxModel> {
    const runtime = await import('onnxruntime-node');
    return new OnnxModel(await runtime.InferenceSession.create(bytes, { logSeverityLevel: 3 }), runtime);
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  /** Outputs by name, row-major. */
  async run(feeds: Feeds): Promise<Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>> {
    const given = Object.entries(feeds).map(([name, { features, data }]) => [name, new this.runtime.Tensor('float32', data, [data.length / features, features])]);
    const results = await this.session.run(Object.fromEntries(given) as InferenceSession.FeedsType);
    return Object.fromEntries(Object.entries(results).map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]));
  }
}

/** Gives every tensor of a network other values: normal ones, but positive where they are divided by; masked weights stay 0. */
export function randomizeTensors(network: Network, seed: number): void {
  network.setWeights(network.weights().map(({ name, shape, data }, i) => {
    const random = new RandomStream(seed, 55, i), isPositive = /Variance$|\.scale$|\.gain$/.test(name), kept = /^dense.*weight$/.test(name);
    return { name, shape, data: Float32Array.from(data, (value) => (kept && value === 0 ? 0 : isPositive ? 0.5 + random.uniform() : kept ? value + 0.1 * random.normal() : random.normal())) };
  }));
}
