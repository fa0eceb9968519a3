// Places for the nodes of a graph without circles, layer below layer, and the ways of its edges. (Sugiyama, Tagawa and Toda 1981.)

export interface PlacedNode {
  /** Middle of the node. */
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly nodes: readonly PlacedNode[];
  /** For every edge the points it passes: its two ends and a place between the nodes of each rank in between. */
  readonly routes: readonly (readonly PlacedNode[])[];
  readonly width: number;
  readonly height: number;
}

export interface LayoutSizes {
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  /** Least space between neighbours, and between ranks. */
  readonly gap: number;
  readonly rankGap: number;
}

export interface Edge { readonly from: number; readonly to: number }

/** Width that an edge takes where it passes by. */
const passing = 8;

/** What takes a place in a rank: a node, or an edge that passes by. */
interface Slot {
  readonly rank: number;
  readonly width: number;
  readonly above: Slot[];
  readonly below: Slot[];
  x: number;
}

/** Longest way from a node that nothing leads to; edges lead from smaller to larger numbers. */
function ranksOf(count: number, edges: readonly Edge[]): number[] {
  const ranks = Array.from({ length: count }, () => 0);
  for (const { from, to } of edges.toSorted((a, b) => a.to - b.to)) ranks[to] = Math.max(ranks[to]!, ranks[from]! + 1);
  return ranks;
}

const mean = (slots: readonly Slot[]): number | undefined => (slots.length === 0 ? undefined : slots.reduce((so, { x }) => so + x, 0) / slots.length);

/** Puts slots as near to where they want to be as their order and widths allow; `between` is room to leave before a slot for others. */
function place(row: readonly Slot[], wanted: readonly number[], gap: number, between: (i: number) => number = () => 0): void {
  const distance = (i: number): number => (row[i - 1]!.width + row[i]!.width) / 2 + gap + between(i);
  const fromLeft: number[] = [], fromRight: number[] = [];
  row.forEach((_, i) => fromLeft.push(i === 0 ? wanted[0]! : Math.max(wanted[i]!, fromLeft[i - 1]! + distance(i))));
  for (let i = row.length - 1; i >= 0; i--) fromRight[i] = i === row.length - 1 ? wanted[i]! : Math.min(wanted[i]!, fromRight[i + 1]! - distance(i + 1));
  row.forEach((slot, i) => { slot.x = (fromLeft[i]! + fromRight[i]!) / 2; });
}

/** Lays out `count` nodes, numbered so that every edge leads to a larger number. */
export function layOut(count: number, edges: readonly Edge[], sizes: LayoutSizes): Layout {
  const ranks = ranksOf(count, edges), rows: Slot[][] = Array.from({ length: Math.max(...ranks) + 1 }, () => []);
  const add = (rank: number, width: number): Slot => {
    const slot: Slot = { rank, width, above: [], below: [], x: 0 };
    rows[rank]!.push(slot);
    return slot;
  };
  const slots = ranks.map((rank) => add(rank, sizes.nodeWidth));
  const ways = edges.map(({ from, to }) => {
    const way = [slots[from]!];
    for (let rank = ranks[from]! + 1; rank < ranks[to]!; rank++) way.push(add(rank, passing));
    way.push(slots[to]!);
    for (let i = 0; i + 1 < way.length; i++) {
      way[i]!.below.push(way[i + 1]!);
      way[i + 1]!.above.push(way[i]!);
    }
    return way;
  });
  order(rows, sizes.gap);
  const left = Math.min(...rows.flat().map(({ x, width }) => x - width / 2)), right = Math.max(...rows.flat().map(({ x, width }) => x + width / 2));
  const at = (slot: Slot): PlacedNode => ({ x: slot.x - left, y: sizes.nodeHeight / 2 + slot.rank * (sizes.nodeHeight + sizes.rankGap) });
  return {
    nodes: slots.map(at), routes: ways.map((way) => way.map(at)), width: right - left,
    height: rows.length * sizes.nodeHeight + (rows.length - 1) * sizes.rankGap,
  };
}

/** Sweeps down and up: every rank sorted by the means of its neighbours, then moved towards them. */
function order(rows: Slot[][], gap: number): void {
  for (const row of rows) place(row, row.map((_, i) => i), gap);
  for (let sweep = 0; sweep < 12; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const row of isDown ? rows : rows.toReversed()) {
      const towards = new Map(row.map((slot) => [slot, mean(isDown ? slot.above : slot.below) ?? slot.x]));
      // The sort is stable; edges that pass by go to the right of nodes that want the same place.
      row.sort((a, b) => towards.get(a)! - towards.get(b)! || b.width - a.width);
      place(row, row.map((slot) => towards.get(slot)!), gap);
    }
  }
  // Nodes in line with the nodes they are joined to, from below, then from above; edges that pass by give way.
  for (const isDown of [false, true]) {
    for (const row of isDown ? rows : rows.toReversed()) {
      const wanted = row.map((slot) => {
        const towards = isDown ? slot.above : slot.below, nodes = towards.filter(({ width }) => width > passing);
        return mean(slot.width > passing && nodes.length > 0 ? nodes : towards) ?? slot.x;
      });
      settle(row, wanted, gap);
    }
  }
}

/** Nodes where they want to be, as far as they do not overlap; then what passes by, beside them. */
function settle(row: readonly Slot[], wanted: readonly number[], gap: number): void {
  const nodes = row.filter(({ width }) => width > passing);
  const places = nodes.map((slot) => row.indexOf(slot));
  place(nodes, places.map((at) => wanted[at]!), gap, (i) => (places[i]! - places[i - 1]! - 1) * (passing + gap));
  row.forEach((slot, i) => {
    if (slot.width > passing) return;
    const before = row[i - 1], after = row.slice(i + 1).find(({ width }) => width > passing);
    const low = before === undefined ? -Infinity : before.x + before.width / 2 + gap + slot.width / 2;
    const others = after === undefined ? 0 : row.slice(i + 1, row.indexOf(after)).reduce((so, each) => so + each.width + gap, 0);
    const high = after === undefined ? Infinity : after.x - after.width / 2 - gap - slot.width / 2 - others;
    slot.x = low <= high ? Math.min(Math.max(wanted[i]!, low), high) : low;
  });
}
