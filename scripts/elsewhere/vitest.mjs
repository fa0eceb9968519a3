// In vitest's place where it cannot run: node:test, with vitest's own expectations.
import { describe as nodeDescribe, test as nodeTest } from 'node:test';
import { format } from 'node:util';
import * as chai from 'chai';
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
export const expect = chai.expect;

/** `$name` and `%s` in the name of a test of a table. */
function titleOf(name, row) {
  const named = name.replace(/\$(\w+)/g, (text, key) => (row !== null && typeof row === 'object' && key in row ? String(row[key]) : text));
  return /%[sdijo]/.test(named) ? format(named, ...(Array.isArray(row) ? row : [row])) : named;
}

/** vitest's `test` or `describe`; a time limit after the function is of no use on an emulated processor. */
function ofVitest(run) {
  const call = (name, body) => run(name, body);
  call.each = (rows) => (name, body) => {
    for (const row of rows) run(titleOf(name, row), () => (Array.isArray(row) ? body(...row) : body(row)));
  };
  call.skip = (name) => run(name, { skip: true }, () => undefined);
  call.runIf = (condition) => (condition ? call : Object.assign((...args) => call.skip(...args), { each: () => call.skip }));
  call.skipIf = (condition) => call.runIf(!condition);
  return call;
}

export const describe = ofVitest(nodeDescribe);
export const test = ofVitest((name, body) => nodeTest(name, () => body()));
