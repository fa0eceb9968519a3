// Where things are: the repository, and the folder in which setup keeps its lock, logs and stamps.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const stateFolder = join(root, '.setup');
export const inRoot = (...parts) => join(root, ...parts);
export const inState = (...parts) => join(stateFolder, ...parts);
