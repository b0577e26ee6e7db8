// A way round boxes where no plain bow is free: A* over a grid, pulled tight, then rounded.
import { bowed, distance, lerp, meets, type Box, type Rect } from "./paths";
import type { Point } from "./types";

const CELL = 12;
const CLEAR = 11;
const MOST_CELLS = 40_000;

/** A path from `from` to `to` that keeps clear of `boxes` and within `frame`; null where there is none. */
export function detour(from: Point, to: Point, boxes: Box[], frame: Rect): Point[] | null {
  const [wide, high] = [Math.floor(frame.w / CELL), Math.floor(frame.h / CELL)];
  if (wide < 2 || high < 2 || wide * high > MOST_CELLS) return null;
  const [left, top] = [frame.x - frame.w / 2, frame.y - frame.h / 2];
  const place = (cell: number): Point => ({ x: left + ((cell % wide) + 0.5) * CELL, y: top + (Math.floor(cell / wide) + 0.5) * CELL });
  const cellOf = (p: Point) => {
    const clamp = (value: number, most: number) => Math.max(0, Math.min(most - 1, value));
    return clamp(Math.floor((p.y - top) / CELL), high) * wide + clamp(Math.floor((p.x - left) / CELL), wide);
  };
  const blocked = new Uint8Array(wide * high);
  for (const box of boxes) {
    const [x0, x1] = [box.x - box.w / 2 - CLEAR, box.x + box.w / 2 + CLEAR];
    const [y0, y1] = [box.y - box.h / 2 - CLEAR, box.y + box.h / 2 + CLEAR];
    for (let y = y0; y <= y1 + CELL; y += CELL)
      for (let x = x0; x <= x1 + CELL; x += CELL) {
        const cell = cellOf({ x: Math.min(x, x1), y: Math.min(y, y1) });
        if (distance(box, place(cell)) < CLEAR) blocked[cell] = 1;
      }
  }
  const [start, goal] = [cellOf(from), cellOf(to)];
  const cells = search(start, goal, wide, high, blocked);
  if (!cells) return null;
  const rough = [from, ...cells.slice(1, -1).map(place), to];
  return rounded(tight(rough, boxes), boxes);
}

function search(start: number, goal: number, wide: number, high: number, blocked: Uint8Array): number[] | null {
  const reach = (cell: number) => Math.hypot((cell % wide) - (goal % wide), Math.floor(cell / wide) - Math.floor(goal / wide));
  const cost = new Float64Array(wide * high).fill(Infinity);
  const came = new Int32Array(wide * high).fill(-1);
  cost[start] = 0;
  // Buckets by length: a few hundred, and no heap to keep in order.
  const buckets: number[][] = [];
  const add = (cell: number, guess: number) => (buckets[Math.round(guess * 2)] ??= []).push(cell);
  const done = new Uint8Array(wide * high);
  add(start, reach(start));
  for (let number = 0; number < buckets.length; ) {
    const here = buckets[number]?.pop();
    if (here === undefined) {
      number += 1;
      continue;
    }
    if (done[here]) continue;
    done[here] = 1;
    if (here === goal) {
      const path = [goal];
      while (path[0] !== start) path.unshift(came[path[0]]);
      return path;
    }
    const [x, y] = [here % wide, Math.floor(here / wide)];
    for (let dy = -1; dy <= 1; dy += 1)
      for (let dx = -1; dx <= 1; dx += 1) {
        const [nx, ny] = [x + dx, y + dy];
        if ((!dx && !dy) || nx < 0 || ny < 0 || nx >= wide || ny >= high) continue;
        const next = ny * wide + nx;
        if (blocked[next] && next !== goal) continue;
        const length = cost[here] + Math.hypot(dx, dy);
        if (length < cost[next] - 1e-9) {
          cost[next] = length;
          came[next] = here;
          add(next, Math.max(length + reach(next), number / 2));
        }
      }
  }
  return null;
}

/** Leave out every point that can be passed by in a straight line. */
function tight(path: Point[], boxes: Box[]): Point[] {
  const found = [path[0]];
  let at = 0;
  while (at < path.length - 1) {
    let next = path.length - 1;
    while (next > at + 1 && boxes.some((box) => meets([path[at], path[next]], box, CLEAR - 3))) next -= 1;
    found.push(path[next]);
    at = next;
  }
  return found;
}

const ROUND = 46;

/** Round every corner, within the triangle that it makes with points a little before and after. */
function rounded(corners: Point[], boxes: Box[]): Point[] {
  const sharp: Point[] = [];
  const found: Point[] = [];
  corners.forEach((corner, i) => {
    const [before, after] = [corners[i - 1], corners[i + 1]];
    if (before) sharp.push(...bowed(before, corner, 0).slice(1));
    else sharp.push(corner);
    if (!before || !after) {
      found.push(corner);
      return;
    }
    const near = (other: Point) => lerp(corner, other, Math.min(0.5, ROUND / (Math.hypot(other.x - corner.x, other.y - corner.y) || 1)));
    const [p, q] = [near(before), near(after)];
    for (let step = 0; step <= 8; step += 1) found.push(lerp(lerp(p, corner, step / 8), lerp(corner, q, step / 8), step / 8));
  });
  const whole = found.flatMap((point, i) => (i ? bowed(found[i - 1], point, 0).filter((_, k) => k === 14 || k === 28) : [point]));
  return boxes.some((box) => meets(whole, box, 4)) ? sharp : whole;
}
