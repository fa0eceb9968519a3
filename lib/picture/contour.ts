// Lines along which a function on a grid has one value. (Marching squares: Lorensen and Cline's method in two dimensions.)

type Point = readonly [x: number, y: number];

/** Segments between grid points where values cross `level`; values are row-major, `columns` to a row, places counted in cells. */
export function contour(values: ArrayLike<number>, columns: number, rows: number, level: number): [from: Point, to: Point][] {
  const segments: [Point, Point][] = [];
  const between = (a: number, b: number): number => (level - a) / (b - a);
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      const topLeft = values[at]!, topRight = values[at + 1]!, bottomLeft = values[at + columns]!, bottomRight = values[at + columns + 1]!;
      const crossings: Point[] = [];
      if (topLeft > level !== topRight > level) crossings.push([column + between(topLeft, topRight), row]);
      if (topRight > level !== bottomRight > level) crossings.push([column + 1, row + between(topRight, bottomRight)]);
      if (bottomLeft > level !== bottomRight > level) crossings.push([column + between(bottomLeft, bottomRight), row + 1]);
      if (topLeft > level !== bottomLeft > level) crossings.push([column, row + between(topLeft, bottomLeft)]);
      // At a saddle, the middle of the cell belongs to the side of its mean.
      const isSaddle = crossings.length === 4, joinsTopLeft = (topLeft + topRight + bottomLeft + bottomRight) / 4 > level === topLeft > level;
      const order = !isSaddle ? crossings : joinsTopLeft ? crossings : [crossings[0]!, crossings[3]!, crossings[1]!, crossings[2]!];
      for (let i = 0; i + 1 < order.length; i += 2) segments.push([order[i]!, order[i + 1]!]);
    }
  }
  return segments;
}
