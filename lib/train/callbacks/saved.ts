// What callbacks find in a checkpoint: nothing in a file is believed.
import { ModelFormatError } from '../../errors.ts';
import { describe } from '../../options.ts';

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
export const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
export const isText = (value: unknown): boolean => typeof value === 'string';

/** The data of a callback by name, each as its check wants it; throws a ModelFormatError that names the callback. */
export function savedData<Data extends object>(callback: string, data: unknown, checks: { readonly [name in keyof Data]: (value: unknown) => boolean }): Data {
  const found = (typeof data === 'object' && data !== null ? data : {}) as Data;
  for (const [name, isGood] of Object.entries(checks) as [keyof Data & string, (value: unknown) => boolean][]) {
    const value = Object.hasOwn(found, name) ? found[name] : undefined;
    if (!isGood(value)) throw new ModelFormatError(`[${callback}] the checkpoint has ${describe(value)} as '${name}' of this callback, which no run writes`);
  }
  return found;
}
