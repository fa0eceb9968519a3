// A run as TensorBoard shows it: event files with the measures of every epoch, histograms of the weights and the network's graph.
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { eventRecord, histogramOf, type EventContent, type GraphNode, type Histogram } from '../../io/tensorboard-events.ts';
import { boolean, checkOptions, nonEmptyString } from '../../options.ts';
import type { EpochRecord } from '../history.ts';
import type { Callback, RunCapture, RunControl, RunNetwork, SavedCallback } from './callback.ts';
import { isText, savedData } from './saved.ts';
import { flatRecord } from './log.ts';

/** Options of `tensorBoard`. */
export interface TensorBoardOptions {
  /** Histograms of all tensors, before the first epoch and after every one (default false). */
  readonly histograms?: boolean;
  /** The layers and what they read (default true). */
  readonly graph?: boolean;
}

let files = 0;

/** An event file. */
class EventFile {
  private readonly file: FileHandle;

  private constructor(file: FileHandle) {
    this.file = file;
  }

  /** A new file in `folder`, whose events of `first` and later take the place of earlier files' ones. */
  static async create(folder: string, first: number): Promise<EventFile> {
    await mkdir(folder, { recursive: true });
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    // TensorBoard reads the files of a folder in the order of their names.
    const name = `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${String(files++).padStart(6, '0')}`;
    const file = new EventFile(await open(join(folder, name), 'wx'));
    await file.add(0, { kind: 'version' });
    await file.add(first, { kind: 'start' });
    return file;
  }

  async add(step: number, content: EventContent): Promise<void> {
    await this.file.appendFile(eventRecord(Date.now() / 1000, step, content));
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** The layers as nodes; one that is applied several times has a node for each. */
export function graphNodes({ inputs, layers, outputs }: RunNetwork): GraphNode[] {
  const used = new Set<string>(), nodes: GraphNode[] = [];
  const unique = (name: string): string => {
    const clean = name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^[_-]/, '.$&');
    let found = clean;
    for (let i = 1; used.has(found); i++) found = `${clean}_${i}`;
    used.add(found);
    return found;
  };
  const add = (name: string, op: string, reads: readonly number[], width: number, attributes: GraphNode['attributes']): void => {
    nodes.push({ name: unique(name), op, inputs: reads.map((value) => nodes[value]!.name), width, attributes });
  };
  for (const { name, features } of inputs) add(name, 'input', [], features, {});
  for (const { name, type, description, parameters, reads, outputs: width } of layers) add(name, type, reads, width, { description, parameters });
  for (const { name, value } of outputs) add(name, 'output', [value], nodes[value]!.width, {});
  return nodes;
}

/** Measures by tag: those of an output are in a group of its name. */
function scalarsOf(evaluation: object): Record<string, number> {
  const entries = flatRecord(evaluation).filter(([name]) => name !== 'epoch' && !name.startsWith('validation.'));
  return Object.fromEntries(entries.map(([name, value]) => [name.replace(/^outputs\./, '').replaceAll('.', '/'), value]));
}

function histogramsOf(tensors: RunCapture['tensors']): Record<string, Histogram> {
  return Object.fromEntries(tensors.flatMap(({ name, data }) => {
    const histogram = histogramOf(data);
    return histogram === undefined ? [] : [[name.replaceAll('.', '/'), histogram]];
  }));
}

/** The event files of a run. */
class Board {
  private readonly folder: string;
  private readonly options: Required<TensorBoardOptions>;
  private train: EventFile | undefined;
  private validation: EventFile | undefined;
  /** The first step that this run tells of. */
  private first = 0;

  constructor(folder: string, options: Required<TensorBoardOptions>) {
    this.folder = folder;
    this.options = options;
  }

  /** Begins the files. What the run told before is in earlier files where it `goesOn`, and is written where it does not. */
  async begin({ network, records, tensors }: RunControl, goesOn: boolean): Promise<void> {
    this.first = goesOn ? records.length + 1 : 0;
    this.train = await EventFile.create(join(this.folder, 'train'), this.first);
    if (this.options.graph && !goesOn) await this.train.add(0, { kind: 'graph', nodes: graphNodes(network) });
    if (this.options.histograms && records.length === 0) await this.train.add(0, { kind: 'summary', histograms: histogramsOf(await tensors()) });
    if (!goesOn) for (const record of records) await this.tell(record);
  }

  async tell(record: EpochRecord, tensors?: RunCapture['tensors']): Promise<void> {
    await this.train!.add(record.epoch, { kind: 'summary', scalars: scalarsOf(record), ...(tensors && { histograms: histogramsOf(tensors) }) });
    if (record.validation === undefined) return;
    this.validation ??= await EventFile.create(join(this.folder, 'validation'), this.first);
    await this.validation.add(record.epoch, { kind: 'summary', scalars: scalarsOf(record.validation) });
  }

  async close(): Promise<void> {
    await this.train?.close();
    await this.validation?.close();
  }
}

/**
 * Writes event files for TensorBoard (`tensorboard --logdir folder`), each epoch at once: loss, metrics and learning rate to
 * `folder/train` and what was measured on the validation data to `folder/validation`, so that both lie in the same charts. A folder
 * is for one run: a run that begins anew takes the place of an earlier one, and one that goes on from a checkpoint the place of
 * the epochs after it. Scalars have single precision there. Rejects with the system's error where a file cannot be written.
 *
 * @example await network.fit(train, { epochs: 20, validation: test, callbacks: [tensorBoard('runs/first', { histograms: true })] });
 */
export function tensorBoard(folder: string, options: TensorBoardOptions = {}): Callback {
  nonEmptyString('tensorBoard', 'folder', folder);
  checkOptions('tensorBoard', options, ['histograms', 'graph']);
  const histograms = boolean('tensorBoard', 'histograms', options.histograms ?? false), graph = boolean('tensorBoard', 'graph', options.graph ?? true);
  const path = resolve(folder);
  let board = new Board(path, { histograms, graph }), isBegun = false;
  const begin = async (control: RunControl, goesOn: boolean): Promise<void> => {
    isBegun = true;
    await board.begin(control, goesOn);
  };
  let goesOn = false;
  return {
    name: 'tensorBoard',
    async onBegin(control) {
      [board, isBegun, goesOn] = [new Board(path, { histograms, graph }), false, false];
      if (control.records.length === 0) await begin(control, false);
    },
    async onEpoch(record, control) {
      // Only now it is known whether the earlier run wrote to this folder.
      if (!isBegun) await begin({ ...control, records: control.records.slice(0, -1) }, goesOn);
      await board.tell(record, histograms ? await control.tensors() : undefined);
    },
    onEnd: () => board.close(),
    save: (): SavedCallback => ({ data: { folder: path }, tensors: {} }),
    resume({ data }) {
      goesOn = savedData<{ folder: string }>('tensorBoard', data, { folder: isText }).folder === path;
    },
  };
}
