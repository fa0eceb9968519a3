// One trial of a peer that runs in Node: the same protocol and the same timing as the library's own, in one place for all of them.

import { setTimeout as wait } from 'node:timers/promises';
import { readData, type Data } from '../data.ts';
import { meanLoss } from '../loss.ts';
import { machine } from '../machine.ts';
import { watchOthers } from '../others.ts';
import { measureAwaitedCalls, measureCalls, measureRun, planSteps, runClients } from '../timing.ts';
import type { Settings, TrialRequest, TrialResult } from '../trial-types.ts';
import { readWeights, type Weight } from '../weights-file.ts';
import type { BenchmarkCase } from '../cases.ts';

/** A network to be trained. */
export interface TrainingSubject {
  /** Steps over the first `rows` of the data in order, `epochs` times. */
  run(rows: number, epochs: number): void | Promise<void>;
  /**
   * For who trains example by example: the rows that count as one unit of the measurement, instead of a whole batch. A step is still a
   * batch's worth of them.
   */
  readonly unit?: number;
  /** Probabilities for the first batch. */
  probabilities(): ArrayLike<number>;
}

/** A network to be asked: one call for each batch of the data in turn. */
export interface InferenceSubject {
  call(index: number): ArrayLike<number> | Promise<ArrayLike<number>>;
}

export interface NodePeer {
  training?(one: Extract<BenchmarkCase, { kind: 'training' }>, settings: Settings, data: Data, weights: readonly Weight[] | undefined): Promise<TrainingSubject>;
  inference?(request: TrialRequest, settings: Settings, data: Data, weights: readonly Weight[] | undefined): Promise<InferenceSubject>;
  /** Writes what its other trials read. */
  export?(request: TrialRequest): Promise<void>;
  readonly versions: Readonly<Record<string, string>>;
}

type Outcome = Omit<TrialResult, 'versions'>;

async function trainingOf(peer: NodePeer, { case: one, ...request }: TrialRequest, settings: Settings, data: Data): Promise<TrainingSubject> {
  if (one.kind !== 'training' || peer.training === undefined) throw new Error('internal: not a case to train');
  return peer.training(one, settings, data, request.mode === 'agree' ? readWeights(request.weights!) : undefined);
}

async function inferenceOf(peer: NodePeer, request: TrialRequest, settings: Settings, data: Data): Promise<InferenceSubject> {
  if (peer.inference === undefined) throw new Error('internal: not a case to ask');
  return peer.inference(request, settings, data, request.mode === 'agree' ? readWeights(request.weights!) : undefined);
}

function lossOf({ case: one }: TrialRequest, probabilities: ArrayLike<number>, data: Data): number {
  return meanLoss(one.network.loss, probabilities, data.y.subarray(0, one.batch));
}

async function measureTraining(peer: NodePeer, request: TrialRequest, settings: Settings, data: Data): Promise<Outcome> {
  const { batch, rows: all } = request.case, subject = await trainingOf(peer, request, settings, data);
  const lossBefore = lossOf(request, subject.probabilities(), data), unit = subject.unit ?? batch;
  const others = watchOthers();
  const { count, seconds } = await measureRun(async (wanted) => {
    const { rows, epochs, steps } = planSteps(wanted, unit, all);
    await subject.run(rows, epochs);
    return steps;
  }, request.seconds);
  const value = ((seconds * 1000) / count) * (batch / unit);
  return { value, count, seconds, others: others(), lossBefore, lossAfter: lossOf(request, subject.probabilities(), data) };
}

async function measureInference(peer: NodePeer, request: TrialRequest, settings: Settings, data: Data): Promise<Outcome> {
  const subject = await inferenceOf(peer, request, settings, data), others = watchOthers();
  if (request.case.kind === 'concurrent') {
    const { count, seconds } = await measureRun((wanted) => runClients(async (index) => subject.call(index), request.case.batch, wanted), request.seconds);
    return { value: (seconds * 1e6) / count, count, seconds, others: others() };
  }
  // A promise is waited for where there is one, and costs nobody else.
  const isAwaited = subject.call(0) instanceof Promise;
  const { p50, p99, count, seconds } = isAwaited
    ? await measureAwaitedCalls(async (index) => subject.call(index), request.seconds)
    : measureCalls((index) => subject.call(index), request.seconds);
  return { value: p50, p99, count, seconds, others: others() };
}

async function agree(peer: NodePeer, request: TrialRequest, data: Data): Promise<Outcome> {
  if (request.case.kind === 'training') {
    const subject = await trainingOf(peer, request, request.settings ?? {}, data), lossBefore = lossOf(request, subject.probabilities(), data);
    await subject.run(request.plan!.rows, request.plan!.epochs);
    return { lossBefore, lossAfter: lossOf(request, subject.probabilities(), data) };
  }
  const probabilities = await (await inferenceOf(peer, request, request.settings ?? {}, data)).call(0);
  const [expected] = readWeights(`${request.weights!}.outputs`), loss = lossOf(request, probabilities, data);
  return { lossBefore: loss, lossAfter: loss, difference: expected!.data.reduce((most, value, index) => Math.max(most, Math.abs(value - probabilities[index]!)), 0) };
}

async function measure(peer: NodePeer, request: TrialRequest, settings: Settings, data: Data): Promise<Outcome> {
  return request.case.kind === 'training' ? measureTraining(peer, request, settings, data) : measureInference(peer, request, settings, data);
}

async function calibrate(peer: NodePeer, request: TrialRequest, data: Data): Promise<Outcome> {
  const variants = [];
  for (const settings of request.variants!) {
    try {
      const { value = Infinity, others } = await measure(peer, request, { ...request.settings, ...settings }, data);
      variants.push({ settings, value, ...(others === undefined ? {} : { others }) });
    } catch (error) {
      // A way this peer cannot go is no way to go.
      console.error(`${JSON.stringify(settings)}: ${(error as Error).message}`);
    }
    // Threads of one session come to rest before the next one is measured.
    await wait(50);
  }
  return { variants };
}

async function outcome(peer: NodePeer, request: TrialRequest): Promise<Outcome> {
  if (request.mode === 'export') {
    await peer.export?.(request);
    return {};
  }
  const data = readData(request.data);
  if (request.mode === 'agree') return agree(peer, request, data);
  if (request.mode === 'calibrate') return calibrate(peer, request, data);
  return measure(peer, request, request.settings ?? {}, data);
}

/** Reads the request, runs it, prints the result on the last line. */
export async function runTrial(makePeer: (request: TrialRequest) => Promise<NodePeer>): Promise<void> {
  const request = JSON.parse(process.argv[2] ?? '{}') as TrialRequest, peer = await makePeer(request);
  console.log(JSON.stringify({ ...await outcome(peer, request), versions: { ...machine(), ...peer.versions } } satisfies TrialResult));
  // Pools of threads would keep the process.
  process.exit(0);
}
