// Where arrows run: from border to border, straight where the way is free, bent where a
// node is in the way. Curves are quadratic; everything is in canvas coordinates.
import type { EdgeState, NodeState, Point, Size } from "./types";

export interface Box extends Point, Size {
  id: string;
  r: number; // corner radius
}

export interface Route {
  d: string; // the stroke, cut back where a head stands
  heads: string[]; // closed paths
  label: Point;
  along: Point[]; // places for a label, the best first
}

type Curve = [Point, Point, Point];

const CLEAR = 7; // a node nearer than this to an arrow is in its way
const SAMPLES = 28;

const lerp = (a: Point, b: Point, t: number): Point => ({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t });
const at = ([a, b, c]: Curve, t: number): Point => lerp(lerp(a, b, t), lerp(b, c, t), t);

/** Signed distance from a point to the border of a rounded box; negative inside. */
export function distance(box: Box, point: Point): number {
  const r = Math.min(box.r, box.h / 2, box.w / 2);
  const x = Math.abs(point.x - box.x) - box.w / 2 + r;
  const y = Math.abs(point.y - box.y) - box.h / 2 + r;
  return Math.hypot(Math.max(x, 0), Math.max(y, 0)) + Math.min(Math.max(x, y), 0) - r;
}

function control(a: Point, c: Point, offset: number): Point {
  const length = Math.hypot(c.x - a.x, c.y - a.y) || 1;
  // Perpendicular that points up for a left-to-right arrow, so that arcs bow over the line.
  return { x: (a.x + c.x) / 2 + (offset * (c.y - a.y)) / length, y: (a.y + c.y) / 2 - (offset * (c.x - a.x)) / length };
}

/** The parameter at which the curve passes `gap` outside a box; searched between inside and outside. */
function border(curve: Curve, box: Box, gap: number, inside: number, outside: number): number {
  let [lo, hi] = [inside, outside];
  for (let step = 0; step < 22; step += 1) {
    const middle = (lo + hi) / 2;
    if (distance(box, at(curve, middle)) <= gap) lo = middle;
    else hi = middle;
  }
  return (lo + hi) / 2;
}

function part(curve: Curve, t0: number, t1: number): Curve {
  const [a, b, c] = curve;
  const mid = lerp(lerp(a, b, t0), lerp(b, c, t0), t1); // blossom of the quadratic
  return [at(curve, t0), mid, at(curve, t1)];
}

