// How wide words are, as the browser will set them.
import { settingsOf, withSpark, type Setting } from "./labels";

export const LABEL_SIZE = 12.5;
export const LABEL_LINE = 15;
const LABEL_MOST = 40;
const FONT = `600 ${LABEL_SIZE}px`;

let family = '"Source Sans", system-ui, sans-serif';
let pen: CanvasRenderingContext2D | null = null;
const known = new Map<string, number>();

/** Measure in the font of this element from now on; true if that is another than before. */
export function measureLike(element: Element): boolean {
  const found = getComputedStyle(element).fontFamily || family;
  if (found === family) return false;
  family = found;
  known.clear();
  return true;
}

/** The fonts have come: what was measured before was measured in another. */
export const forget = (): void => known.clear();

export function widthOf(text: string): number {
  const before = known.get(text);
  if (before !== undefined) return before;
  pen ??= document.createElement("canvas").getContext("2d");
  if (pen) pen.font = `${FONT} ${family}`;
  const width = Math.ceil(pen ? pen.measureText(text).width : text.length * 7) + 4;
  known.set(text, width);
  return width;
}

const clip = (text: string) => (text.length > LABEL_MOST ? `${text.slice(0, LABEL_MOST - 1)}…` : text);

/** The ways to set a label, with room for a small curve where it has one. */
export function labelSettings(text: string, scale = 1, spark = false): Setting[] {
  const settings = settingsOf(clip(text), (words) => scale * widthOf(words), scale * LABEL_LINE);
  return spark ? withSpark(settings) : settings;
}
