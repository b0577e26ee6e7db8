// The plan of several pictures of the same nodes in one layout: where nodes stand, where
// lines run, where labels stand, and how high the frame must be for all to be read.
import { asDrawn, spread, type Arranged, type Gaps, type Item, type Link } from "./arrange";
import { boxRound } from "./background";
import { arrangedWhole } from "./compound";
import { lineOf, lines, obstacles, pairLine, type Box, type Route } from "./geometry";
import { BOX } from "./graph";
import { placeLabels, type Placed, type Setting } from "./labels";
import { meets, type Rect } from "./paths";
import type { EdgeState, Point, Size } from "./types";

export interface Sketch {
  sizes: Record<string, Size>; // of the nodes that it shows, by id
  held: ReadonlySet<string>; // the background
  edges: EdgeState[]; // an arrow from each of the background comes as one from its box
  pairs: { key: string; a: string; b: string }[];
  width: (edge: EdgeState) => number;
  settings: Map<string, Setting[]>; // by key of edge or pair
}

export interface Drawn {
  routes: Map<string, Route>;
  labels: Map<string, Placed>;
}

export interface Plan {
  size: Size;
  places: Record<string, Point>;
  draw: (index: number) => Drawn; // of one picture; made when it is first asked for
  faults: number;
}

const MARGIN = 10;
const LOW = 150; // no frame is lower
const JUDGED = 4; // pictures by which a layout is judged, those with most to show
const GAPS: Gaps = { node: 26, across: 62, down: 46 };

/** The boxes of one picture: where all have them, as large as they are here, and that of its background. */
function ownBoxes(sketch: Sketch, boxes: Map<string, Box>): Map<string, Box> {
  const own = new Map(Object.entries(sketch.sizes).flatMap(([id, size]) => (boxes.has(id) ? [[id, { ...boxes.get(id)!, ...size }] as const] : [])));
  const round = boxRound([...own.values()].filter((box) => sketch.held.has(box.id)));
  return round ? own.set(BOX, round) : own;
}

/** Lines and labels of one picture whose nodes stand. */
export function drawSketch(sketch: Sketch, boxes: Map<string, Box>, ways: Arranged["ways"], frame?: Rect): Drawn {
  const own = ownBoxes(sketch, boxes);
  const wanted = [
    ...sketch.edges.map((edge) => lineOf(edge, sketch.width(edge), ways(edge.source, edge.target))),
    ...sketch.pairs.map(({ key, a, b }) => pairLine(key, a, b, ways(a, b))),
  ];
  const routes = lines(wanted, own, { frame, careful: true, held: sketch.held });
  const labels = placeLabels(
    [...routes].flatMap(([key, { path }]) => (sketch.settings.has(key) ? [{ key, path, settings: sketch.settings.get(key)! }] : [])),
    {
      nodes: [...own.values()],
      heads: [...routes.values()].flatMap((route) => route.tips),
      paths: new Map([...routes].map(([key, route]) => [key, route.path])),
      frame,
    },
  );
  return { routes, labels };
}

/** What is wrong with a picture: labels without a place, lines over nodes. */
function faultsOf(sketch: Sketch, { routes, labels }: Drawn, boxes: Map<string, Box>): number {
  const own = ownBoxes(sketch, boxes);
  let faults = sketch.settings.size - labels.size;
  const ends = new Map([...sketch.edges.map((e) => [e.id, [e.source, e.target]] as const), ...sketch.pairs.map((p) => [p.key, [p.a, p.b]] as const)]);
  for (const [key, route] of routes)
    for (const box of obstacles([...own.values()], own.get(ends.get(key)![0])!, own.get(ends.get(key)![1])!, sketch.held)) if (meets(route.path, box, 1)) faults += 1;
  return faults;
}

/** Every layout worth trying, the preferred first: as drawn, then arranged with more and more room between. */
function* layouts(items: Item[], drawn: Record<string, Point>, links: Link[], sketches: Sketch[], room: Size, label: Size): Generator<Arranged> {
  for (const factor of [1, 1.3]) {
    const own = asDrawn(items, drawn, { w: room.w, h: room.h * factor }, 22, sketches.map((sketch) => sketch.held));
    if (own) yield own;
  }
  const gapsOf = (more: number): Gaps => ({
    node: GAPS.node + Math.max(0, more / 4),
    across: GAPS.across + label.w * 0.55 + more,
    down: GAPS.down + label.h * 0.5 + more,
  });
  const groups = groupsOf(items, sketches);
  // With fewer nodes to a layer there is a way past them.
  for (const share of [1, 0.7]) {
    const { layOut, expand } = arrangedWhole(items, links, { ...room, w: share * room.w, grows: true }, gapsOf(0), groups);
    for (const more of share < 1 ? [6, 28, 60] : [-12, 6, 28]) yield expand(spread(layOut(gapsOf(more)), room, { x: 1.6, y: 1.25 }));
  }
}

