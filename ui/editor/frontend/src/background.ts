// The background: causes that may be related in any way. What may be among them, how its box
// stands round them, and how an arrow from each is one arrow from the box. Pure.
import { BOX, addEdge, arrowWords, changeNode, members, nameOf, nodeOf, short } from "./graph";
import type { Box } from "./paths";
import type { EdgeState, Graph, Point, Size } from "./types";

const PAD = 14; // from the members to the border
export const WIDE = 300; // from here on the label stands in one line
const NARROW = 196; // no box is narrower: its label must be read
const [ONE_LINE, TWO_LINES] = [31, 50]; // the label, also where small words grow against the zoom
const APART = 10; // between members that are gathered
const CLEAR = 90; // from gathered members to the rest

const headOf = (w: number): number => (w >= WIDE ? ONE_LINE : TWO_LINES);

/** The size of the box round what covers `inner`, and how far below its centre that lies. */
export function boxSize(inner: Size): Size & { down: number } {
  const w = Math.max(inner.w + 2 * PAD, NARROW);
  const head = headOf(w);
  return { w, h: inner.h + head + PAD, down: (head - PAD) / 2 };
}

/** How far from its centre a member's box may reach, label included, whichever member it is. */
export const marginOf = (member: Size): Point => ({ x: Math.max(member.w / 2 + PAD, NARROW / 2), y: member.h / 2 + TWO_LINES });

/** The box round members that stand; null where there are none. */
export function boxRound(boxes: Box[]): Box | null {
  if (!boxes.length) return null;
  const [left, right] = [Math.min(...boxes.map((b) => b.x - b.w / 2)), Math.max(...boxes.map((b) => b.x + b.w / 2))];
  const [top, bottom] = [Math.min(...boxes.map((b) => b.y - b.h / 2)), Math.max(...boxes.map((b) => b.y + b.h / 2))];
  const { w, h, down } = boxSize({ w: right - left, h: bottom - top });
  return { id: BOX, x: (left + right) / 2, y: (top + bottom) / 2 - down, w, h, r: 14 };
}

const LABEL = 236; // about as wide as the label gets

/** Where the label of the box stands. */
export function labelOf(box: Box): Box {
  const [w, h] = [Math.min(LABEL, box.w), headOf(box.w) - 8];
  return { id: "", x: box.x - box.w / 2 + w / 2, y: box.y - box.h / 2 + h / 2, w, h, r: 0 };
}

/** Several rows of sizes in a grid of so many columns, each as wide as its widest. */
export interface Grid extends Size {
  at: Record<string, Point>; // from the centre of the grid
}

export function gridOf(groups: (Size & { id: string })[][], columns: number, gap = APART): Grid {
  const all = groups.flat();
  const across = Math.min(columns, Math.max(1, ...groups.map((group) => group.length)));
  const widths = Array.from({ length: across }, () => 0);
  for (const group of groups) group.forEach((item, i) => (widths[i % across] = Math.max(widths[i % across], item.w)));
  const w = widths.reduce((sum, one) => sum + one + gap, -gap);
  const at: Record<string, Point> = {};
  let y = 0;
  for (const group of groups) {
    for (let from = 0; from < group.length; from += across) {
      const row = group.slice(from, from + across);
      const h = Math.max(...row.map((item) => item.h));
      let x = -w / 2;
      row.forEach((item, i) => {
        at[item.id] = { x: x + widths[i] / 2, y: y + h / 2 };
        x += widths[i] + gap;
      });
      y += h + gap;
    }
    y += TWO_LINES + PAD; // a box of some groups keeps clear of the next
  }
  const h = all.length ? y - gap - TWO_LINES - PAD : 0;
  for (const place of Object.values(at)) place.y -= h / 2;
  return { at, w: all.length ? w : 0, h };
}

// -- one arrow from the box -----------------------------------------------------------

export interface Bundle {
  id: string;
  target: string;
  edges: EdgeState[];
}

const PREFIX = `${BOX}>`;

/** The nodes to which every member points, where there are several members: one arrow stands for all. */
export function bundlesOf(graph: Graph): Bundle[] {
  const held = new Set(members(graph).map((node) => node.id));
  if (held.size < 2) return [];
  const found = new Map<string, EdgeState[]>();
  for (const edge of graph.edges) {
    if (edge.bidirected || !held.has(edge.source) || held.has(edge.target)) continue;
    const several = found.get(edge.target);
    if (several) several.push(edge);
    else found.set(edge.target, [edge]);
  }
  return [...found].flatMap(([target, edges]) => (edges.length === held.size ? [{ id: PREFIX + target, target, edges }] : []));
}

