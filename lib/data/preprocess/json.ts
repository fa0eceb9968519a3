// A preprocessor as JSON, and the check of what claims to be one.

import { ModelFormatError } from '../../errors.ts';
import { describe, quote } from '../../options.ts';
import { outputsOf, type FittedColumn } from './fitted.ts';
import { kinds } from './options.ts';
import { MOST_CATEGORIES } from './statistics.ts';

/** What `preprocessor.toJSON()` gives. */
export interface PreprocessorJson {
  readonly format: 'densely-preprocessor';
  readonly version: 1;
  readonly missingValues: readonly string[];
  /** In the order of the raw rows; one is the target. */
  readonly columns: readonly FittedColumn[];
}

const MOST_COLUMNS = 2 ** 17, MOST_OUTPUTS = 2 ** 20;

/**
 * Returns `json` if it is a preprocessor, without anything that is no part of one.
 * @throws {ModelFormatError} On anything else.
 */
export function checkPreprocessorJson(json: unknown): PreprocessorJson {
  const { format, version, missingValues, columns } = fieldsOf(json, 'the JSON of a preprocessor', ['format', 'version', 'missingValues', 'columns']);
  if (format !== 'densely-preprocessor') throw wrong('format', "'densely-preprocessor'", format);
  if (version !== 1) throw wrong('version', '1', version);
  if (!Array.isArray(columns) || columns.length > MOST_COLUMNS) throw wrong('columns', `an array of at most ${MOST_COLUMNS} columns`, columns);
  const checked = columns.map((column, i) => checkColumn(column, `columns[${i}]`));
  const names = new Set(checked.map(({ name }) => name));
  if (names.size < checked.length) throw wrong('columns', 'columns of different names', columns);
  if (checked.filter(({ kind }) => kind === 'target').length !== 1) throw wrong('columns', 'columns with one target among them', columns);
  const outputs = checked.reduce((so, column) => so + outputsOf(column).length, 0);
  if (outputs < 1 || outputs > MOST_OUTPUTS) throw wrong('columns', `columns of 1 to ${MOST_OUTPUTS} outputs`, outputs);
  return { format, version, missingValues: texts(missingValues, 'missingValues'), columns: checked };
}

function checkColumn(given: unknown, at: string): FittedColumn {
  const { kind } = object(given, at);
  if (kind === 'target') return checkTarget(given, at);
  if (typeof kind !== 'string' || !(kinds as readonly string[]).includes(kind)) throw wrong(`${at}.kind`, `one of ${kinds.map((each) => `'${each}'`).join(', ')}, 'target'`, kind);
  if (kind === 'ignored') return { name: text(fieldsOf(given, at, ['name', 'kind'])['name'], `${at}.name`), kind };
  if (kind === 'boolean') {
    const { name, fill, indicator } = fieldsOf(given, at, ['name', 'kind', 'fill', 'indicator']);
    if (fill !== null && typeof fill !== 'boolean') throw wrong(`${at}.fill`, 'true, false or null', fill);
    return { name: text(name, `${at}.name`), kind, fill, indicator: truth(indicator, `${at}.indicator`) };
  }
  if (kind === 'numeric') {
    const { name, fill, indicator, shift, scale } = fieldsOf(given, at, ['name', 'kind', 'fill', 'indicator', 'shift', 'scale']);
    return {
      name: text(name, `${at}.name`), kind, fill: fill === null ? null : number(fill, `${at}.fill`), indicator: truth(indicator, `${at}.indicator`),
      shift: number(shift, `${at}.shift`), scale: positive(scale, `${at}.scale`),
    };
  }
  const { name, fill, indicator, encoding, categories, unseen } = fieldsOf(given, at, ['name', 'kind', 'fill', 'indicator', 'encoding', 'categories', 'unseen']);
  if (encoding !== 'oneHot' && encoding !== 'ordinal') throw wrong(`${at}.encoding`, "'oneHot' or 'ordinal'", encoding);
  if (unseen !== 'refuse' && unseen !== 'zeros' && unseen !== 'other') throw wrong(`${at}.unseen`, "'refuse', 'zeros' or 'other'", unseen);
  if (unseen === 'zeros' && encoding === 'ordinal') throw wrong(`${at}.unseen`, "'refuse' or 'other' for ordinal encoding", unseen);
  if (fill !== null && typeof fill !== 'string') throw wrong(`${at}.fill`, 'a text or null', fill);
  return { name: text(name, `${at}.name`), kind: 'categorical', fill, indicator: truth(indicator, `${at}.indicator`), encoding, categories: different(categories, `${at}.categories`), unseen };
}

function checkTarget(given: unknown, at: string): FittedColumn {
  if ('classes' in object(given, at)) {
    const { name, classes } = fieldsOf(given, at, ['name', 'kind', 'classes']);
    const names = different(classes, `${at}.classes`);
    if (names.length === 0) throw wrong(`${at}.classes`, 'at least one name', classes);
    return { name: text(name, `${at}.name`), kind: 'target', classes: names };
  }
  const { name, shift, scale } = fieldsOf(given, at, ['name', 'kind', 'shift', 'scale']);
  return { name: text(name, `${at}.name`), kind: 'target', shift: number(shift, `${at}.shift`), scale: positive(scale, `${at}.scale`) };
}

function object(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, 'an object', value);
  return value as Readonly<Record<string, unknown>>;
}

/** The fields of an object that has these and no others. */
function fieldsOf<Name extends string>(value: unknown, at: string, names: readonly Name[]): Readonly<Record<Name, unknown>> {
  const given = object(value, at);
  for (const name of Object.keys(given)) if (!(names as readonly string[]).includes(name)) throw new ModelFormatError(`[Preprocessor.from] unknown field ${quote(name)} in ${at}`);
  for (const name of names) if (!Object.hasOwn(given, name)) throw new ModelFormatError(`[Preprocessor.from] expected a field '${name}' in ${at}`);
  return given as Readonly<Record<Name, unknown>>;
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string') throw wrong(at, 'a text', value);
  return value;
}

function texts(value: unknown, at: string): readonly string[] {
  if (!Array.isArray(value) || value.length > MOST_CATEGORIES + 1 || value.some((each) => typeof each !== 'string')) throw wrong(at, `an array of at most ${MOST_CATEGORIES + 1} texts`, value);
  return value.slice() as string[];
}

function different(value: unknown, at: string): readonly string[] {
  const names = texts(value, at);
  if (new Set(names).size < names.length) throw wrong(at, 'an array of different texts', value);
  return names;
}

function truth(value: unknown, at: string): boolean {
  if (typeof value !== 'boolean') throw wrong(at, 'true or false', value);
  return value;
}

function number(value: unknown, at: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(at, 'a finite number', value);
  return value;
}

function positive(value: unknown, at: string): number {
  if (number(value, at) <= 0) throw wrong(at, 'a positive number', value);
  return value as number;
}

function wrong(at: string, expected: string, value: unknown): ModelFormatError {
  return new ModelFormatError(`[Preprocessor.from] expected '${at}' to be ${expected} but received ${describe(value)}`);
}
