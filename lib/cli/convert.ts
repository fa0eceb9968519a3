// densely convert: models from and to other formats.
import { extname } from 'node:path';
import { exportOnnx } from '../interchange/onnx/export.ts';
import { importOnnx } from '../interchange/onnx/import.ts';
import { exportStateDict } from '../interchange/pytorch/state-dict.ts';
import { Network } from '../network/network.ts';
import { quote } from '../options.ts';
import type { Command, CommandLine } from './command.ts';
import { UsageError } from './exit-codes.ts';
import { note, print, printJson, type Terminal } from './terminal.ts';
import { modelFile } from './model.ts';
import { checkOutput } from './output-file.ts';

const flags = {
  opset: { kind: 'number', value: '<version>', doc: 'of the ONNX operators, 13 to 19 (default 17)' },
  pytorch: { kind: 'switch', doc: 'write the weights as a PyTorch state dict, and say the nn.Sequential that they belong to' },
  json: { kind: 'switch', doc: 'what was written, as JSON' },
} as const;

async function write(network: Network, to: string, { flags: given }: CommandLine): Promise<string | undefined> {
  const opset = given.number('opset'), isOnnx = extname(to) === '.onnx';
  if (isOnnx && given.isSet('pytorch')) throw new UsageError(`expected a .safetensors file with --pytorch but received ${quote(to)}`);
  if (!isOnnx && opset !== undefined) throw new UsageError(`expected --opset with a .onnx file but received ${quote(to)}`);
  if (given.isSet('pytorch')) return exportStateDict(network, to);
  await (isOnnx ? exportOnnx(network, to, { ...(opset !== undefined && { opset }) }) : network.save(to));
  return undefined;
}

async function run(line: CommandLine, terminal: Terminal): Promise<void> {
  const [from, to] = line.operands as [string, string];
  if (!['.onnx', '.safetensors'].includes(extname(to))) throw new UsageError(`expected a .onnx or .safetensors file to write but received ${quote(to)}`);
  await checkOutput(to);
  const network = extname(from) === '.onnx' ? await importOnnx(from) : await Network.load(await modelFile(from));
  const text = await write(network, to, line), isOther = extname(to) === '.onnx' || line.flags.isSet('pytorch');
  const lost = isOther ? [...(network.columns === undefined ? [] : ['the names of columns and classes']), ...(network.preprocessor === undefined ? [] : ['the preprocessor'])] : [];
  if (line.flags.isSet('json')) {
    printJson(terminal, { from, to, lost, ...(text !== undefined && { module: text }) });
    return;
  }
  if (text !== undefined) print(terminal, text);
  note(terminal, `${quote(from, Infinity)} is now ${quote(to, Infinity)}${lost.length === 0 ? '' : `, which cannot keep ${lost.join(' and ')}`}.`);
}

export const convertCommand: Command = {
  name: 'convert',
  summary: 'Converts a model to ONNX or from it, or its weights to a PyTorch state dict.',
  usage: ['<from> <to> [flags]'],
  operands: [2, 2],
  flags,
  examples: [
    { line: 'densely convert model.safetensors model.onnx', doc: 'for ONNX Runtime and others' },
    { line: 'densely convert model.onnx model.safetensors', doc: 'to train on, evaluate and predict' },
    { line: 'densely convert model.safetensors torch.safetensors --pytorch', doc: 'for load_state_dict' },
  ],
  run,
};
