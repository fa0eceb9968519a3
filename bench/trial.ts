// One trial of the library, in a process of its own: reads a request (JSON, the first argument), prints a result (the last line).

import { readData, type Data } from './data.ts';
import { startHog } from './hog.ts';
import {
  buildNetwork, buildPredictor, firstBatchLoss, firstRows, fitEpochs, libraryVersions, networkWeights, saveModels, type Backend,
} from './library.ts';
import { machine } from './machine.ts';
import { watchOthers } from './others.ts';
import { measureAwaitedCalls, measureCalls, measureRun, planSteps, runClients } from './timing.ts';
import { modelPath, type TrialRequest, type TrialResult } from './trial-types.ts';
import { delaysDuring, growthOf } from './upkeep.ts';
import { writeWeights } from './weights-file.ts';
import type { TrainingCase } from './cases.ts';

type Outcome = Omit<TrialResult, 'versions'>;

const request = JSON.parse(process.argv[2] ?? '{}') as TrialRequest;
const backend: Backend = request.contestant === 'typescript' ? 'typescript' : 'native';
const precision = request.contestant === 'native-bf16' ? 'bfloat16' : undefined;
const build = (): ReturnType<typeof buildNetwork> => buildNetwork(request.case.network, backend, request.threads, precision);

/** Training as a user gets it: the whole time of one `fit`, divided by its steps. */
async function measureTraining(one: TrainingCase, data: Data): Promise<Outcome> {
  const network = build();
  const lossBefore = firstBatchLoss(network, one, data);
  const run = trainer(network, one, data);
  const stopHog = request.contestant === 'native-hog' ? await startHog() : undefined;
  const others = watchOthers();
  const { count, seconds } = await measureRun(run, request.seconds);
  const disturbance = others();
  stopHog?.();
  return {
    value: (seconds * 1000) / count, count, seconds, lossBefore, lossAfter: firstBatchLoss(network, one, data),
    ...(stopHog === undefined ? { others: disturbance } : {}),
  };
}

/** `fit` over about so many steps; resolves to how many there were. */
function trainer(network: ReturnType<typeof buildNetwork>, one: TrainingCase, data: Data): (wanted: number) => Promise<number> {
  const whole = firstRows(one, data, one.rows);
  return async (wanted) => {
    const { rows, epochs, steps } = planSteps(wanted, one.batch, one.rows);
    await fitEpochs(network, one, rows === one.rows ? whole : firstRows(one, data, rows), epochs);
    return steps;
  };
}

/** The rows of the data, `batch` at a time. */
function batchesOf(data: Data, batch: number): Float32Array[] {
  const length = batch * request.case.network.inputs;
  return Array.from({ length: Math.floor(request.case.rows / batch) }, (_, index) => data.x.subarray(index * length, (index + 1) * length));
}

/** One call after another of `predictSync` or of `predict`, over the batches of the data in turn. */
async function measureInference(data: Data): Promise<Outcome> {
  const network = build(), batches = batchesOf(data, request.case.batch);
  const others = watchOthers();
  const { p50, p99, count, seconds } = request.contestant === 'native-async'
    ? await measureAwaitedCalls((index) => network.predict(batches[index % batches.length]!), request.seconds)
    : measureCalls((index) => network.predictSync(batches[index % batches.length]!), request.seconds);
  return { value: p50, p99, count, seconds, others: others() };
}

/** As many callers as the case says, each with one row after another: microseconds a row. */
async function measureConcurrent(data: Data): Promise<Outcome> {
  const callers = request.case.batch, rows = batchesOf(data, 1);
  const predictor = buildPredictor(build(), callers, Number(request.settings?.['maxDelay'] ?? 0.5));
  const others = watchOthers();
  const { count, seconds } = await measureRun((wanted) => runClients((index) => predictor.predict(rows[index % rows.length]!), callers, wanted), request.seconds);
  return { value: (seconds * 1e6) / count, count, seconds, others: others() };
}

const trainable: TrainingCase = { ...request.case, kind: 'training', optimizer: { name: 'sgd', learningRate: 0.01 } };

/** How late timers come during `fit`: the 99th percentile. */
async function measureEventLoop(data: Data): Promise<Outcome> {
  const train = trainer(build(), trainable, data), others = watchOthers();
  const warm = await measureRun(train, Math.min(0.5, request.seconds));
  const { p99 } = await delaysDuring(() => train(Math.ceil((3 * request.seconds * warm.count) / warm.seconds)));
  return { value: p99, others: others() };
}

/** Networks built, trained one step, asked once and dropped: kilobytes each of them leaves behind. */
async function measureMemory(data: Data): Promise<Outcome> {
  const dataset = firstRows(trainable, data, trainable.batch), example = data.x.subarray(0, trainable.network.inputs);
  const value = await growthOf(async () => {
    const network = build();
    await fitEpochs(network, trainable, dataset, 1);
    network.predictSync(example);
  }, 1000);
  return { value };
}

/** Writes fresh weights and what they predict to files where that is asked for, trains the steps asked for, reports the loss. */
async function agree(data: Data): Promise<Outcome> {
  const { case: one, plan, weights, writes } = request;
  if (plan === undefined || weights === undefined) throw new Error('internal: an agreement without a plan or a weights file');
  const network = build();
  if (writes) {
    writeWeights(weights, networkWeights(network));
    const { data: probabilities } = network.predictSync(data.x.subarray(0, one.batch * one.network.inputs));
    writeWeights(`${weights}.outputs`, [{ name: 'probabilities', shape: [probabilities.length], data: Float32Array.from(probabilities) }]);
    await saveModels(network, modelPath(request, 'safetensors'), modelPath(request, 'onnx'));
  }
  const lossBefore = firstBatchLoss(network, one, data);
  if (one.kind === 'training') await fitEpochs(network, one, firstRows(one, data, plan.rows), plan.epochs);
  return { lossBefore, lossAfter: firstBatchLoss(network, one, data) };
}

async function measure(data: Data): Promise<Outcome> {
  switch (request.case.kind) {
    case 'training': return measureTraining(request.case, data);
    case 'inference': return measureInference(data);
    case 'concurrent': return measureConcurrent(data);
    case 'eventloop': return measureEventLoop(data);
    case 'memory': return measureMemory(data);
    default: throw new Error(`internal: no trial of the kind '${request.case.kind}'`);
  }
}

async function outcome(): Promise<Outcome> {
  if (request.mode === 'export') {
    await saveModels(build(), modelPath(request, 'safetensors'), modelPath(request, 'onnx'));
    return {};
  }
  const data = readData(request.data);
  return request.mode === 'agree' ? agree(data) : measure(data);
}

console.log(JSON.stringify({ ...await outcome(), versions: { ...machine(), ...libraryVersions() } } satisfies TrialResult));
