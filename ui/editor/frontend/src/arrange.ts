// Places for nodes: layers that run across or down, whichever suits the frame, with as many
// nodes to a layer as the frame has room for (Coffman and Graham), few crossings (dagre).
import dagre from "@dagrejs/dagre";
import { boxRound, marginOf } from "./background";
import { crossings, overlap } from "./paths";
import type { Point, Size } from "./types";

export interface Item extends Size {
  id: string;
}

/** An arrow, or (undirected) a line that orders nodes within their layers but not the layers. */
export interface Link {
  source: string;
  target: string;
  directed: boolean;
}

export interface Arranged extends Size {
  places: Record<string, Point>; // centres; the drawing begins at 0, 0
  /** Way points of lines that pass layers, from source to target. */
  ways: (source: string, target: string) => Point[] | undefined;
}

export interface Gaps {
  node: number; // between neighbours in a layer
  across: number; // between layers that run across
  down: number; // between layers that run down
}

export interface Room extends Size {
  /** The height may grow at a small price; the width never does. */
  grows: boolean;
}

type Levels = Map<string, number>;

const LANE = 16; // what a line that passes a layer takes of it

/** The arrows without cycles: one that closes a cycle (rivals disagree) is turned round for the layout only. */
function acyclic(items: Item[], links: Link[]): [string, string][] {
  const children = new Map<string, Set<string>>(items.map((item) => [item.id, new Set()]));
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set([from]);
    for (const here of seen) for (const next of children.get(here)!) seen.add(next);
    return seen.has(to);
  };
  for (const { source, target, directed } of links) {
    if (!directed || source === target || !children.has(source) || !children.has(target)) continue;
    if (reaches(target, source)) children.get(target)!.add(source);
    else children.get(source)!.add(target);
  }
  return [...children].flatMap(([source, targets]) => [...targets].map((target): [string, string] => [source, target]));
}

/** Give nodes to layers, none fuller than `bound`: what has the longest way to go comes first. */
function levelled(items: Item[], arrows: [string, string][], extent: (item: Item) => number, gap: number, bound: number): Levels {
  const children = new Map<string, string[]>(items.map((item) => [item.id, []]));
  const parents = new Map<string, string[]>(items.map((item) => [item.id, []]));
  for (const [a, b] of arrows) {
    children.get(a)!.push(b);
    parents.get(b)!.push(a);
  }
  const ahead = new Map<string, number>();
  const way = (id: string): number => {
    if (!ahead.has(id)) ahead.set(id, 1 + Math.max(-1, ...children.get(id)!.map(way)));
    return ahead.get(id)!;
  };
  const size = new Map(items.map((item) => [item.id, extent(item) + gap]));
  const level: Levels = new Map();
  const used: number[] = [];
  const fits = (id: string, at: number) => !used[at] || used[at] + size.get(id)! <= bound + gap;
  const put = (id: string, at: number) => {
    level.set(id, at);
    used[at] = (used[at] ?? 0) + size.get(id)!;
  };
  const waiting = new Set(items.map((item) => item.id));
  while (waiting.size) {
    const ready = [...waiting].filter((id) => parents.get(id)!.every((parent) => level.has(parent)));
    const next = ready.reduce((best, id) => (way(id) > way(best) ? id : best));
    let at = 1 + Math.max(-1, ...parents.get(next)!.map((parent) => level.get(parent)!));
    while (!fits(next, at)) at += 1;
    put(next, at);
    waiting.delete(next);
  }
  // A cause stands near its first effect rather than far before it.
  for (const id of [...level.keys()].sort((a, b) => level.get(b)! - level.get(a)!)) {
    const after = children.get(id)!.map((child) => level.get(child)!);
    if (!after.length || parents.get(id)!.length >= after.length) continue;
    for (let at = Math.min(...after) - 1; at > level.get(id)!; at -= 1)
      if (fits(id, at)) {
        used[level.get(id)!] -= size.get(id)!;
        put(id, at);
        break;
      }
  }
  const filled = [...new Set(level.values())].sort((a, b) => a - b);
  return new Map([...level].map(([id, at]) => [id, filled.indexOf(at)]));
}

