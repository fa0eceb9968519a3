// Help texts, made of what commands say of themselves.
import type { Command } from './command.ts';
import { flagName, type FlagDefinition } from './flags.ts';
import { wrap } from './format.ts';

/** Narrower than this, a doc stands below its name. */
const leastDoc = 30;
const widest = 100;

/** Names with what they mean, in two columns, or below each other where there is no room. */
function pairs(rows: readonly (readonly [name: string, doc: string])[], width: number): string {
  const name = Math.max(...rows.map(([text]) => text.length)) + 4, beside = width - name >= leastDoc;
  return rows.map(([text, doc]) => (beside
    ? `  ${text.padEnd(name - 2)}${wrap(doc, width, name)}`
    : `  ${text}\n      ${wrap(doc, width, 6)}`)).join('\n');
}

function flagText(name: string, { kind, short, value }: FlagDefinition): string {
  return `${short === undefined ? '' : `-${short}, `}${flagName(name)}${kind === 'switch' ? '' : ` ${value ?? `<${kind}>`}`}`;
}

/** The help of a command. */
export function commandHelp({ name, summary, usage, flags, examples, notes = [] }: Command, columns: number): string {
  const width = Math.min(columns, widest), groups = new Map<string, [string, string][]>();
  for (const [flag, definition] of Object.entries(flags)) {
    const group = definition.group ?? 'Flags';
    groups.set(group, [...(groups.get(group) ?? []), [flagText(flag, definition), definition.doc]]);
  }
  return [
    wrap(summary, width), '',
    ...usage.map((line, i) => `${i === 0 ? 'Usage: ' : '       '}densely ${name} ${line}`.trimEnd()), '',
    ...[...groups].flatMap(([title, rows]) => [`${title}:`, pairs(rows, width), '']),
    ...notes.flatMap((text) => [wrap(text, width), '']),
    'Examples:',
    ...examples.flatMap(({ line, doc }) => [`  # ${wrap(doc, width, 4)}`, `  ${line}`]),
  ].join('\n');
}

/** The help of the whole program. */
export function programHelp(commands: readonly Command[], version: string, columns: number): string {
  const width = Math.min(columns, widest);
  return [
    wrap(`densely ${version}: deep feedforward networks, trained and used from the command line.`, width), '',
    'Usage: densely <command> [flags]', '',
    'Commands:', pairs(commands.map(({ name, summary }) => [name, summary] as const), width), '',
    wrap("'densely <command> --help' tells more, with examples. '-' stands for standard input or output wherever a file of data is named.", width), '',
    'Exit codes: 0 done, 1 the job failed, 2 wrong use, 130 interrupted.',
  ].join('\n');
}