/**
 * Plan pictures side by side, each `width` pixels wide.
 *
 * `drawn` are the user's own places, kept where all can be read in the frame; otherwise the
 * nodes are arranged anew, alike in all pictures.
 */
export function planPictures(items: Item[], drawn: Record<string, Point>, sketches: Sketch[], width: number): Plan {
  const round = new Map(items.map((item) => [item.id, (item as Item & { r?: number }).r ?? 9]));
  const inner = { w: width - 2 * MARGIN, h: preferred(items, width) };
  const settings = sketches.flatMap((sketch) => [...sketch.settings.values()].map((several) => several[0]));
  const label = { w: Math.max(0, ...settings.map((one) => one.w)), h: Math.max(0, ...settings.map((one) => one.h)) };
  let best: Plan | null = null;
  for (const found of layouts(items, drawn, linksOf(sketches), sketches, inner, label)) {
    const plan = planOf(found, items, sketches, width, round);
    // A picture that is half as high again must be worth it.
    const worse = (one: Plan) => one.faults + one.size.h / 600;
    if (!best || worse(plan) < worse(best)) best = plan;
    if (!plan.faults) break;
  }
  return best!;
}

/** What is background somewhere, together what is so in the same pictures, the most shared first. */
function groupsOf(items: Item[], sketches: Sketch[]): string[][] {
  const found = new Map<string, { ids: string[]; count: number }>();
  for (const { id } of items) {
    const holding = sketches.map((sketch) => sketch.held.has(id));
    const count = holding.filter(Boolean).length;
    if (!count) continue;
    const entry = found.get(holding.join()) ?? { ids: [], count };
    entry.ids.push(id);
    found.set(holding.join(), entry);
  }
  return [...found.values()].sort((a, b) => b.count - a.count).map(({ ids }) => ids);
}

/** The height that a picture of these nodes would like. */
function preferred(items: Item[], width: number): number {
  const area = items.reduce((sum, item) => sum + (item.w + 50) * (item.h + 52), 0);
  return Math.min(Math.max(area / width, 0.42 * width, 210), 460);
}

/** All arrows and lines of all pictures, those of most pictures first. */
function linksOf(sketches: Sketch[]): Link[] {
  const counted = new Map<string, { link: Link; count: number }>();
  const count = (source: string, target: string, directed: boolean) => {
    const name = `${source}\u0000${target}\u0000${directed}`;
    const entry = counted.get(name) ?? { link: { source, target, directed }, count: 0 };
    entry.count += 1;
    counted.set(name, entry);
  };
  for (const { edges } of sketches) {
    for (const edge of edges) count(edge.source, edge.target, !edge.bidirected);
  }
  return [...counted.values()].sort((a, b) => b.count - a.count).map(({ link }) => link);
}

function planOf(found: Arranged, items: Item[], sketches: Sketch[], width: number, round: Map<string, number>): Plan {
  const size = { w: found.w + 2 * MARGIN > width + 1 ? found.w + 2 * MARGIN : width, h: Math.max(LOW, found.h + 2 * MARGIN) };
  const [dx, dy] = [(size.w - found.w) / 2, (size.h - found.h) / 2];
  const moved = (p: Point): Point => ({ x: p.x + dx, y: p.y + dy });
  const places = Object.fromEntries(Object.entries(found.places).map(([id, p]) => [id, moved(p)]));
  const boxes = new Map(items.map(({ id, w, h }) => [id, { id, w, h, ...places[id], r: round.get(id)! }]));
  const frame = { x: size.w / 2, y: size.h / 2, ...size };
  const ways = (source: string, target: string) => found.ways(source, target)?.map(moved);
  const known: Drawn[] = [];
  const draw = (index: number) => (known[index] ??= drawSketch(sketches[index], boxes, ways, frame));
  const fullest = sketches.map((sketch, index) => ({ index, shown: sketch.edges.length + sketch.pairs.length })).sort((a, b) => b.shown - a.shown);
  const faults = fullest.slice(0, JUDGED).reduce((sum, { index }) => sum + faultsOf(sketches[index], draw(index), boxes), 0);
  return { size, places, draw, faults: faults + (size.w > width + 1 ? 100 : 0) };
}