/** The arrows that one that is drawn stands for. */
export const edgesBehind = (graph: Graph, id: string): string[] =>
  id.startsWith(PREFIX) ? (bundlesOf(graph).find((bundle) => bundle.id === id)?.edges.map((edge) => edge.id) ?? []) : [id];

/** The one arrow that stands for exactly these, if there is one. */
export const bundleOf = (graph: Graph, edges: ReadonlySet<string>): Bundle | undefined =>
  bundlesOf(graph).find((bundle) => bundle.edges.length === edges.size && bundle.edges.every((edge) => edges.has(edge.id)));

/** "season, region, price": the members by name. */
export const memberNames = (graph: Graph): string => members(graph).map((node) => node.name).join(", ");

/** Whether exactly the members are among these, and there are several: then the box is meant. */
export function isBox(graph: Graph, nodes: ReadonlySet<string>): boolean {
  const held = members(graph);
  return held.length > 1 && held.length === nodes.size && held.every((node) => nodes.has(node.id));
}

/** An arrow from each member that has none yet. */
export const addFromEach = (graph: Graph, target: string): Graph =>
  members(graph)
    .filter(({ id }) => !graph.edges.some((e) => !e.bidirected && e.source === id && e.target === target))
    .reduce((next, { id }) => addEdge(next, id, target, false), graph);

// -- in and out -------------------------------------------------------------------------

/** Why these marks of background cannot be, in words; null if they can. */
function fault(graph: Graph): string | null {
  const name = (id: string) => `“${short(nameOf(graph, id))}”`;
  for (const node of members(graph)) {
    if (node.latent) return `${name(node.id)} is unmeasured, and what is unmeasured cannot be background`;
    for (const role of ["exposure", "outcome"] as const)
      if (graph[role] === node.id) return `${name(node.id)} is the ${role}: the question is about it, so it cannot be background`;
  }
  const held = (id: string) => nodeOf(graph, id)?.background ?? false;
  for (const { source, target, bidirected } of graph.edges) {
    if (bidirected && (held(source) || held(target)))
      return `the arc ${arrowWords(graph, source, target, true)} touches ${name(held(source) ? source : target)}: delete the arc first`;
    if (!bidirected && held(target) && !held(source))
      return `the arrow ${arrowWords(graph, source, target, false)} comes into ${name(target)} from outside: put ${name(source)} in too, or delete the arrow`;
  }
  return null;
}

export type Changed = { graph: Graph; dropped: number } | { refused: string };

/** Put nodes into the background, or take them out; arrows among its members go, as they say nothing. */
export function withBackground(graph: Graph, nodes: Iterable<string>, inside: boolean): Changed {
  let next = graph;
  for (const id of nodes) next = changeNode(next, id, { background: inside });
  const held = new Set(members(next).map((node) => node.id));
  const edges = inside ? next.edges.filter((e) => e.bidirected || !held.has(e.source) || !held.has(e.target)) : next.edges;
  const refused = fault({ ...next, edges });
  return refused ? { refused } : { graph: { ...next, edges }, dropped: graph.edges.length - edges.length };
}

/** Take out what cannot stay, now that nodes are marked otherwise; or say what stands against it. */
export function takenOut(graph: Graph, nodes: string[]): Changed {
  const out = nodes.filter((id) => nodeOf(graph, id)?.background);
  return out.length ? withBackground(graph, out, false) : { graph, dropped: 0 };
}

/** Places for the members beside all else, where their box would cover other nodes; null where it covers none. */
export function gathered(graph: Graph, boxes: Map<string, Box>): Record<string, Point> | null {
  const held = members(graph).flatMap(({ id }) => boxes.get(id) ?? []);
  const rest = graph.nodes.flatMap((node) => (node.background ? [] : (boxes.get(node.id) ?? [])));
  const box = boxRound(held);
  if (!box || !rest.some((b) => Math.abs(b.x - box.x) < (b.w + box.w) / 2 + 8 && Math.abs(b.y - box.y) < (b.h + box.h) / 2 + 8)) return null;
  const sorted = [...held].sort((a, b) => a.y - b.y || a.x - b.x);
  const grid = gridOf([sorted], held.length > 7 ? 2 : 1);
  const size = boxSize(grid);
  const left = Math.min(...rest.map((b) => b.x - b.w / 2)) - CLEAR - size.w / 2;
  const [top, bottom] = [Math.min(...rest.map((b) => b.y)), Math.max(...rest.map((b) => b.y))];
  const middle = (top + bottom) / 2 + size.down;
  return Object.fromEntries(Object.entries(grid.at).map(([id, p]) => [id, { x: left + p.x, y: middle + p.y }]));
}
