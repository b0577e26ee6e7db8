// Where arrows run: from border to border, straight where the way is free, bent where a
// node is in the way. Everything is in canvas coordinates.
import { labelOf } from "./background";
import { detour } from "./detour";
import { BOX } from "./graph";
import { between, bowed, coarse, crossings, distance, draw, lengthOf, meets, outside, overlap, through, type Box, type Rect } from "./paths";
import type { EdgeState, NodeState, Point, Size } from "./types";

export type { Box };
export { distance };

export interface Route {
  d: string; // the stroke, cut back where a head stands
  heads: string[]; // closed paths
  tips: Rect[]; // about where the heads are
  path: Point[]; // from border to border
}

const CLEAR = 7; // a node nearer than this to an arrow is in its way
const GAP = 3; // between an arrow's end and its node

const f = (value: number): string => value.toFixed(1);

/** A slender head with a notched back, its tip at `tip`. */
export function head(tip: Point, from: Point, size: number): string {
  const length = Math.hypot(tip.x - from.x, tip.y - from.y) || 1;
  const [ux, uy] = [(tip.x - from.x) / length, (tip.y - from.y) / length];
  const [back, notch, half] = [size, size * 0.72, size * 0.42];
  const point = (along: number, across: number) => `${f(tip.x - ux * along - uy * across)} ${f(tip.y - uy * along + ux * across)}`;
  return `M${point(0, 0)}L${point(back, half)}L${point(notch, 0)}L${point(back, -half)}Z`;
}

export const headSize = (width: number): number => 9 + 2.2 * Math.min(width, 8);

/** The square that holds a head. */
function tipRect(tip: Point, from: Point, size: number): Rect {
  const length = Math.hypot(tip.x - from.x, tip.y - from.y) || 1;
  const [ux, uy] = [(tip.x - from.x) / length, (tip.y - from.y) / length];
  const [x, y] = [tip.x - (ux * size) / 2, tip.y - (uy * size) / 2];
  return { x, y, w: Math.abs(ux) * size + 0.84 * Math.abs(uy) * size, h: Math.abs(uy) * size + 0.84 * Math.abs(ux) * size };
}

/** Put a stroke and heads on a path from centre to centre. */
function drawn(whole: Point[], a: Box, c: Box, heads: 0 | 1 | 2, width: number): Route {
  const path = outside(whole, a, c, GAP);
  const length = lengthOf(path);
  const size = Math.min(headSize(width), Math.max(length * 0.7, 5));
  const cut = Math.min(0.45 * length, size * 0.7);
  const stroke = between(path, heads === 2 ? cut : 0, heads ? length - cut : length);
  const back = Math.min(0.5 * length, size);
  const [start, end] = [path[0], path[path.length - 1]];
  const route: Route = { d: draw(stroke), heads: [], tips: [], path };
  const add = (tip: Point, from: Point) => {
    route.heads.push(head(tip, from, size));
    route.tips.push(tipRect(tip, from, size));
  };
  if (heads) add(end, between(path, length - back, length)[0]);
  if (heads === 2) add(start, between(path, 0, back).at(-1)!);
  return route;
}

/** The box of a node at a place; outcomes are pills, so arrows meet their round ends. */
export const boxOf = (node: NodeState, size: Size | undefined, place: Point | undefined, round: boolean): Box => ({
  id: node.id,
  x: place?.x ?? node.x,
  y: place?.y ?? node.y,
  w: size?.w ?? 110,
  h: size?.h ?? 42,
  r: round ? 99 : 9,
});

const STRAIGHT_FIRST = [0, 36, -36, 70, -70, 110, -110, 160, -160, 220, -220, 300, -300];
const ROUND_FIRST = [64, -64, 100, -100, 150, -150, 210, -210, 290, -290];
const GENTLE_FIRST = [-30, 30, -50, 50, -90, 90, -140, 140, -200, 200, -280, 280];

/** Whether a straight arrow between two nodes would be too short to be seen. */
function crowded(a: Box, c: Box): boolean {
  return lengthOf(outside(bowed(a, c, 0), a, c, GAP)) < 20;
}

interface Line {
  key: string;
  source: string;
  target: string;
  heads: 0 | 1 | 2;
  width: number;
  ways?: Point[]; // way points that a layout kept free for it
}

interface Bounds {
  /** Nothing leaves this rectangle, and a line whose plain ways are blocked looks for another in it. */
  frame?: Rect;
  /** Choose among all ways the one that crosses least, rather than the first that is free. */
  careful?: boolean;
  /** Who stands inside the box of the background, which is in the way of lines between others only. */
  held?: ReadonlySet<string>;
}

