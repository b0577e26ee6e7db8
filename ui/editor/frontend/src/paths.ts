// Lines as sampled points: straight, bowed, or through way points. Pure geometry, canvas coordinates.
import type { Point, Size } from "./types";

export interface Box extends Point, Size {
  id: string;
  r: number; // corner radius
}

/** A rectangle by its centre. */
export type Rect = Point & Size;

const SAMPLES = 28;

export const lerp = (a: Point, b: Point, t: number): Point => ({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t });

export const overlap = (a: Rect, b: Rect, gap = 0): boolean =>
  Math.abs(a.x - b.x) < (a.w + b.w) / 2 + gap && Math.abs(a.y - b.y) < (a.h + b.h) / 2 + gap;

/** Signed distance from a point to the border of a rounded box; negative inside. */
export function distance(box: Box, point: Point): number {
  const r = Math.min(box.r, box.h / 2, box.w / 2);
  const x = Math.abs(point.x - box.x) - box.w / 2 + r;
  const y = Math.abs(point.y - box.y) - box.h / 2 + r;
  return Math.hypot(Math.max(x, 0), Math.max(y, 0)) + Math.min(Math.max(x, y), 0) - r;
}

/** A line whose middle bows by half of `offset`; up for a left-to-right one, so that arcs bow over the line. */
export function bowed(a: Point, c: Point, offset: number): Point[] {
  const length = Math.hypot(c.x - a.x, c.y - a.y) || 1;
  const b = { x: (a.x + c.x) / 2 + (offset * (c.y - a.y)) / length, y: (a.y + c.y) / 2 - (offset * (c.x - a.x)) / length };
  return Array.from({ length: SAMPLES + 1 }, (_, i) => lerp(lerp(a, b, i / SAMPLES), lerp(b, c, i / SAMPLES), i / SAMPLES));
}

/** A smooth line through points (Catmull-Rom). */
export function through(points: Point[]): Point[] {
  if (points.length < 3) return bowed(points[0], points[points.length - 1], 0);
  const found: Point[] = [];
  const steps = Math.max(6, Math.ceil(SAMPLES / (points.length - 1)));
  for (let i = 0; i + 1 < points.length; i += 1) {
    const [p, q] = [points[i], points[i + 1]];
    const before = points[i - 1] ?? p;
    const after = points[i + 2] ?? q;
    for (let step = 0; step < steps; step += 1) {
      const t = step / steps;
      const [t2, t3] = [t * t, t * t * t];
      const [h00, h10, h01, h11] = [2 * t3 - 3 * t2 + 1, t3 - 2 * t2 + t, -2 * t3 + 3 * t2, t3 - t2];
      const mix = (axis: "x" | "y") =>
        h00 * p[axis] + h10 * 0.5 * (q[axis] - before[axis]) + h01 * q[axis] + h11 * 0.5 * (after[axis] - p[axis]);
      found.push({ x: mix("x"), y: mix("y") });
    }
  }
  found.push(points[points.length - 1]);
  return found;
}

export function lengthOf(path: Point[]): number {
  let sum = 0;
  for (let i = 1; i < path.length; i += 1) sum += Math.hypot(path[i].x - path[i - 1].x, path[i].y - path[i - 1].y);
  return sum;
}

/** The part of a path between two lengths from its start. */
export function between(path: Point[], from: number, to: number): Point[] {
  const found: Point[] = [];
  let done = 0;
  for (let i = 1; i < path.length; i += 1) {
    const step = Math.hypot(path[i].x - path[i - 1].x, path[i].y - path[i - 1].y);
    const [start, end] = [done, done + step];
    done = end;
    if (end < from || start > to || step === 0) continue;
    if (!found.length) found.push(lerp(path[i - 1], path[i], Math.max(0, (from - start) / step)));
    found.push(lerp(path[i - 1], path[i], Math.min(1, (to - start) / step)));
  }
  return found.length > 1 ? found : [path[0], path[path.length - 1]];
}

/** The point at a share of a path's length, and the direction there. */
export function along(path: Point[], share: number): { at: Point; ux: number; uy: number } {
  let left = share * lengthOf(path);
  for (let i = 1; i < path.length; i += 1) {
    const [p, q] = [path[i - 1], path[i]];
    const step = Math.hypot(q.x - p.x, q.y - p.y);
    if (left <= step || i === path.length - 1) {
      const size = step || 1;
      return { at: lerp(p, q, Math.min(left / size, 1)), ux: (q.x - p.x) / size, uy: (q.y - p.y) / size };
    }
    left -= step;
  }
  return { at: path[0], ux: 1, uy: 0 };
}

/** What of a path lies more than `gap` outside both of its end boxes. */
export function outside(path: Point[], a: Box, c: Box, gap: number): Point[] {
  let first = 0;
  while (first < path.length - 2 && distance(a, path[first + 1]) <= gap) first += 1;
  let last = path.length - 1;
  while (last > first + 1 && distance(c, path[last - 1]) <= gap) last -= 1;
  const start = edgeAt(a, path[first], path[first + 1], gap);
  const end = edgeAt(c, path[last], path[last - 1], gap);
  return [start, ...path.slice(first + 1, last), end];
}

