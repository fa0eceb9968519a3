// One trial of the library, in a process of its own: reads a request (JSON, the first argument), prints a result (the last line).

import { cpus } from 'node:os';
import type { TrainingCase } from './cases.ts';
import { readData, type Data } from './data.ts';
import { buildNetwork, firstBatchLoss, firstRows, fitEpochs, libraryVersions, networkWeights, type Backend } from './library.ts';
import { watchOthers } from './others.ts';
import { measureCalls, measureRun, planSteps } from './timing.ts';
import type { TrialRequest, TrialResult } from './trial-types.ts';
import { writeWeights } from './weights-file.ts';

type Outcome = Omit<TrialResult, 'versions'>;

/** Training as a user gets it: the whole time of one `fit`, divided by its steps. */
async function measureTraining(request: TrialRequest, one: TrainingCase, data: Data): Promise<Outcome> {
  const network = buildNetwork(one.network, request.contestant as Backend, request.threads);
  const lossBefore = firstBatchLoss(network, one, data);
  const whole = firstRows(one, data, one.rows);
  const others = watchOthers();
  const { count, seconds } = await measureRun(async (wanted) => {
    const { rows, epochs, steps } = planSteps(wanted, one.batch, one.rows);
    await fitEpochs(network, one, rows === one.rows ? whole : firstRows(one, data, rows), epochs);
    return steps;
  }, request.seconds);
  return { value: (seconds * 1000) / count, count, seconds, others: others(), lossBefore, lossAfter: firstBatchLoss(network, one, data) };
}

/** One call after another of `predictSync`, over the batches of the data in turn. */
function measureInference(request: TrialRequest, data: Data): Outcome {
  const { network: shape, batch, rows } = request.case;
  const network = buildNetwork(shape, request.contestant as Backend, request.threads);
  const length = batch * shape.inputs;
  const batches = Array.from({ length: Math.floor(rows / batch) }, (_, index) => data.x.subarray(index * length, (index + 1) * length));
  const others = watchOthers();
  const { p50, p99, count, seconds } = measureCalls((index) => network.predictSync(batches[index % batches.length]!), request.seconds);
  return { value: p50, p99, count, seconds, others: others() };
}

/** Writes fresh weights to the file, trains the steps asked for, reports the loss. */
async function check(request: TrialRequest, data: Data): Promise<Outcome> {
  const { case: one, plan, weights } = request;
  if (plan === undefined || weights === undefined) throw new Error('internal: a check without a plan or a weights file');
  const network = buildNetwork(one.network, request.contestant as Backend, request.threads);
  writeWeights(weights, networkWeights(network));
  const lossBefore = firstBatchLoss(network, one, data);
  if (one.kind === 'training') await fitEpochs(network, one, firstRows(one, data, plan.rows), plan.epochs);
  return { lossBefore, lossAfter: firstBatchLoss(network, one, data) };
}

const request = JSON.parse(process.argv[2] ?? '{}') as TrialRequest;
const data = readData(request.data);
const outcome = request.mode === 'check' ? await check(request, data)
  : request.case.kind === 'training' ? await measureTraining(request, request.case, data)
  : measureInference(request, data);
const versions = { node: process.version, cpu: cpus()[0]?.model.trim() ?? 'unknown', ...libraryVersions() };
console.log(JSON.stringify({ ...outcome, versions } satisfies TrialResult));
