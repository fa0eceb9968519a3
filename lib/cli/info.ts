// densely info: what computes, and why.
import { diagnostics } from '../backend/select.ts';
import type { Command, CommandLine } from './command.ts';
import { facts, wrap } from './format.ts';
import { columnsOf, print, printJson, type Terminal } from './terminal.ts';

async function run({ flags }: CommandLine, terminal: Terminal): Promise<void> {
  const found = diagnostics(), { backend, reason, threads, native, addon, node, platform, glibc } = found;
  if (flags.isSet('json')) {
    printJson(terminal, found);
    return;
  }
  const pairs: [string, string][] = [
    ['backend', `${backend}: ${reason}`], ['threads', String(threads)],
    ...(native === undefined ? [] : [['processor', `${native.cores} core${native.cores === 1 ? '' : 's'}, ${native.isa}${native.bfloat16 ? ', bfloat16' : ''}`], ['OpenBLAS', `${native.openblas.config.trim()} (${native.openblas.core}, ${native.openblas.parallel})`]] as [string, string][]),
    ...(addon.file === undefined ? [] : [['addon', addon.file]] as [string, string][]),
    ...addon.tried.map(({ file, error }): [string, string] => ['tried', `${file}: ${error}`]),
    ['Node', node], ['platform', `${platform}${glibc === undefined ? '' : `, glibc ${glibc}`}`],
  ];
  const indent = Math.max(...pairs.map(([name]) => name.length)) + 2;
  print(terminal, facts(pairs.map(([name, value]) => [name, wrap(value, columnsOf(terminal.output), indent)])));
}

export const infoCommand: Command = {
  name: 'info',
  summary: 'Says which backend computes, why, and on what.',
  usage: ['[--json]'],
  operands: [0, 0],
  flags: { json: { kind: 'switch', doc: 'as JSON' } },
  examples: [
    { line: 'densely info', doc: 'backend, threads, OpenBLAS' },
    { line: 'DENSELY_BACKEND=typescript densely info --json', doc: 'what the environment decides, for a program to read' },
  ],
  run,
};