function edgeAt(box: Box, inside: Point, beyond: Point, gap: number): Point {
  let [lo, hi] = [0, 1];
  for (let step = 0; step < 16; step += 1) {
    const middle = (lo + hi) / 2;
    if (distance(box, lerp(inside, beyond, middle)) <= gap) lo = middle;
    else hi = middle;
  }
  return lerp(inside, beyond, (lo + hi) / 2);
}

/** Whether a path comes nearer than `clear` to a box. */
export function meets(path: Point[], box: Box, clear: number): boolean {
  const [w, h] = [box.w / 2 + clear, box.h / 2 + clear];
  for (let i = 1; i < path.length; i += 1) {
    const [p, q] = [path[i - 1], path[i]];
    if (Math.max(p.x, q.x) < box.x - w || Math.min(p.x, q.x) > box.x + w) continue;
    if (Math.max(p.y, q.y) < box.y - h || Math.min(p.y, q.y) > box.y + h) continue;
    const steps = Math.max(1, Math.ceil(Math.hypot(q.x - p.x, q.y - p.y) / 6));
    for (let step = 0; step <= steps; step += 1) if (distance(box, lerp(p, q, step / steps)) < clear) return true;
  }
  return false;
}

/** Whether a path runs through a rectangle. */
export function runsThrough(path: Point[], rect: Rect): boolean {
  for (let i = 1; i < path.length; i += 1) if (cuts(path[i - 1], path[i], rect)) return true;
  return false;
}

/** Liang and Barsky: whether a segment meets a rectangle. */
function cuts(p: Point, q: Point, rect: Rect): boolean {
  let [t0, t1] = [0, 1];
  const axes = [
    [p.x, q.x - p.x, rect.x - rect.w / 2, rect.x + rect.w / 2],
    [p.y, q.y - p.y, rect.y - rect.h / 2, rect.y + rect.h / 2],
  ];
  for (const [from, step, low, high] of axes) {
    if (Math.abs(step) < 1e-9) {
      if (from < low || from > high) return false;
      continue;
    }
    const [a, b] = [(low - from) / step, (high - from) / step];
    t0 = Math.max(t0, Math.min(a, b));
    t1 = Math.min(t1, Math.max(a, b));
  }
  return t0 <= t1;
}

const extremes = new WeakMap<Point[], [number, number, number, number]>();

function extent(path: Point[]): [number, number, number, number] {
  let found = extremes.get(path);
  if (!found) {
    const [xs, ys] = [path.map((p) => p.x), path.map((p) => p.y)];
    extremes.set(path, (found = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]));
  }
  return found;
}

function apart(a: Point[], b: Point[]): boolean {
  const [p, q] = [extent(a), extent(b)];
  return p[1] < q[0] || q[1] < p[0] || p[3] < q[2] || q[3] < p[2];
}

/** How often two paths cross. */
export function crossings(a: Point[], b: Point[]): number {
  const side = (p: Point, q: Point, r: Point) => (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
  let count = 0;
  if (apart(a, b)) return 0;
  for (let i = 1; i < a.length; i += 1)
    for (let j = 1; j < b.length; j += 1) {
      const [p, q, r, s] = [a[i - 1], a[i], b[j - 1], b[j]];
      if (Math.max(p.x, q.x) < Math.min(r.x, s.x) || Math.max(r.x, s.x) < Math.min(p.x, q.x)) continue;
      if (Math.max(p.y, q.y) < Math.min(r.y, s.y) || Math.max(r.y, s.y) < Math.min(p.y, q.y)) continue;
      if (side(p, q, r) * side(p, q, s) < 0 && side(r, s, p) * side(r, s, q) < 0) count += 1;
    }
  return count;
}

/** Every third point or so: enough to see where a path goes. */
export const coarse = (path: Point[]): Point[] =>
  path.length < 9 ? path : path.filter((_, i) => i % 4 === 0 || i === path.length - 1);

const f = (value: number): string => value.toFixed(1);

/** An SVG path through sampled points. */
export function draw(path: Point[]): string {
  const [first, last] = [path[0], path[path.length - 1]];
  const straight = path.every((p) => Math.abs((last.x - first.x) * (p.y - first.y) - (last.y - first.y) * (p.x - first.x)) < 0.05 * lengthOf(path));
  if (straight || path.length < 3) return `M${f(first.x)} ${f(first.y)}L${f(last.x)} ${f(last.y)}`;
  let d = `M${f(first.x)} ${f(first.y)}`;
  for (let i = 1; i + 1 < path.length; i += 1) {
    const end = i + 2 === path.length ? last : lerp(path[i], path[i + 1], 0.5);
    d += `Q${f(path[i].x)} ${f(path[i].y)} ${f(end.x)} ${f(end.y)}`;
  }
  return d;
}