function hits(curve: Curve, others: Box[]): number {
  const xs = curve.map((p) => p.x);
  const ys = curve.map((p) => p.y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  let count = 0;
  for (const box of others) {
    const [w, h] = [box.w / 2 + CLEAR, box.h / 2 + CLEAR];
    if (box.x + w < left || box.x - w > right || box.y + h < top || box.y - h > bottom) continue;
    for (let i = 1; i < SAMPLES; i += 1)
      if (distance(box, at(curve, i / SAMPLES)) < CLEAR) {
        count += 1;
        break;
      }
  }
  return count;
}

const STRAIGHT_FIRST = [0, 70, -70, 110, -110, 160, -160, 220, -220, 300, -300];
const ROUND_FIRST = [64, -64, 100, -100, 150, -150, 210, -210, 290, -290];

function bend(a: Box, c: Box, others: Box[], offsets: number[]): Curve {
  let best: Curve | null = null;
  let fewest = Infinity;
  for (const offset of offsets) {
    const curve: Curve = [a, control(a, c, offset), c];
    const count = hits(curve, others);
    if (count < fewest) [best, fewest] = [curve, count];
    if (count === 0) break;
  }
  return best!;
}

const LABEL_AT = [0.5, 0.38, 0.62, 0.28, 0.72, 0.2];

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

function drawn(curve: Curve, a: Box, c: Box, bidirected: boolean, width: number): Route {
  const size = headSize(width);
  const gap = 3;
  const t0 = border(curve, a, gap, 0, 0.5);
  const t1 = border(curve, c, gap, 1, 0.5);
  const visible = part(curve, t0, Math.max(t1, t0 + 1e-3));
  const length = Math.hypot(visible[2].x - visible[0].x, visible[2].y - visible[0].y) || 1;
  const cut = Math.min(0.45, (size * 0.7) / length);
  const stroke = part(visible, bidirected ? cut : 0, 1 - cut);
  const back = Math.min(0.5, size / length);
  const heads = [head(visible[2], at(visible, 1 - back), size)];
  if (bidirected) heads.push(head(visible[0], at(visible, back), size));
  const [p, q, r] = stroke;
  return {
    d: `M${f(p.x)} ${f(p.y)}Q${f(q.x)} ${f(q.y)} ${f(r.x)} ${f(r.y)}`,
    heads,
    label: at(visible, 0.5),
    along: LABEL_AT.map((t) => at(visible, t)),
  };
}

/** The box of a node at a place; latents are pills, so arrows meet their round ends. */
export const boxOf = (node: NodeState, size: Size | undefined, place: Point | undefined, round: boolean): Box => ({
  id: node.id,
  x: place?.x ?? node.x,
  y: place?.y ?? node.y,
  w: size?.w ?? 110,
  h: size?.h ?? 42,
  r: round ? 99 : 9,
});

/** Whether a straight arrow between two nodes would be too short to be seen. */
function crowded(a: Box, c: Box): boolean {
  const line: Curve = [a, lerp(a, c, 0.5), c];
  const [from, to] = [at(line, border(line, a, 3, 0, 0.5)), at(line, border(line, c, 3, 1, 0.5))];
  return Math.hypot(to.x - from.x, to.y - from.y) < 20;
}

export function routes(edges: EdgeState[], boxes: Map<string, Box>, widthOf: (edge: EdgeState) => number): Map<string, Route> {
  const all = [...boxes.values()];
  const found = new Map<string, Route>();
  for (const edge of edges) {
    const [a, c] = [boxes.get(edge.source), boxes.get(edge.target)];
    if (!a || !c) continue;
    const others = all.filter((box) => box !== a && box !== c);
    const curve = bend(a, c, others, edge.bidirected || crowded(a, c) ? ROUND_FIRST : STRAIGHT_FIRST);
    found.set(edge.id, drawn(curve, a, c, edge.bidirected, widthOf(edge)));
  }
  return found;
}

/** A gently bowed line between two nodes that no arrow joins. */
export function pairRoute(a: Box, c: Box, others: Box[]): { d: string; along: Point[] } {
  const curve = bend(a, c, others, [-50, 50, -90, 90, -140, 140, -200, 200]);
  const visible = part(curve, border(curve, a, 3, 0, 0.5), border(curve, c, 3, 1, 0.5));
  const [p, q, r] = visible;
  return { d: `M${f(p.x)} ${f(p.y)}Q${f(q.x)} ${f(q.y)} ${f(r.x)} ${f(r.y)}`, along: LABEL_AT.map((t) => at(visible, t)) };
}

/** Put each label where it covers no node and no label that stands already. */
export function placeLabels(labels: { key: string; text: string; along: Point[] }[], boxes: Iterable<Box>): Map<string, Point> {
  const standing = [...boxes].map((box) => ({ x: box.x, y: box.y, w: box.w, h: box.h }));
  const found = new Map<string, Point>();
  for (const { key, text, along } of labels) {
    const [w, h] = [text.length * 7 + 8, 18];
    const clear = (p: Point) => standing.every((s) => Math.abs(s.x - p.x) > (s.w + w) / 2 || Math.abs(s.y - p.y) > (s.h + h) / 2);
    const place = along.find(clear) ?? along[0];
    standing.push({ ...place, w, h });
    found.set(key, place);
  }
  return found;
}

/** The arrow that is being drawn, from a node to the pointer or to a node. */
export function previewRoute(a: Box, to: Point | Box, bidirected: boolean): Route {
  const c: Box = "id" in to ? to : { id: "", x: to.x, y: to.y, w: 0.1, h: 0.1, r: 0 };
  const offset = bidirected ? 64 : 0;
  return drawn([a, control(a, c, offset), c], a, c, bidirected, 2);
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
  const free = (p: Point) =>
    boxes.every((box) => Math.abs(box.x - p.x) > (box.w + size.w) / 2 + 24 || Math.abs(box.y - p.y) > (box.h + size.h) / 2 + 20);
  for (let ring = 0; ring < 14; ring += 1)
    for (let dy = -ring; dy <= ring; dy += 1)
      for (let dx = -ring; dx <= ring; dx += 1) {
        if (Math.max(Math.abs(dx), Math.abs(dy)) !== ring) continue;
        const p = { x: wish.x + dx * 90, y: wish.y + dy * 70 };
        if (free(p)) return p;
      }
  return wish;
}