/** Order the layers and give nodes and lines their places. */
function laidOut(items: Item[], arrows: [string, string][], links: Link[], level: Levels, down: boolean, gaps: Gaps): Arranged {
  const graph = new dagre.graphlib.Graph();
  const ranker = (given: { nodes(): string[]; node(id: string): { rank: number } }) => {
    // Twice the layer: dagre keeps every second rank for what stands on arrows.
    for (const id of given.nodes()) if (level.has(id)) given.node(id).rank = 2 * level.get(id)!;
  };
  const label = { rankdir: down ? "TB" : "LR", nodesep: gaps.node, edgesep: LANE, ranksep: down ? gaps.down : gaps.across, ranker };
  graph.setGraph(label as unknown as Parameters<typeof graph.setGraph>[0]);
  graph.setDefaultEdgeLabel(() => ({}));
  for (const item of items) graph.setNode(item.id, { width: item.w, height: item.h });
  for (const [a, b] of arrows) graph.setEdge(a, b, { weight: 2 });
  for (const { source, target, directed } of links) {
    const [a, b] = (level.get(source) ?? 0) <= (level.get(target) ?? 0) ? [source, target] : [target, source];
    if (directed || level.get(a) === level.get(b) || !level.has(a) || !level.has(b) || graph.hasEdge(a, b)) continue;
    graph.setEdge(a, b, { weight: 1 });
  }
  dagre.layout(graph);
  const places: Record<string, Point> = {};
  for (const item of items) {
    const { x, y } = graph.node(item.id);
    places[item.id] = { x, y };
  }
  const ways = (source: string, target: string): Point[] | undefined => {
    const [a, b] = graph.hasEdge(source, target) ? [source, target] : [target, source];
    if (!graph.hasEdge(a, b)) return undefined;
    const points = (graph.edge(a, b).points ?? []) as Point[];
    const inner = points.filter((_, i) => i % 2 === 0 && i > 0 && i < points.length - 1);
    return a === source ? inner : inner.reverse();
  };
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { places, ways, w: width, h: height };
}

/** An arrangement whose layers run down, pressed into a width: lanes give way, and nodes as far as they must. */
function pressed(found: Arranged, items: Item[], level: Levels, width: number, gap: number): Arranged {
  if (found.w <= width) return found;
  const k = width / found.w;
  const layers = new Map<number, Item[]>();
  for (const item of items) layers.set(level.get(item.id)!, [...(layers.get(level.get(item.id)!) ?? []), item]);
  const places = { ...found.places };
  for (const layer of layers.values()) {
    layer.sort((a, b) => places[a.id].x - places[b.id].x);
    const needed = layer.reduce((sum, item) => sum + item.w + gap, -gap);
    if (needed > width) return found;
    const at: number[] = []; // left ends
    let from = 0;
    for (const item of layer) {
      at.push(Math.max(from, k * places[item.id].x - item.w / 2));
      from = at[at.length - 1] + item.w + gap;
    }
    let to = width;
    for (let i = layer.length - 1; i >= 0; i -= 1) {
      at[i] = Math.min(at[i], to - layer[i].w);
      to = at[i] - gap;
    }
    layer.forEach((item, i) => (places[item.id] = { x: at[i] + item.w / 2, y: places[item.id].y }));
  }
  return { places, ways: (a, b) => found.ways(a, b)?.map((p) => ({ x: k * p.x, y: p.y })), w: width, h: found.h };
}

/** How bad an arrangement is in a room, in pixels of annoyance. */
function cost(found: Arranged, arrows: [string, string][], room: Room, down: boolean): number {
  const paths = arrows.map(([a, b]) => [found.places[a], ...(found.ways(a, b) ?? []), found.places[b]]);
  let crossed = 0;
  let long = 0;
  paths.forEach((path, i) => {
    for (let k = 1; k < path.length; k += 1) long += Math.hypot(path[k].x - path[k - 1].x, path[k].y - path[k - 1].y);
    for (let j = i + 1; j < paths.length; j += 1)
      if (![...arrows[i]].some((end) => arrows[j].includes(end))) crossed += crossings(path, paths[j]);
  });
  const size = room.grows
    ? (found.w > room.w + 1 ? 5000 + 8 * (found.w - room.w) : 0) + 0.8 * Math.max(0, found.h - room.h)
    : 1400 * (1 - Math.min(1, room.w / found.w, room.h / found.h));
  return size + 16 * crossed + (0.25 * long) / Math.sqrt(arrows.length || 1) + (down ? (room.grows ? 12 : 90) : 0); // one reads from left to right
}

/** What layers that run across take at least. */
function leastWidth(items: Item[], level: Levels, gap: number): number {
  const widest: number[] = [];
  for (const item of items) widest[level.get(item.id)!] = Math.max(item.w, widest[level.get(item.id)!] ?? 0);
  return widest.reduce((sum, w) => sum + w + gap, -gap);
}

