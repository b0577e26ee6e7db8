// Where labels stand: on or beside their line, clear of nodes, heads, one another and the
// frame, in one line or two. Deterministic: the same picture gets the same places.
import { along, coarse, lengthOf, overlap, runsThrough, type Rect } from "./paths";
import type { Point } from "./types";

/** A way to set a label: its lines and the box they fill. */
export interface Setting {
  lines: string[];
  w: number;
  h: number;
  spark?: "beside" | "above"; // where a small curve stands with its words
}

/** The room that a small curve takes beside words or above them. */
export const SPARK = { w: 42, h: 18, gap: 3 };

export interface Wanted {
  key: string;
  settings: Setting[]; // the preferred first
  path: Point[];
}

export interface Placed extends Rect {
  lines: string[];
  spark?: Setting["spark"];
}

export interface Surroundings {
  nodes: Rect[];
  heads: Rect[];
  paths: Map<string, Point[]>; // of all lines, by key
  frame?: Rect;
}

interface Candidate extends Placed {
  cost: number;
}

const SHARES = [0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74, 0.2, 0.8, 0.14, 0.86];
const NEAR_NODE = 3;
const NEAR_HEAD = 1;
const NEAR_LABEL = 3;
const SWEEPS = 4;

interface Span {
  key: string;
  path: Point[];
  box: Rect; // that holds the path
}

function spanOf(key: string, path: Point[]): Span {
  const [xs, ys] = [path.map((p) => p.x), path.map((p) => p.y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return { key, path: coarse(path), box: { x: (left + right) / 2, y: (top + bottom) / 2, w: right - left + 1, h: bottom - top + 1 } };
}

function candidates(wanted: Wanted, around: Surroundings, spans: Span[]): Candidate[] {
  const { nodes, heads, frame } = around;
  const found: Candidate[] = [];
  const length = lengthOf(wanted.path);
  const reached = spans.filter((line) => line.key !== wanted.key);
  for (const [number, setting] of wanted.settings.entries())
    for (const share of SHARES) {
      const { at, ux, uy } = along(wanted.path, share);
      const reach = (Math.abs(uy) * setting.w + Math.abs(ux) * setting.h) / 2 + 5;
      for (const side of [0, 1, -1]) {
        const rect = { x: at.x + side * reach * uy, y: at.y - side * reach * ux, w: setting.w, h: setting.h };
        if (frame && (Math.abs(rect.x - frame.x) + rect.w / 2 > frame.w / 2 - 2 || Math.abs(rect.y - frame.y) + rect.h / 2 > frame.h / 2 - 2)) continue;
        if (nodes.some((node) => overlap(rect, node, NEAR_NODE)) || heads.some((head) => overlap(rect, head, NEAR_HEAD))) continue;
        let cost = 60 * Math.abs(share - 0.5) + 9 * number + (side ? 10 : 0);
        // A label that hides most of its own line leaves nothing to see.
        if (!side && Math.min(setting.w / Math.max(Math.abs(ux), 1e-6), setting.h / Math.max(Math.abs(uy), 1e-6)) > 0.6 * length) cost += 30;
        for (const line of reached) if (overlap(rect, line.box) && runsThrough(line.path, rect)) cost += 40;
        found.push({ ...rect, lines: setting.lines, spark: setting.spark, cost });
      }
    }
  return found.sort((a, b) => a.cost - b.cost);
}

/** Place every label that can be; one that cannot stand anywhere is missing from the result. */
export function placeLabels(wanted: Wanted[], around: Surroundings): Map<string, Placed> {
  const spans = [...around.paths].map(([key, path]) => spanOf(key, path));
  const choices = new Map(wanted.map((one) => [one.key, candidates(one, around, spans)]));
  const order = [...wanted].sort((a, b) => choices.get(a.key)!.length - choices.get(b.key)!.length);
  const standing = new Map<string, Candidate>();
  const clashes = (one: Candidate, key: string) => [...standing].filter(([other, rect]) => other !== key && overlap(one, rect, NEAR_LABEL));
  const firstFree = (key: string, besides: Candidate | null = null) =>
    choices.get(key)!.find((one) => !clashes(one, key).length && !(besides && overlap(one, besides, NEAR_LABEL)));
  for (const { key } of order) {
    const place = firstFree(key) ?? makeRoom(key);
    if (place) standing.set(key, place);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    let moved = false;
    for (const { key } of order) {
      const place = firstFree(key) ?? makeRoom(key);
      if (place && place !== standing.get(key)) {
        standing.set(key, place);
        moved = true;
      }
    }
    if (!moved) break;
  }
  return standing;

  /** A place whose one or two occupants can stand elsewhere; they are moved there. */
  function makeRoom(key: string): Candidate | undefined {
    for (const one of choices.get(key)!) {
      const occupants = clashes(one, key);
      if (occupants.length > 2) continue;
      const before = occupants.map(([other, place]) => [other, place] as const);
      for (const [other] of before) standing.delete(other);
      const moved = before.every(([other]) => {
        const place = firstFree(other, one);
        if (place) standing.set(other, place);
        return place !== undefined;
      });
      if (moved) return one;
      for (const [other, place] of before) standing.set(other, place);
    }
    return undefined;
  }
}

/** The ways to set a text: in one line, or broken into two near its middle where it has more than one word. */
export function settingsOf(text: string, widthOf: (text: string) => number, line: number): Setting[] {
  const set = (lines: string[]): Setting => ({ lines, w: Math.max(...lines.map(widthOf)), h: line * lines.length });
  const words = text.split(" ");
  if (words.length < 2) return [set([text])];
  let best = set([text]);
  for (let at = 1; at < words.length; at += 1) {
    const two = set([words.slice(0, at).join(" "), words.slice(at).join(" ")]);
    if (two.w < best.w) best = two;
  }
  const one = set([text]);
  return one.w > 110 ? [best, one] : [one, best];
}

/** The ways to set a text with a small curve: beside it, or above it. */
export const withSpark = (settings: Setting[]): Setting[] =>
  settings.flatMap((one): Setting[] => [
    { ...one, w: one.w + SPARK.gap + SPARK.w, h: Math.max(one.h, SPARK.h), spark: "beside" },
    { ...one, w: Math.max(one.w, SPARK.w), h: one.h + SPARK.h, spark: "above" },
  ]);
