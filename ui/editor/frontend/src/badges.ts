// Where a badge stands on the border of its node: where no arrowhead ends, since heads are what
// make a collider one, and rather where no line runs at all.
import { overlap, runsThrough, type Rect } from "./paths";
import type { Point } from "./types";

export const SIDES = ["top-left", "top-right", "bottom-left", "bottom-right", "top", "bottom"] as const;
export type Side = (typeof SIDES)[number];

export interface Badge {
  id: string; // of its node
  w: number;
  h: number;
}

export interface Crowd {
  boxes: ReadonlyMap<string, Rect>; // of nodes, by id
  heads: Rect[];
  paths: Point[][];
}

export const INSET = 10; // from the corner of the node
const OUT = 0.28; // of its height: so far out of the border stands its middle
const NEAR_HEAD = 4;
const COST = { head: 1000, box: 300, badge: 300, line: 40, near: 24, order: 1 };

/** The place of a badge at a side of its node. */
export function placeOf({ w, h }: Badge, side: Side, node: Rect): Rect {
  const [left, right] = [node.x - node.w / 2 + INSET + w / 2, node.x + node.w / 2 - INSET - w / 2];
  const x = side.endsWith("left") ? left : side.endsWith("right") ? right : node.x;
  const out = node.h / 2 + OUT * h;
  return { x, y: node.y + (side.startsWith("top") ? -out : out), w, h };
}

function costOf(badge: Badge, place: Rect, { boxes, heads, paths }: Crowd, taken: Rect[]): number {
  const others = [...boxes].filter(([id]) => id !== badge.id).map(([, box]) => box);
  const crossed = heads.filter((head) => overlap(place, head, NEAR_HEAD)).length;
  // Of two free sides the one farther from all heads: the wider free angle.
  const near = heads.reduce((sum, head) => sum + 1 / (1 + Math.hypot(head.x - place.x, head.y - place.y) / 20), 0);
  return (
    COST.head * crossed +
    COST.box * others.filter((box) => overlap(place, box, 2)).length +
    COST.badge * taken.filter((other) => overlap(place, other, 2)).length +
    COST.line * paths.filter((path) => runsThrough(path, place)).length +
    COST.near * near
  );
}

/** A side for each badge; one in `kept` stays where it is. */
export function placeBadges(badges: Badge[], crowd: Crowd, kept: ReadonlyMap<string, Side> = new Map()): Map<string, Side> {
  const found = new Map<string, Side>();
  const taken: Rect[] = [];
  for (const badge of badges) {
    const node = crowd.boxes.get(badge.id);
    if (!node) continue;
    const cost = (side: Side) => costOf(badge, placeOf(badge, side, node), crowd, taken) + COST.order * SIDES.indexOf(side);
    const side = kept.get(badge.id) ?? SIDES.map((one) => [cost(one), one] as const).reduce((a, b) => (b[0] < a[0] ? b : a))[1];
    found.set(badge.id, side);
    taken.push(placeOf(badge, side, node));
  }
  return found;
}
