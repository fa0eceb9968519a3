// Puts groups into phases: what is in one phase does not wait for each other, so that threads meet once a phase and not after
// every instruction.
import type { Group } from './fuse.ts';
import type { Unit } from './units.ts';

/**
 * Phases of `groups`, which are given in an order in which they can run. Stores and assignments come as early as they can, so
 * that a gradient is applied as soon as it is known; everything else as late as it can, so that a value lives no longer than it must.
 */
export function schedule(groups: readonly Group[]): Group[][] {
  const groupOf = new Map<Unit, Group>(groups.flatMap((group) => group.units.map((unit) => [unit, group])));
  const before = new Map(groups.map((group) => [group, neighbours(group, groupOf, (unit) => unit.before.map((dependency) => dependency.unit))]));
  const after = new Map(groups.map((group) => [group, neighbours(group, groupOf, (unit) => unit.after)]));

  const phase = new Map<Group, number>();
  for (const group of groups) phase.set(group, 1 + Math.max(-1, ...before.get(group)!.map((other) => phase.get(other)!)));
  for (const group of [...groups].reverse()) {
    const readers = after.get(group)!;
    if (readers.length > 0) phase.set(group, Math.min(...readers.map((other) => phase.get(other)!)) - 1);
  }

  const phases: Group[][] = [];
  for (const group of groups) (phases[phase.get(group)!] ??= []).push(group);
  return phases.filter((members) => members.length > 0);
}

/** Other groups that the units of a group are joined to. */
function neighbours(group: Group, groupOf: ReadonlyMap<Unit, Group>, unitsOf: (unit: Unit) => readonly Unit[]): Group[] {
  const others = new Set(group.units.flatMap((unit) => unitsOf(unit).map((other) => groupOf.get(other)!)));
  others.delete(group);
  return [...others];
}
