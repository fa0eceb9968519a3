// Models that a command line names: a file, or a folder of checkpoints, of which the newest is meant.
import { DataError } from '../errors.ts';
import { Network } from '../network/network.ts';
import { quote } from '../options.ts';
import { readNewest } from '../train/checkpoint/files.ts';
import type { Settings } from './configuration.ts';
import { isFolder } from './data.ts';
import { machineOf } from './job.ts';

/** The file of a model. */
export async function modelFile(path: string): Promise<string> {
  if (!(await isFolder(path))) return path;
  const newest = await readNewest(path);
  if (newest === undefined) throw new DataError(`expected a model or a folder of checkpoints but ${quote(path, Infinity)} holds none`);
  return newest.path;
}

export async function loadModel(path: string, settings: Settings): Promise<Network> {
  return Network.load(await modelFile(path), machineOf(settings));
}
