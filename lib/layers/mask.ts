// Which inputs each unit of a layer reads: as users say it, and as one bit for each weight in saved models.
import { OptionError } from '../errors.ts';
import { describe, invalid } from '../options.ts';

/** A matrix of units × inputs of 0 and 1, its bits row by row, the lowest of a byte first, as base64. */
export interface PackedMask { readonly units: number; readonly inputs: number; readonly bits: string }
/** Rows of 0 and 1 (or false and true), one row for each unit and one number for each input. */
export type Mask = readonly ArrayLike<number | boolean>[];

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);

function pack(units: number, inputs: number, isSet: (unit: number, input: number) => boolean): PackedMask {
  const bytes = new Uint8Array(Math.ceil((units * inputs) / 8));
  for (let unit = 0; unit < units; unit++) {
    let count = 0;
    for (let input = 0; input < inputs; input++) {
      if (!isSet(unit, input)) continue;
      const at = unit * inputs + input;
      bytes[at >> 3]! |= 1 << (at & 7);
      count++;
    }
    if (count === 0) throw new OptionError(`[dense] expected 'mask' to leave every unit an input but unit ${unit} has none`);
  }
  return { units, inputs, bits: Buffer.from(bytes).toString('base64') };
}

/** The mask of a layer of `units`, packed; it may come packed, from a file. */
export function checkMask(mask: unknown, units: number): PackedMask {
  if (!isList(mask)) return checkPacked(mask, units);
  if (mask.length !== units || !isList(mask[0]) || mask[0].length === 0) throw invalid('dense', 'mask', `an array of ${units} rows of 0 and 1, one row for each unit,`, mask);
  const inputs = mask[0].length;
  return pack(units, inputs, (unit, input) => {
    const row = mask[unit];
    if (!isList(row) || row.length !== inputs) throw new OptionError(`[dense] expected each row of 'mask' to have ${inputs} numbers but row ${unit} is ${describe(row)}`);
    const value = row[input];
    if (value !== 0 && value !== 1 && typeof value !== 'boolean') throw new OptionError(`[dense] expected 'mask' to hold 0 and 1 but row ${unit} holds ${describe(value)}`);
    return value === 1 || value === true;
  });
}

function checkPacked(mask: unknown, units: number): PackedMask {
  const { units: rows, inputs, bits } = (typeof mask === 'object' && mask !== null ? mask : {}) as Partial<PackedMask>;
  const isGood = rows === units && Number.isSafeInteger(inputs) && inputs! > 0 && typeof bits === 'string' && Buffer.byteLength(bits, 'base64') === Math.ceil((units * inputs!) / 8);
  if (!isGood) throw invalid('dense', 'mask', `an array of ${units} rows of 0 and 1, one row for each unit,`, mask);
  return { units, inputs: inputs!, bits: bits! };
}

/** Lists of inputs, one for each unit, checked and in order. */
export function checkConnections(connections: unknown, units: number): number[][] {
  if (!Array.isArray(connections) || connections.length !== units) throw invalid('dense', 'connections', `an array of ${units} lists of inputs, one list for each unit,`, connections);
  return connections.map((list: unknown, unit) => {
    if (!isList(list) || list.length === 0) throw new OptionError(`[dense] expected 'connections' to give every unit an input but those of unit ${unit} are ${describe(list)}`);
    const numbers = Array.from(list, (input) => {
      if (!Number.isSafeInteger(input) || Number(input) < 0) throw new OptionError(`[dense] expected 'connections' to hold numbers of inputs, from 0, but unit ${unit} has ${describe(input)}`);
      return Number(input);
    });
    return [...new Set(numbers)].sort((a, b) => a - b);
  });
}

/** One byte, 0 or 1, for each weight [units, inputs]. */
export function maskBytes(mask: PackedMask | undefined, connections: readonly (readonly number[])[] | undefined, where: string, units: number, inputs: number): Uint8Array | undefined {
  if (mask === undefined && connections === undefined) return undefined;
  const bytes = new Uint8Array(units * inputs);
  if (mask !== undefined) {
    if (mask.inputs !== inputs) throw new OptionError(`${where} expected 'mask' to have ${inputs} columns, one for each input, but it has ${mask.inputs}`);
    const bits = Buffer.from(mask.bits, 'base64');
    for (let i = 0; i < bytes.length; i++) bytes[i] = (bits[i >> 3]! >> (i & 7)) & 1;
  }
  connections?.forEach((list, unit) => {
    const last = list.at(-1)!;
    if (last >= inputs) throw new OptionError(`${where} expected 'connections' to hold numbers below ${inputs}, the inputs, but unit ${unit} has ${last}`);
    for (const input of list) bytes[unit * inputs + input] = 1;
  });
  return bytes;
}
