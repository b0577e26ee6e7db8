// Pure functions over a graph: what may be drawn, and what it becomes.
import type { EdgeState, Graph, NodeState, Point } from "./types";

export const EMPTY: Graph = { nodes: [], edges: [], exposure: null, outcome: null };

export const nodeOf = (graph: Graph, id: string | null): NodeState | undefined =>
  graph.nodes.find((node) => node.id === id);

/** The id of the box round the background, where an arrow begins that is one from each member. */
export const BOX = "background";

export const nameOf = (graph: Graph, id: string | null): string => (id === BOX ? BOX : (nodeOf(graph, id)?.name ?? ""));

export const edgeOf = (graph: Graph, id: string): EdgeState | undefined => graph.edges.find((edge) => edge.id === id);

let counter = 0;
/** An id that no other tab and no earlier visit has given. */
export function freshId(letter: string): string {
  counter += 1;
  return `${letter}-${Date.now().toString(36)}${counter.toString(36)}${Math.random().toString(36).slice(2, 6)}`;
}

/** Ids of one directed path from `from` to `to`, both ends included; empty if there is none. */
export function pathBetween(edges: EdgeState[], from: string, to: string): string[] {
  const came = new Map<string, string | null>([[from, null]]);
  const queue = [from];
  while (queue.length) {
    const here = queue.shift()!;
    if (here === to) {
      const path: string[] = [];
      for (let step: string | null = here; step !== null; step = came.get(step)!) path.unshift(step);
      return path;
    }
    for (const edge of edges)
      if (!edge.bidirected && edge.source === here && !came.has(edge.target)) {
        came.set(edge.target, here);
        queue.push(edge.target);
      }
  }
  return [];
}

export const short = (name: string): string => (name.length > 28 ? `${name.slice(0, 27)}…` : name);
export const arrowWords = (graph: Graph, source: string, target: string, bidirected: boolean): string =>
  `${short(nameOf(graph, source))} ${bidirected ? "↔" : "→"} ${short(nameOf(graph, target))}`;

/** The nodes that are background, in their order. */
export const members = (graph: Graph): NodeState[] => graph.nodes.filter((node) => node.background);

/** Why a background forbids an arrow or arc, in words; null if it does not. */
function backgroundRefusal(graph: Graph, source: string, target: string, bidirected: boolean): string | null {
  const inside = (id: string) => id === BOX || (nodeOf(graph, id)?.background ?? false);
  const [from, to] = [inside(source), inside(target)];
  if (from && to) return "both are background: they may be related in any way already";
  if (bidirected && (from || to)) return `${short(nameOf(graph, from ? source : target))} is background, and no arc joins that with anything`;
  if (to) return target === BOX ? "no arrow comes into the background" : `${short(nameOf(graph, target))} is background, and no arrow comes into that`;
  return null;
}

/** Why an arrow (or arc) cannot be drawn, in words; null if it can. `except` is the arrow that it replaces. */
export function refusal(graph: Graph, source: string, target: string, bidirected: boolean, except?: string): string | null {
  if (source === target) return "a variable is not its own cause";
  const held = backgroundRefusal(graph, source, target, bidirected);
  if (held) return held;
  if (source === BOX) {
    const left = members(graph).filter(({ id }) => !graph.edges.some((e) => !e.bidirected && e.source === id && e.target === target));
    return left.length ? null : `${arrowWords(graph, source, target, bidirected)} is already drawn`;
  }
  const edges = graph.edges.filter((edge) => edge.id !== except);
  const same = edges.some(
    (edge) =>
      edge.bidirected === bidirected &&
      ((edge.source === source && edge.target === target) ||
        (bidirected && edge.source === target && edge.target === source)),
  );
  if (same) return `${arrowWords(graph, source, target, bidirected)} is already drawn`;
  if (bidirected) return null;
  const back = pathBetween(edges, target, source);
  if (!back.length) return null;
  const names = [source, ...back].map((id) => short(nameOf(graph, id)));
  const shown = names.length > 8 ? [...names.slice(0, 4), "…", ...names.slice(-3)] : names;
  return `would close the cycle ${shown.join(" → ")}`;
}

/** Why a name cannot be used; null if it can. */
export function nameRefusal(graph: Graph, name: string, longest: number, except?: string): string | null {
  if (!name.trim()) return "a variable needs a name";
  if (name.length > longest) return `a name has at most ${longest} characters`;
  if (graph.nodes.some((node) => node.id !== except && node.name === name)) return `“${short(name)}” is already on the canvas`;
  return null;
}

export function uniqueName(graph: Graph, stem: string): string {
  const taken = new Set(graph.nodes.map((node) => node.name));
  if (!taken.has(stem)) return stem;
  let number = 2;
  while (taken.has(`${stem} ${number}`)) number += 1;
  return `${stem} ${number}`;
}

export const addNode = (graph: Graph, node: NodeState): Graph => ({ ...graph, nodes: [...graph.nodes, node] });

export const addEdge = (graph: Graph, source: string, target: string, bidirected: boolean): Graph => ({
  ...graph,
  edges: [...graph.edges, { id: freshId("e"), source, target, bidirected }],
});

export const changeNode = (graph: Graph, id: string, change: Partial<NodeState>): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)),
});

export const changeEdge = (graph: Graph, id: string, change: Partial<EdgeState>): Graph => ({
  ...graph,
  edges: graph.edges.map((edge) => (edge.id === id ? { ...edge, ...change } : edge)),
});

export function moveNodes(graph: Graph, to: Record<string, Point>): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) =>
      to[node.id] ? { ...node, x: Math.round(to[node.id].x * 10) / 10, y: Math.round(to[node.id].y * 10) / 10 } : node,
    ),
  };
}

export function remove(graph: Graph, nodes: Set<string>, edges: Set<string>): Graph {
  return {
    nodes: graph.nodes.filter((node) => !nodes.has(node.id)),
    edges: graph.edges.filter((edge) => !edges.has(edge.id) && !nodes.has(edge.source) && !nodes.has(edge.target)),
    exposure: graph.exposure && nodes.has(graph.exposure) ? null : graph.exposure,
    outcome: graph.outcome && nodes.has(graph.outcome) ? null : graph.outcome,
  };
}

/** Mark a node as exposure or outcome, or take the mark away; no node has both. */
export function mark(graph: Graph, role: "exposure" | "outcome", id: string): Graph {
  const other = role === "exposure" ? "outcome" : "exposure";
  if (graph[role] === id) return { ...graph, [role]: null };
  return { ...graph, [role]: id, [other]: graph[other] === id ? null : graph[other] };
}

export const same = (a: Graph, b: Graph): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
