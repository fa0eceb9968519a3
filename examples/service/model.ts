// The model that is served: loaded from a file, asked by many at once, and replaced when the file has changed.
import { unwatchFile, watchFile } from 'node:fs';
import { createPredictor, Network, type BatchingPredictor, type Prediction, type PredictorOptions, type Tables } from 'densely';

export interface ModelOptions extends PredictorOptions {
  readonly backend?: 'auto' | 'native' | 'typescript';
  /** Threads of a batch. */
  readonly threads?: number;
  /** Told what happens, a sentence at a time. */
  readonly log?: (sentence: string) => void;
}

export class ServedModel {
  readonly file: string;
  private readonly predictor: BatchingPredictor;
  private readonly options: ModelOptions;
  private reloading: Promise<void> | undefined;
  private isStale = false;
  private isClosing = false;
  private readonly reloads = { succeeded: 0, failed: 0 };

  private constructor(file: string, network: Network, options: ModelOptions) {
    const { maxBatch, maxDelay, maxQueue } = options;
    this.file = file;
    this.options = options;
    this.predictor = createPredictor(network, { ...(maxBatch !== undefined && { maxBatch }), ...(maxDelay !== undefined && { maxDelay }), ...(maxQueue !== undefined && { maxQueue }) });
  }

  static async open(file: string, options: ModelOptions = {}): Promise<ServedModel> {
    return new ServedModel(file, await load(file, options), options);
  }

  /** False from the beginning of the shutdown on. */
  get isReady(): boolean {
    return !this.isClosing;
  }

  get description(): { file: string; inputs: number; outputs: number; backend: string } {
    const { inputs, outputs, backend } = this.predictor.network;
    return { file: this.file, inputs, outputs, backend };
  }

  predict(x: Tables): Promise<Prediction> {
    return this.predictor.predict(x);
  }

  /** Loads the file again and puts the network in the place of the present one; if that fails, the present one goes on. One at a time. */
  reload(): Promise<void> {
    this.isStale = true;
    this.reloading ??= this.reloadWhileStale().finally(() => { this.reloading = undefined; });
    return this.reloading;
  }

  private async reloadWhileStale(): Promise<void> {
    while (this.isStale && !this.isClosing) {
      this.isStale = false;
      try {
        const next = await load(this.file, this.options), before = await this.predictor.swap(next);
        before.dispose();
        this.reloads.succeeded++;
        this.options.log?.(`reloaded ${this.file}`);
      } catch (error) {
        this.reloads.failed++;
        this.options.log?.(`the model before stays: ${(error as Error).message}`);
      }
    }
  }

  /** Reloads whenever the file has changed; looked at every `interval` milliseconds, which also sees a file renamed into its place. */
  watch(interval = 1000): void {
    watchFile(this.file, { interval, persistent: false }, (now, before) => {
      if (now.mtimeMs !== 0 && (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino)) void this.reload();
    });
  }

  /** Metrics in Prometheus' text format. */
  prometheus(): string {
    const { succeeded, failed } = this.reloads, name = 'service_model_reloads_total';
    return `${this.predictor.prometheus()}# HELP ${name} Reloads of the model file.\n# TYPE ${name} counter\n${name}{result="succeeded"} ${succeeded}\n${name}{result="failed"} ${failed}\n`;
  }

  /** From now on not ready; what is asked already is answered. */
  beginShutdown(): void {
    this.isClosing = true;
    unwatchFile(this.file);
  }

  async close(): Promise<void> {
    this.beginShutdown();
    await this.reloading;
    await this.predictor.close();
    this.predictor.network.dispose();
  }
}

function load(file: string, { backend, threads }: ModelOptions): Promise<Network> {
  return Network.load(file, { ...(backend && { backend }), ...(threads !== undefined && { threads }) });
}
