// What contestants that run in Node have in common: installed beside this file, each trial a process of Node.

import { fileURLToPath } from 'node:url';
import type { Command } from '../launch.ts';
import { startupCommand } from '../startup.ts';
import type { TrialRequest } from '../trial-types.ts';

/** How a trial of the program `<file>` in this folder is started. */
export function nodeCommand(file: string): (request: TrialRequest) => Command {
  return (request) => {
    if (request.mode === 'measure' && (request.case.kind === 'import' || request.case.kind === 'load')) return startupCommand(request);
    return { command: process.execPath, args: ['--import', 'tsx', fileURLToPath(new URL(file, import.meta.url)), JSON.stringify(request)] };
  };
}
