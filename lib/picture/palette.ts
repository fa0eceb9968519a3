// Colours that people with any kind of colour vision can tell apart, and maps from numbers to colours.

/** Okabe and Ito's palette (2008) without its yellow, which does not read on white. */
export const categories = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'] as const;

export type Rgb = readonly [red: number, green: number, blue: number];

export function rgbOf(hex: string): Rgb {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
}

/** From `a` (share 0) to `b` (share 1). */
export function mixed(a: Rgb, b: Rgb, share: number): Rgb {
  return a.map((value, i) => Math.round(value + (b[i]! - value) * share)) as unknown as Rgb;
}

/** Colour of a class: the palette, again from its beginning where there are more. */
export function categoryColour(index: number): string {
  return categories[index % categories.length]!;
}

/** Blue below the middle, white in it, vermilion above: ColorBrewer's RdBu turned round, whose ends differ for all. */
const diverging = ['#053061', '#2166AC', '#4393C3', '#92C5DE', '#F7F7F7', '#F4A582', '#D6604D', '#B2182B', '#67001F'].map(rgbOf);
const grey = ['#000000', '#FFFFFF'].map(rgbOf);

export const colourMaps = { grey, diverging } as const;
export type ColourMap = keyof typeof colourMaps;

/** Colour of a share from 0 to 1 of a map. */
export function mapColour(map: ColourMap, share: number): Rgb {
  const stops = colourMaps[map], at = Math.min(Math.max(share, 0), 1) * (stops.length - 1), below = Math.min(Math.floor(at), stops.length - 2);
  return mixed(stops[below]!, stops[below + 1]!, at - below);
}
