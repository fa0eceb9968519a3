// Runs a command line to its exit code: finds the command, shows help, and says in one sentence what went wrong.
import { DenselyError } from '../errors.ts';
import { quote, suggestion } from '../options.ts';
import { benchCommand } from './bench.ts';
import { buildNativeCommand } from './build-native.ts';
import type { Command } from './command.ts';
import { convertCommand } from './convert.ts';
import { diagnoseCommand } from './diagnose.ts';
import { evaluateCommand } from './evaluate.ts';
import { exitCodeOf, exitCodes, InterruptedError, UsageError } from './exit-codes.ts';
import { readFlags } from './flags.ts';
import { commandHelp, programHelp } from './help.ts';
import { infoCommand } from './info.ts';
import { inspectCommand } from './inspect.ts';
import { packageManifest } from './package.ts';
import { predictCommand } from './predict.ts';
import { columnsOf, note, print, type Terminal } from './terminal.ts';
import { trainCommand } from './train.ts';

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [trainCommand, evaluateCommand, predictCommand, inspectCommand, diagnoseCommand, convertCommand, infoCommand, benchCommand, buildNativeCommand];

/** Runs the command that `args` name, such as `['info', '--json']`; resolves to the exit code. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args, columns = columnsOf(terminal.output);
  if (first === undefined || first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    print(terminal, programHelp(commands, packageManifest().version, columns));
    return first === undefined ? exitCodes.wrongUse : exitCodes.ok;
  }
  if (first === '--version' || first === '-v') {
    print(terminal, packageManifest().version);
    return exitCodes.ok;
  }
  const name = first === 'help' ? rest[0]! : first, command = commands.find((each) => each.name === name);
  if (command === undefined) {
    const near = suggestion(name, commands.map((each) => each.name));
    note(terminal, `densely: unknown command ${quote(name)}${near === '' ? `; known are ${commands.map((each) => each.name).join(', ')}` : near}`);
    return exitCodes.wrongUse;
  }
  if (first === 'help' || rest.includes('--help') || rest.includes('-h')) {
    print(terminal, commandHelp(command, columns));
    return exitCodes.ok;
  }
  try {
    await command.run(readFlags(rest, command.flags, command.operands, `'densely ${name} ${command.usage[0]}'`), terminal);
    return exitCodes.ok;
  } catch (error) {
    const sentence = sentenceOf(error).replace(`[${name}] `, '');
    if (sentence !== '') note(terminal, `densely ${name}: ${sentence}`);
    return exitCodeOf(error);
  }
}

/** What a user is told of an error: its sentence, and where it came from only if it is our own fault. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError || error instanceof InterruptedError || error instanceof DenselyError) return error.message;
  if (code === 'ENOENT' && path !== undefined) return `there is no file ${quote(path, Infinity)}`;
  if (code === 'EISDIR') return `expected a file but ${path === undefined ? 'it' : quote(path, Infinity)} is a folder`;
  // What the system says is a sentence; anything else is a mistake of ours or of a user's module, and needs its place.
  return code !== undefined ? error.message : error.stack ?? error.message;
}
