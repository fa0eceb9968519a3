// Third pass: gathers units into groups, each of which becomes one instruction: chains of elementwise units, with the
// product that feeds them and the line sums that read them.
import { internal } from '../errors.ts';
import { access, valueLimit } from './program.ts';
import { sameSpace, type Unit } from './units.ts';

/** Units that become one instruction, in the order of the graph. */
export class Group {
  units: Unit[];
  /** No fewer than the inputs, outs and registers that its chain needs. */
  values: number;
  constructor(unit: Unit) {
    this.units = [unit];
    this.values = valuesOf(this.units);
  }
  get product(): Unit | undefined {
    return this.units.find((unit) => unit.kind === 'product');
  }
}

const joinsChains = (unit: Unit): boolean => unit.kind === 'elementwise' || unit.kind === 'assign' || unit.kind === 'lineSum';

class Fusion {
  private readonly groups = new Map<Unit, Group>();

  constructor(units: readonly Unit[]) {
    for (const unit of units) this.groups.set(unit, new Group(unit));
  }

  of(unit: Unit): Group {
    return this.groups.get(unit)!;
  }

  /** Joins two groups of which `first` feeds `second`, unless that would make a circle, two products, or more values than a chain holds. */
  tryMerge(first: Group, second: Group): void {
    if (first === second || (first.product && second.product)) return;
    // Two chains in one need no more values than both by themselves: only where those are too many they are counted again.
    let values = first.values + second.values;
    if (values > valueLimit) values = valuesOf([...first.units, ...second.units]);
    if (values > valueLimit) return;
    const direct = (group: Group, other: Group): boolean =>
      group.units.some((unit) => unit.before.some((dependency) => !dependency.fusable && this.of(dependency.unit) === other));
    if (direct(second, first) || direct(first, second)) return;
    if (this.reachesOutside(first, second) || this.reachesOutside(second, first)) return;
    first.units.push(...second.units);
    first.values = values;
    for (const unit of second.units) this.groups.set(unit, first);
  }

  /** Is there a way from `start` to `goal` through a third group? */
  private reachesOutside(start: Group, goal: Group): boolean {
    const seen = new Set<Group>([start]);
    const pending: Group[] = [];
    const spread = (group: Group, skip: Group | undefined): void => {
      for (const unit of group.units) for (const next of unit.after) {
        const nextGroup = this.of(next);
        if (nextGroup === skip || seen.has(nextGroup)) continue;
        seen.add(nextGroup);
        pending.push(nextGroup);
      }
    };
    spread(start, goal);
    while (pending.length > 0) {
      const group = pending.pop()!;
      if (group === goal) return true;
      spread(group, undefined);
    }
    return false;
  }

  all(): Group[] {
    return [...new Set(this.groups.values())];
  }
}

/** Most inputs, outs and registers that the chain of `units` may need; registers are free again after their value's last reading. */
function valuesOf(units: readonly Unit[]): number {
  const ordered = units.toSorted(byNode), place = new Map(ordered.map((unit, i) => [unit, i]));
  const made = new Set(units.flatMap((unit) => unit.results));
  const inputs = new Set(units.flatMap((unit) => unit.readings.flatMap(({ node, kind }) => (kind === access.full && made.has(node) ? [] : [`${node.id} ${kind}`]))));
  const change = new Array<number>(ordered.length + 1).fill(0);
  let outs = 0, delayed = 0;
  ordered.forEach((unit, i) => {
    // What an assignment overwrites while it is still read goes through a register first.
    if (unit.kind === 'assign') delayed++;
    const leaves = unit.after.some((reader) => !place.has(reader) || reader.kind === 'lineSum');
    if (unit.kind !== 'elementwise' || leaves) {
      outs++;
      return;
    }
    // A multiplication and the addition that reads it may become one operation, which then reads what the multiplication read.
    const readers = unit.after.flatMap((reader) => [reader, ...reader.after]).map((reader) => place.get(reader) ?? i);
    change[i]!++;
    change[Math.max(i, ...readers) + 1]!--;
  });
  let live = 0, registers = 0;
  for (const step of change) registers = Math.max(registers, live += step);
  return inputs.size + outs + registers + delayed + 1;
}

/** Groups `units` and returns the groups in an order in which they can run. */
export function fuse(units: readonly Unit[]): Group[] {
  const fusion = new Fusion(units);
  // From the results backwards, so that a value is made where it is used and need not be kept.
  for (const unit of [...units].reverse()) {
    if (unit.kind !== 'elementwise' && unit.kind !== 'product') continue;
    for (const user of unit.after) {
      if (joinsChains(user) && sameSpace(user.space!, unit.space!) && readsWhole(user, unit)) fusion.tryMerge(fusion.of(unit), fusion.of(user));
    }
  }
  return order(units, fusion);
}

function readsWhole(user: Unit, unit: Unit): boolean {
  return user.before.some((dependency) => dependency.unit === unit && dependency.fusable);
}

/** Depth-first from the stores and assignments. */
function order(units: readonly Unit[], fusion: Fusion): Group[] {
  const done = new Set<Group>();
  const open = new Set<Group>();
  const ordered: Group[] = [];
  const visit = (group: Group): void => {
    if (done.has(group)) return;
    if (open.has(group)) throw internal('groups of units wait for each other');
    open.add(group);
    for (const unit of group.units) for (const dependency of unit.before) if (fusion.of(dependency.unit) !== group) visit(fusion.of(dependency.unit));
    done.add(group);
    group.units.sort(byNode);
    ordered.push(group);
  };
  for (const unit of units) if (unit.kind === 'store') visit(fusion.of(unit));
  for (const unit of units) if (unit.kind === 'assign') visit(fusion.of(unit));
  return ordered;
}

const byNode = (a: Unit, b: Unit): number => a.node.id - b.node.id || rank(a) - rank(b);

/** Of units of one node, the store comes last. */
function rank(unit: Unit): number {
  return unit.kind === 'store' ? 1 : 0;
}
