// Weights in memory that threads share: two slots, of which readers use one while the owner writes the other.
import type { Memory } from '../backend/backend.ts';
import type { Precision } from '../backend/select.ts';
import { OptionError } from '../errors.ts';
import { describe } from '../options.ts';

/** Version of the token; one of another version is refused. */
const tokenVersion = 1;

/** What `share` gives and `attach` takes: plain data over shared memory, which `postMessage` and `workerData` hand on without a copy. */
export interface SharedNetwork {
  readonly kind: 'densely.network';
  readonly version: number;
  /** The network without its numbers, as JSON. */
  readonly configuration: string;
  readonly precision: Precision;
  /** Numbers in each slot. */
  readonly length: number;
  /** The counters, then the two slots; of the second one no page is in use before it is first written. */
  readonly memory: SharedArrayBuffer;
}

/** Bytes of the counters. Large blocks of glibc begin 16 bytes into a page, so that slots begin on a cache line's boundary. */
const headerBytes = 48;
/** Where the counters are: the generation that readers use, and the one that the owner has begun to write. */
const published = 0, begun = 1;

/** Memory that is all 0, with a token for it. */
export function makeShared(configuration: string, precision: Precision, length: number): SharedNetwork {
  return { kind: 'densely.network', version: tokenVersion, configuration, precision, length, memory: new SharedArrayBuffer(bytesOf(precision, length)) };
}

function bytesOf(precision: Precision, length: number): number {
  return headerBytes + 2 * length * (precision === 'float64' ? 8 : 4);
}

/** Throws an OptionError unless `token` is what `share` gave. */
export function checkShared(where: string, token: unknown): SharedNetwork {
  const given = token as Partial<SharedNetwork> | null | undefined;
  if (given?.kind !== 'densely.network' || !(given.memory instanceof SharedArrayBuffer) || typeof given.configuration !== 'string') {
    throw new OptionError(`[${where}] expected 'token' to be what network.share() gave but received ${describe(token)}`);
  }
  if (given.version !== tokenVersion) throw new OptionError(`[${where}] expected a token of version ${tokenVersion} but received one of version ${describe(given.version)}`);
  const { memory, precision, length } = given as SharedNetwork, bytes = bytesOf(precision, length);
  if (memory.byteLength !== bytes) throw new OptionError(`[${where}] expected a token over ${bytes} bytes but received one over ${memory.byteLength}`);
  return given as SharedNetwork;
}

/**
 * Two slots with a generation counter, after the sequence lock (Linux's seqlock; Boehm, "Can seqlocks get along with programming language
 * memory models?", 2012). Generation g is in slot g mod 2. Readers take no lock: a reader that has used generation g is done once it
 * sees that g + 2 has not been begun, and reads anew otherwise. So a reader that ends at any moment holds up nobody.
 */
export class SharedMemory {
  readonly token: SharedNetwork;
  private readonly counters: Int32Array;
  private readonly slots: readonly [Memory, Memory];
  /** Of this thread alone; see `fence`. */
  private readonly own = new Int32Array(1);

  constructor(token: SharedNetwork) {
    const { memory, length, precision } = token;
    const slot = (i: number): Memory => (precision === 'float64' ? new Float64Array(memory, headerBytes + i * length * 8, length) : new Float32Array(memory, headerBytes + i * length * 4, length));
    this.token = token;
    this.counters = new Int32Array(memory, 0, 2);
    this.slots = [slot(0), slot(1)];
  }

  /** Writes the next generation and makes it the one that readers use. The owner's alone. */
  publish(values: Memory): void {
    const next = (Atomics.load(this.counters, published) + 1) | 0;
    Atomics.store(this.counters, begun, next);
    this.fence();
    this.slotOf(next).set(values);
    Atomics.store(this.counters, published, next);
  }

  /** The generation to read, at this moment. */
  latest(): number {
    return Atomics.load(this.counters, published);
  }

  slotOf(generation: number): Memory {
    return this.slots[generation & 1]!;
  }

  /** Whether all that has been read of a generation so far was of that generation. */
  isWhole(generation: number): boolean {
    this.fence();
    return ((Atomics.load(this.counters, begun) - generation) | 0) <= 1;
  }

  /** Plain reads and writes before stay before, those after stay after: a release, and an acquire that cannot pass it. */
  private fence(): void {
    Atomics.store(this.own, 0, 0);
    Atomics.load(this.own, 0);
  }
}