/** The best arrangement for a room: what lays it out, with other gaps too, and how bad it is. */
export function arranged(items: Item[], links: Link[], room: Room, gaps: Gaps): { layOut: (gaps: Gaps) => Arranged; bad: number } {
  const arrows = acyclic(items, links);
  const seen = new Set<string>();
  let best: ((gaps: Gaps) => Arranged) | null = null;
  let least = Infinity;
  const attempt = (down: boolean, bound: number): void => {
    const level = levelled(items, arrows, (item) => (down ? item.w : item.h), gaps.node, bound);
    const signature = `${down}${items.map((item) => level.get(item.id)).join()}`;
    if (seen.has(signature)) return;
    seen.add(signature);
    if (!down && room.grows && leastWidth(items, level, gaps.across) > room.w && best) return;
    const layOut = (gaps: Gaps): Arranged => {
      const loose = laidOut(items, arrows, links, level, down, gaps);
      return down && room.grows ? pressed(loose, items, level, room.w, 24) : loose;
    };
    const bad = cost(layOut(gaps), arrows, room, down);
    if (bad < least) [best, least] = [layOut, bad];
  };
  for (const share of [1, 0.75, 0.5]) attempt(true, room.w * share);
  for (const share of room.grows ? [0.7, 1, 1.4] : [0.5, 0.75, 1]) attempt(false, room.h * share);
  return { layOut: best!, bad: least };
}

/** Spread an arrangement over its room, as far as that helps. */
export function spread(found: Arranged, room: Size, most: { x: number; y: number }): Arranged {
  const points = Object.values(found.places);
  const span = (axis: "x" | "y") => Math.max(...points.map((p) => p[axis])) - Math.min(...points.map((p) => p[axis]));
  const factor = (axis: "x" | "y", own: number, wide: number) =>
    span(axis) > 0 ? Math.min(most[axis], Math.max(1, 1 + (wide - own) / span(axis))) : 1;
  const [kx, ky] = [factor("x", found.w, room.w), factor("y", found.h, room.h)];
  const left = points.length ? Math.min(...points.map((p) => p.x)) : 0;
  const top = points.length ? Math.min(...points.map((p) => p.y)) : 0;
  const move = (p: Point): Point => ({ x: left + (p.x - left) * kx, y: top + (p.y - top) * ky });
  return {
    places: Object.fromEntries(Object.entries(found.places).map(([id, p]) => [id, move(p)])),
    ways: (source, target) => found.ways(source, target)?.map(move),
    w: found.w + span("x") * (kx - 1),
    h: found.h + span("y") * (ky - 1),
  };
}

/** A drawing's own places, stretched to a room; null where nodes would lie too near to each other. */
export function asDrawn(items: Item[], drawn: Record<string, Point>, room: Size, gap: number, held: ReadonlySet<string>[] = []): Arranged | null {
  if (items.some((item) => !drawn[item.id])) return null;
  const unit = (axis: "x" | "y") => {
    const all = items.map((item) => drawn[item.id][axis]);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    return (value: number) => (high - low > 1e-9 ? (value - low) / (high - low) : 0.5);
  };
  const [ux, uy] = [unit("x"), unit("y")];
  const fit = (axis: "x" | "y", wide: number, half: (item: Item) => number) => {
    // The largest span at which no box leaves the room.
    const share = axis === "x" ? ux : uy;
    let [low, high] = [0, wide];
    for (const item of items) {
      const at = share(drawn[item.id][axis]);
      low = Math.max(low, half(item) * (1 - at));
      high = Math.min(high, wide - half(item) * at);
    }
    return (value: number) => low + share(value) * Math.max(high - low, 0);
  };
  const inside = (item: Item) => held.some((members) => members.has(item.id));
  const half = (item: Item) => (inside(item) ? marginOf(item) : { x: item.w / 2, y: item.h / 2 });
  const [x, y] = [fit("x", room.w, (item) => half(item).x), fit("y", room.h, (item) => half(item).y)];
  const places = Object.fromEntries(items.map((item) => [item.id, { x: x(drawn[item.id].x), y: y(drawn[item.id].y) }]));
  for (const [i, a] of items.entries())
    for (const b of items.slice(i + 1)) {
      const [dx, dy] = [Math.abs(places[a.id].x - places[b.id].x), Math.abs(places[a.id].y - places[b.id].y)];
      if (dx < (a.w + b.w) / 2 + gap && dy < (a.h + b.h) / 2 + gap) return null;
    }
  const boxes = items.map((item) => ({ ...item, ...places[item.id], r: 0 }));
  for (const members of held) {
    const box = boxRound(boxes.filter(({ id }) => members.has(id)));
    if (box && boxes.some((other) => !members.has(other.id) && overlap(box, other, gap / 2))) return null;
  }
  return { places, ways: () => undefined, w: room.w, h: room.h };
}
