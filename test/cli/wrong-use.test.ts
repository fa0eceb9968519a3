// Wrong use: one sentence to the errors that names the nearest right thing, exit code 2, and nothing written.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { densely, digits, scratch } from './session.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const train = ['train', '-d', digits, '-t', 'label', '-e', '1', '-o', at('never.st')];
writeFileSync(at('text.csv'), 'a,b\n1,x\n');

test.each<[string[], number, string]>([
  [['trian'], 2, "densely: unknown command 'trian'; did you mean 'train'?"],
  [['xyz'], 2, "densely: unknown command 'xyz'; known are train, evaluate, predict, inspect, diagnose, convert, info, bench, build-native"],
  [['train', '--epoch', '3'], 2, "unknown flag '--epoch'; did you mean '--epochs'?"],
  [['train', '--learnig-rate=3'], 2, "unknown flag '--learnig-rate'; did you mean '--learning-rate'?"],
  [['train', '-z'], 2, "unknown flag '-z'; --help lists those there are"],
  [['train'], 2, 'expected --data, the examples to learn from'],
  [['train', '--epochs'], 2, 'expected a value after --epochs'],
  [['train', '--data', '--target', 'y'], 2, 'expected a value after --data but received the flag --target'],
  [['train', '--epochs', 'ten'], 2, "expected --epochs to be a number but received 'ten'"],
  [['train', '--json=yes'], 2, "expected --json without a value but received 'yes'"],
  [['train', 'digits.csv'], 2, "expected a configuration (.json, .mjs, .js) but received 'digits.csv'; data go after --data"],
  [['train', 'a.json', '-c', 'b.json'], 2, "expected one configuration but received 'a.json' and 'b.json'"],
  [['train', 'a.json', 'b.json'], 2, "expected at most 1 argument but received 'b.json' besides"],
  [['train', '-d', digits], 2, 'expected --target, the column to predict'],
  [['train', '-d', digits, '-t', 'labl'], 2, "unknown column 'labl' in 'target'; did you mean 'label'?"],
  [['train', '-d', 'nowhere.csv', '-t', 'y'], 1, "there is no file 'nowhere.csv'"],
  [['train', '-d', at('text.csv'), '-t', 'a'], 1, "(line 2, column 'b'); --preprocess auto takes names and missing cells"],
  [[...train, '-e', '2'], 2, 'expected --epochs once but received it twice'],
  [[...train, '-l', '64:rleu'], 2, "but received 'rleu'; did you mean 'relu'?"],
  [[...train, '-l', '64:relu,droput:0.2'], 2, "unknown layer 'droput'; did you mean 'dropout'?"],
  [[...train, '-l', 'dense(64,relu'], 2, "expected ')' in layers 'dense(64,relu' but received its end"],
  [[...train, '-l', 'dense(64, uints=3)'], 2, "unknown option 'uints'; did you mean 'units'?"],
  [[...train, '-l', '64 relu'], 2, "expected ',' or the end in layers '64 relu' but received 'relu' at character 4"],
  [[...train, '--optimizer', 'adm'], 2, "unknown optimizer 'adm'; did you mean 'adam'?"],
  [[...train, '--optimizer', '{"type":'], 2, 'expected optimizer to be JSON but '],
  [[...train, '--optimizer', 'lbfgs', '--learning-rate', '0.1'], 2, 'expected no learning rate with lbfgs, which searches its steps'],
  [[...train, '--optimizer', 'adam(0.1)', '--learning-rate', '0.1'], 2, 'expected one learning rate but received one with the optimizer and one beside it'],
  [[...train, '--schedule', 'cosin'], 2, "unknown schedule 'cosin'; did you mean 'cosine'?"],
  [[...train, '--loss', 'hubr'], 2, "unknown loss 'hubr'; did you mean 'huber'?"],
  [[...train, '--task', 'clases'], 2, "did you mean 'classes'?"],
  [[...train, '--backend', 'natve'], 2, "did you mean 'native'?"],
  [[...train, '--early-stopping', 'patince=3'], 2, "unknown option 'patince'; did you mean 'patience'?"],
  [[...train, '--resume'], 2, 'expected --checkpoints, the folder to go on from'],
  [[...train, '--checkpoints', at('c'), '--checkpoint-every', 'often'], 2, "expected --checkpoint-every to be such as 5, '1000 steps' or '60 s' but received 'often'"],
  [['train', '-d', digits, '-t', 'label', '-o', at('none/model.st')], 2, `expected a folder that can be written to for '${at('none/model.st')}' but received '${at('none')}'`],
  [['evaluate'], 2, "expected 'densely evaluate <model> --data <file> [flags]'"],
  [['evaluate', 'nowhere.st', '-d', digits], 1, "there is no file 'nowhere.st'"],
  [['evaluate', digits, '-d', digits], 1, 'expected a header of at most'],
  [['inspect', folder], 1, `expected a model, an ensemble or a folder of checkpoints but '${folder}' holds none`],
  [['evaluate', 'm.st', '-d', digits, '--report', folder], 2, `expected a file to write but received the folder '${folder}'`],
  [['predict', 'm.st', '-d', digits, '-o', at('none/out.csv')], 2, `but received '${at('none')}'`],
  [[...train, '--metrics', 'acuracy'], 2, "did you mean 'accuracy'?"],
  [[...train, '--log', 'run.txt'], 2, "expected a .jsonl or .csv file for --log but received 'run.txt'"],
  [['info', 'more'], 2, "expected flags alone but received 'more' besides"],
  [['convert', 'a.st', 'b.pb'], 2, "expected a .onnx or .safetensors file to write but received 'b.pb'"],
])('%j', async (args, code, sentence) => {
  const session = await densely(args);
  expect(session.errors).toContain(sentence);
  expect(session.errors.trimEnd().split('\n').at(-1)).toMatch(/^densely/);
  expect(session.code).toBe(code);
  expect(readdirSync(folder)).toEqual(['text.csv']);
});

test('help and version are no mistakes, nothing at all is one', async () => {
  expect(await densely(['--version'])).toMatchObject({ code: 0, errors: '', output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  const help = await densely(['--help']);
  expect(help).toMatchObject({ code: 0, errors: '' });
  expect(await densely([])).toMatchObject({ code: 2, output: help.output });
  expect((await densely(['help', 'train'])).output).toBe((await densely(['train', '-h'])).output);
});
