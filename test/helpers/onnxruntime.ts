// ONNX Runtime, as other programs use it: runs the bytes of a model.
import { createRequire } from 'node:module';
import type { Network } from '../../lib/index.ts';
import { RandomStream } from '../../lib/random/philox.ts';

/** Its binaries need the GNU C library on Linux; elsewhere tests with it are left out. */
export const hasOnnxRuntime = process.platform !== 'linux' || (process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime !== undefined;

/** A table for each input of a network, by name: row-major, so many features. */
export type Feeds = Readonly<Record<string, { readonly features: number; readonly data: Float32Array }>>;

interface Tensor { readonly dims: readonly number[]; readonly data: Float32Array }
interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
}
/** What is used of the package, which comes without declarations. */
interface Runtime {
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor;
}

export const onnxRuntime = (): Runtime => createRequire(import.meta.url)('onnxruntime-node') as Runtime;

/** A model that runs. */
export class OnnxModel {
  private readonly session: Session;

  private constructor(session: Session) {
    this.session = session;
  }

  static async of(bytes: Uint8Array): Promise<OnnxModel> {
    return new OnnxModel(await onnxRuntime().InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1, interOpNumThreads: 1 }));
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  /** Outputs by name, row-major. */
  async run(feeds: Feeds): Promise<Record<string, Tensor>> {
    const { Tensor } = onnxRuntime();
    const given = Object.entries(feeds).map(([name, { features, data }]) => [name, new Tensor('float32', data, [data.length / features, features])]);
    return this.session.run(Object.fromEntries(given) as Readonly<Record<string, Tensor>>);
  }
}

/** Gives every tensor of a network other values: normal ones, but positive where they are divided by; masked weights stay 0. */
export function randomizeTensors(network: Network, seed: number): void {
  network.setWeights(network.weights().map(({ name, shape, data }, i) => {
    const random = new RandomStream(seed, 55, i), isPositive = /Variance$|\.scale$|\.gain$/.test(name), kept = /^dense.*weight$/.test(name);
    return { name, shape, data: Float32Array.from(data, (value) => (kept && value === 0 ? 0 : isPositive ? 0.5 + random.uniform() : kept ? value + 0.1 * random.normal() : random.normal())) };
  }));
}