const leaves = (path: Point[], frame: Rect): boolean =>
  path.some((p) => Math.abs(p.x - frame.x) > frame.w / 2 - 3 || Math.abs(p.y - frame.y) > frame.h / 2 - 3);

interface Way {
  path: () => Point[];
  least: number; // it costs no less: what it turns, and its place among the ways
}

const TURN = 16; // the cost of a radian
const BLOCKED = 1000; // of a node in the way

/** The ways that a line may take, the plainest first. */
function ways(line: Line, a: Box, c: Box, [from, to]: [Point, Point]): Way[] {
  const offsets = line.heads === 0 ? GENTLE_FIRST : line.heads === 2 || crowded(a, c) ? ROUND_FIRST : STRAIGHT_FIRST;
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const found = offsets.map((offset, number): Way => ({
    path: () => bowed(from, to, offset),
    least: number + TURN * 1.9 * Math.atan((2 * Math.abs(offset)) / length),
  }));
  const { ways: points } = line;
  if (points?.length) found.splice(line.heads === 1 ? 1 : 2, 0, { path: () => through([from, ...points, to]), least: 0 });
  return found;
}

/** How far a path turns in all, in radians. */
function turning(path: Point[]): number {
  let sum = 0;
  for (let i = 2; i < path.length; i += 1) {
    const before = Math.atan2(path[i - 1].y - path[i - 2].y, path[i - 1].x - path[i - 2].x);
    const turn = Math.abs(Math.atan2(path[i].y - path[i - 1].y, path[i].x - path[i - 1].x) - before);
    sum += Math.min(turn, 2 * Math.PI - turn);
  }
  return sum;
}

const APART = 15; // between the ends of lines on one side of a node
const CORNER = 12;

/** Where within their nodes lines begin and end: side by side rather than all in the middle. */
function ports(wanted: Line[], boxes: Map<string, Box>): Map<Line, [Point, Point]> {
  const found = new Map(wanted.map((line): [Line, [Point, Point]] => [line, [{ ...boxes.get(line.source)! }, { ...boxes.get(line.target)! }]]));
  const sides = new Map<string, { line: Line; end: 0 | 1; other: Point }[]>();
  for (const line of wanted)
    for (const end of [0, 1] as const) {
      const [own, far] = end ? [boxes.get(line.target)!, boxes.get(line.source)!] : [boxes.get(line.source)!, boxes.get(line.target)!];
      const other = (end ? line.ways?.at(-1) : line.ways?.[0]) ?? far;
      const [dx, dy] = [other.x - own.x, other.y - own.y];
      // The side on which it leaves the box.
      const upright = Math.abs(dy) * own.w > Math.abs(dx) * own.h;
      const key = `${own.id}\u0000${upright ? (dy > 0 ? "below" : "above") : dx > 0 ? "right" : "left"}`;
      sides.set(key, [...(sides.get(key) ?? []), { line, end, other }]);
    }
  for (const [key, ends] of sides) {
    const own = boxes.get(key.split("\u0000")[0])!;
    const axis = /above|below/.test(key) ? "x" : "y";
    const half = Math.max(0, (axis === "x" ? own.w : own.h) / 2 - CORNER - (axis === "x" ? 0 : -6));
    const toward = ({ other }: { other: Point }) => Math.max(-half, Math.min(half, 0.45 * (other[axis] - own[axis])));
    ends.sort((p, q) => toward(p) - toward(q) || p.other[axis] - q.other[axis]);
    const step = Math.min(APART, ends.length > 1 ? (2 * half) / (ends.length - 1) : APART);
    const at: number[] = [];
    for (const one of ends) at.push(at.length ? Math.max(toward(one), at[at.length - 1] + step) : toward(one));
    const last = at.length - 1;
    at[last] = Math.min(at[last], half);
    for (let i = last - 1; i >= 0; i -= 1) at[i] = Math.min(at[i], at[i + 1] - step);
    ends.forEach(({ line, end }, i) => (found.get(line)![end][axis] += at[i]));
  }
  return found;
}

/** What a line between two boxes must keep clear of. */
export function obstacles(all: Box[], a: Box, c: Box, held: ReadonlySet<string>): Box[] {
  const fromBox = a.id === BOX || c.id === BOX;
  const inside = held.has(a.id) || held.has(c.id);
  const others = all.filter((box) => box !== a && box !== c && !(fromBox && held.has(box.id)));
  // From inside the box it is only the label that is in the way.
  return inside ? others.map((box) => (box.id === BOX ? labelOf(box) : box)) : others;
}

const NOBODY: ReadonlySet<string> = new Set();
const LEAN = 0.7; // how far a line from the box begins towards where it goes

