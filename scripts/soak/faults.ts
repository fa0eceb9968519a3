// What can befall a process at any call to the file system: its end before or after the call or in the middle of a write, an error, or a
// short write. Replaces functions of node:fs/promises, so that whoever imported them before gets these.
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Calls that are counted. */
export type OperationName = 'mkdir' | 'open' | 'write' | 'chmod' | 'sync' | 'read' | 'close' | 'rename' | 'unlink';

export interface Operation {
  /** Counted from 0. */
  readonly number: number;
  readonly name: OperationName;
  readonly path: string;
}

/** What befalls an operation: `torn` is half of a write and then the end, `short` a write that the system does in part. */
export type Fault = 'end before' | 'end after' | 'torn' | 'short' | { readonly code: string };

/** The faults that make sense at an operation of a process that ends there. */
export const endsAt = ({ name }: Operation): Fault[] => (name === 'write' ? ['end before', 'torn', 'end after'] : ['end before', 'end after']);

type Functions = Record<string, (...args: unknown[]) => Promise<unknown>>;
const replaced = ['mkdir', 'open', 'rename', 'unlink'] as const, ofFiles = ['write', 'chmod', 'sync', 'read', 'close'] as const;
const isWriting = (name: OperationName): boolean => name !== 'read' && name !== 'close';

/** A system error as Node makes it. */
function systemError(code: string, call: string): Error {
  const text = { ENOSPC: 'no space left on device', EIO: 'i/o error' }[code] ?? 'failure';
  return Object.assign(new Error(`${code}: ${text}, ${call}`), { code, syscall: call });
}

/** Counts operations below a folder while it is in place, and lets `decide` say what befalls them. */
export class Faults {
  readonly operations: Operation[] = [];
  private readonly folder: string;
  private readonly decide: (operation: Operation) => Fault | undefined;
  private readonly end: () => Promise<never> | never;
  private readonly originals = { ...fs } as unknown as Functions;
  /** What closes each file that is open. */
  private readonly open = new Map<FileHandle, () => Promise<unknown>>();
  private isEnded = false;

  /** @param end Ends the process; where it returns a promise that never settles, everything that would come after it never comes. */
  constructor(folder: string, decide: (operation: Operation) => Fault | undefined, end: () => Promise<never> | never) {
    this.folder = folder;
    this.decide = decide;
    this.end = end;
    const functions = fs as unknown as Functions;
    for (const name of replaced) {
      functions[name] = (...args) => {
        if (!String(args[0]).startsWith(folder)) return this.originals[name]!(...args);
        return this.through(name, String(args[0]), args, async () => (name === 'open' ? this.watched((await this.originals['open']!(...args)) as FileHandle, String(args[0])) : this.originals[name]!(...args)));
      };
    }
    syncBuiltinESMExports();
  }

  /** Puts everything back, and closes what a process that had ended would not have open. */
  async remove(): Promise<void> {
    Object.assign(fs, Object.fromEntries(replaced.map((name) => [name, this.originals[name]])));
    syncBuiltinESMExports();
    for (const close of this.open.values()) await close();
    this.open.clear();
  }

  private watched(handle: FileHandle, path: string): FileHandle {
    const functions = handle as unknown as Functions;
    this.open.set(handle, handle.close.bind(handle));
    for (const name of ofFiles) {
      const original = functions[name]!.bind(handle);
      functions[name] = (...args) => this.through(name, path, args, (given) => {
        if (name === 'close') this.open.delete(handle);
        return original(...given);
      });
    }
    return handle;
  }

  private async through(name: OperationName, path: string, args: readonly unknown[], call: (args: readonly unknown[]) => Promise<unknown>): Promise<unknown> {
    if (this.isEnded) return new Promise<never>(() => undefined);
    const operation = { number: this.operations.length, name, path: path.slice(this.folder.length) };
    this.operations.push(operation);
    const fault = this.decide(operation);
    if (fault === undefined) return call(args);
    if (typeof fault === 'object') {
      // A file that cannot be closed cleanly is closed all the same.
      if (name === 'close') await call(args);
      throw systemError(fault.code, isWriting(name) ? name : `f${name}`);
    }
    const half = [args[0], args[1] ?? 0, Math.floor(Number(args[2] ?? 0) / 2)];
    if (fault === 'short') return call(half);
    if (fault === 'torn') await call(half);
    if (fault === 'end after') await call(args);
    this.isEnded = true;
    return this.end();
  }
}
