#!/usr/bin/env node
// Builds dist/, whether or not lib/ has changed since.
import { withLock } from './setup/lock.mjs';
import { warn } from './setup/report.mjs';
import { buildTypescript } from './setup/typescript.mjs';

try {
  await withLock(buildTypescript);
} catch (error) {
  warn(error.message);
  process.exitCode = 1;
}