/** Where within the box of the background a line begins: beside its end, rather than in the middle. */
function leaning(a: Box, c: Box): Point {
  if (a.id !== BOX) return a;
  const toward = (axis: "x" | "y", half: number) => a[axis] + LEAN * Math.max(-half, Math.min(half, c[axis] - a[axis]));
  return { x: toward("x", a.w / 2), y: toward("y", a.h / 2) };
}

/** Draw lines between boxes; those that join near boxes choose their way first. */
export function lines(wanted: Line[], boxes: Map<string, Box>, { frame, careful, held = NOBODY }: Bounds = {}): Map<string, Route> {
  const all = [...boxes.values()];
  const found = new Map<string, Route>();
  const taken: Point[][] = [];
  const far = (line: Line) => Math.hypot(boxes.get(line.source)!.x - boxes.get(line.target)!.x, boxes.get(line.source)!.y - boxes.get(line.target)!.y);
  const present = wanted.filter((line) => boxes.has(line.source) && boxes.has(line.target));
  const order = careful ? [...present].sort((p, q) => Number(!p.heads) - Number(!q.heads) || far(p) - far(q)) : present;
  const ends = careful ? ports(present, boxes) : null;
  for (const line of order) {
    const [a, c] = [boxes.get(line.source)!, boxes.get(line.target)!];
    const others = obstacles(all, a, c, held);
    const plain: [Point, Point] = [leaning(a, c), c];
    let best: Point[] | null = null;
    let least = Infinity;
    for (const [number, { path, least: bound }] of ways(line, a, c, ends?.get(line) ?? plain).entries()) {
      if (careful && bound >= least) continue;
      const way = path();
      let cost = BLOCKED * others.filter((box) => meets(way, box, CLEAR)).length;
      if (frame && leaves(way, frame)) cost += BLOCKED;
      if (careful && cost < least) {
        const rough = coarse(way);
        cost += 12 * taken.reduce((sum, other) => sum + crossings(rough, other), 0) + TURN * turning(rough) + number + 0.2 * (lengthOf(way) - far(line));
      }
      if (cost < least) [best, least] = [way, cost];
      if (!careful && cost === 0) break;
    }
    if (frame && least >= BLOCKED / 2) {
      const [from, to] = ends?.get(line) ?? plain;
      const round = detour(from, to, others, { ...frame, w: frame.w - 8, h: frame.h - 8 });
      if (round && !leaves(round, frame) && !others.some((box) => meets(round, box, 3))) best = round;
    }
    if (careful) taken.push(coarse(best!));
    found.set(line.key, drawn(best!, a, c, line.heads, line.width));
  }
  return found;
}

export const lineOf = (edge: EdgeState, width: number, ways?: Point[]): Line => ({
  key: edge.id,
  source: edge.source,
  target: edge.target,
  heads: edge.bidirected ? 2 : 1,
  width,
  ways,
});

/** A gently bowed line between two nodes that no arrow joins. */
export const pairLine = (key: string, a: string, b: string, ways?: Point[]): Line => ({ key, source: a, target: b, heads: 0, width: 2.5, ways });

/** The arrow that is being drawn, from a node to the pointer or to a node. */
export function previewRoute(a: Box, to: Point | Box, bidirected: boolean): Route {
  const c: Box = "id" in to ? to : { id: "", x: to.x, y: to.y, w: 0.1, h: 0.1, r: 0 };
  return drawn(bowed(a, c, bidirected ? 64 : 0), a, c, bidirected ? 2 : 1, 2);
}

/** The node at a point, the nearest within `margin` pixels of its border. */
export function nodeAt(boxes: Iterable<Box>, point: Point, margin: number): string | null {
  let best: string | null = null;
  let nearest = margin;
  for (const box of boxes) {
    const d = distance(box, point);
    if (d <= nearest) [best, nearest] = [box.id, d];
  }
  return best;
}

/** A place near `wish` where a new node lies on no other. */
export function freePlace(boxes: Box[], wish: Point, size: Size = { w: 120, h: 44 }): Point {
  const free = (p: Point) => boxes.every((box) => !overlap(box, { ...p, w: size.w + 48, h: size.h + 40 }));
  for (let ring = 0; ring < 14; ring += 1)
    for (let dy = -ring; dy <= ring; dy += 1)
      for (let dx = -ring; dx <= ring; dx += 1) {
        if (Math.max(Math.abs(dx), Math.abs(dy)) !== ring) continue;
        const p = { x: wish.x + dx * 90, y: wish.y + dy * 70 };
        if (free(p)) return p;
      }
  return wish;
}
