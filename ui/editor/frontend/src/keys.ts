// Everything by keyboard.
import type { ReactFlowInstance } from "@xyflow/react";
import type { KeyboardEvent } from "react";
import { edgesBehind, isBox } from "./background";
import { BOX, members, refusal } from "./graph";
import { boxesOf } from "./pull";
import { STEP, type Store } from "./store";
import type { Graph, NodeState, Point } from "./types";

const ARROWS: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

export interface Hands {
  flow: ReactFlowInstance;
  freePlace: () => Point;
}

const closest = (event: KeyboardEvent, selector: string, attribute: string): string | null =>
  (event.target as Element).closest(selector)?.getAttribute(attribute) ?? null;

export const focusedNode = (event: KeyboardEvent) => closest(event, ".react-flow__node", "data-id");
export const focusedBox = (event: KeyboardEvent) => closest(event, "[data-box]", "data-box");
export const focusedEdge = (event: KeyboardEvent) => closest(event, "[data-edge]", "data-edge");

/** The node that lies best in a direction from another. */
function towards(nodes: NodeState[], from: Point & { id: string }, direction: Point): NodeState | null {
  let best: NodeState | null = null;
  let least = Infinity;
  for (const node of nodes) {
    if (node.id === from.id) continue;
    const [dx, dy] = [node.x - from.x, node.y - from.y];
    const along = dx * direction.x + dy * direction.y;
    const across = Math.abs(dx * direction.y) + Math.abs(dy * direction.x);
    if (along <= 0) continue;
    const cost = along + 2.5 * across;
    if (cost < least) [best, least] = [node, cost];
  }
  return best;
}

/** The nodes at which an arrow may be aimed: from the box none of its members. */
const aims = (graph: Graph, source: string): NodeState[] => graph.nodes.filter((node) => node.id !== source && !(source === BOX && node.background));

/** Begin an arrow by keyboard, aimed at the nearest node that may take it. */
export function beginKeyLink(store: Store, source: string): void {
  const { graph, data } = store.state;
  const from = boxesOf(store.state).get(source);
  if (!from || data.readOnly) return;
  const others = aims(graph, source);
  if (!others.length) return store.say("There is no other variable yet");
  const allowed = others.filter((node) => !refusal(graph, source, node.id, false));
  const far = (node: NodeState) => Math.hypot(node.x - from.x, node.y - from.y) + (node.x < from.x ? 150 : 0);
  const target = [...(allowed.length ? allowed : others)].sort((a, b) => far(a) - far(b))[0];
  store.selectOne(source);
  store.focus(source);
  store.link({ source, target: target.id, pointer: null, bidirected: false, refusal: null });
}

function linkKey(event: KeyboardEvent, store: Store): boolean {
  const { link, graph } = store.state;
  if (!link || link.pointer) return false;
  const others = aims(graph, link.source);
  if (event.key === "Escape") {
    store.link(null);
    store.speak("Cancelled");
  } else if (event.key === "Enter" || event.key === " ") {
    if (link.target) {
      const { source, target, bidirected } = link;
      store.connect(source, target, bidirected);
      store.selectOne(source); // what has the focus is what the next key acts on
      store.focus(source);
    }
  } else if (event.key.toLowerCase() === "b") store.link({ ...link, bidirected: !link.bidirected });
  else if (ARROWS[event.key]) {
    const from = boxesOf(store.state).get(link.target ?? link.source);
    const next = from && towards(others, from, ARROWS[event.key]);
    if (next) store.link({ ...link, target: next.id });
  } else if (event.key === "Tab") {
    const sorted = [...others].sort((a, b) => a.x - b.x || a.y - b.y);
    const at = sorted.findIndex((node) => node.id === link.target);
    const next = sorted[(at + (event.shiftKey ? -1 : 1) + sorted.length) % sorted.length];
    store.link({ ...link, target: next.id });
  } else return event.key.length === 1; // other letters do nothing while an arrow is drawn
  return true;
}

function command(event: KeyboardEvent, store: Store): boolean {
  const key = event.key.toLowerCase();
  if (key === "z") event.shiftKey ? store.redo() : store.undo();
  else if (key === "y") store.redo();
  else if (key === "a") store.selectAll();
  else return false;
  return true;
}

function letter(event: KeyboardEvent, store: Store, hands: Hands): boolean {
  const { nodes } = store.state;
  const focused = focusedNode(event);
  const box = focusedBox(event) ?? (isBox(store.state.graph, nodes) ? BOX : null);
  const node = focused ?? (nodes.size === 1 ? [...nodes][0] : box);
  if (focused && !nodes.size && "bleo".includes(event.key.toLowerCase())) store.select([focused]);
  switch (event.key.toLowerCase()) {
    case "c":
      node ? beginKeyLink(store, node) : store.say("Select a variable first");
      return true;
    case "r":
      store.reverse();
      return true;
    case "b": // of variables the background, of an arrow its second head
      if (nodes.size || focused || !store.state.edges.size) store.toggleBackground();
      else store.toggleArc();
      return true;
    case "j":
      store.toggleArc();
      return true;
    case "l":
      store.toggleLatent();
      return true;
    case "e":
      store.mark("exposure");
      return true;
    case "o":
      store.mark("outcome");
      return true;
    case "n":
      store.begin(hands.freePlace());
      return true;
    case "a":
      store.set({ arrowMode: !store.state.arrowMode });
      store.speak(store.state.arrowMode ? "Arrows from anywhere on a variable" : "Dragging moves variables");
      return true;
    case "t":
      store.tidy();
      return true;
    case "p":
      store.togglePaths();
      return true;
    default:
      return look(event, store, hands);
  }
}

/** What only changes the view; works in a read-only canvas too. */
function look(event: KeyboardEvent, store: Store, { flow }: Hands): boolean {
  if (event.key.toLowerCase() === "f") store.fit(true);
  else if (event.key === "?") store.set({ help: true });
  else if (event.key === "+" || event.key === "=") store.zoomBy((duration) => void flow.zoomIn({ duration }));
  else if (event.key === "-") store.zoomBy((duration) => void flow.zoomOut({ duration }));
  else return false;
  return true;
}

function handled(event: KeyboardEvent, store: Store, hands: Hands): boolean {
  const { state } = store;
  if (linkKey(event, store)) return true;
  if (event.ctrlKey || event.metaKey) return command(event, store);
  if (event.altKey) return false;
  const onButton = (event.target as Element).closest("button") !== null;
  switch (event.key) {
    case "Escape":
      if (state.link) store.link(null);
      else if (state.help) store.set({ help: false });
      else if (state.arrowMode) store.set({ arrowMode: false });
      else if (state.nodes.size + state.edges.size) store.select([]);
      else return false;
      return true;
    case "Delete":
    case "Backspace":
      store.removeSelection();
      return true;
    case "F2": {
      const id = state.nodes.size ? [...state.nodes][0] : focusedNode(event);
      if (id && state.nodes.size < 2) store.rename(id);
      return true;
    }
    case "Enter": {
      if (onButton) return false;
      const item = focusedNode(event) ?? focusedEdge(event);
      const box = focusedBox(event);
      if (item) {
        if (focusedNode(event)) store.select([item]);
        else store.select([], edgesBehind(store.state.graph, item));
        store.inspect(item);
      }
      if (!item && box) beginKeyLink(store, box);
      return item !== null || box !== null;
    }
    case " ":
      return !onButton && toggle(event, store);
  }
  const step = ARROWS[event.key];
  if (step && state.nodes.size && !state.data.readOnly) {
    const size = event.shiftKey ? 5 * STEP : STEP;
    store.nudge(step.x * size, step.y * size);
    return true;
  }
  if (event.key.length !== 1) return false;
  return state.data.readOnly ? look(event, store, hands) : letter(event, store, hands);
}

function toggle(event: KeyboardEvent, store: Store): boolean {
  const { nodes, edges } = store.state;
  const flip = (set: ReadonlySet<string>, ids: string[]) => (ids.every((id) => set.has(id)) ? [...set].filter((id) => !ids.includes(id)) : [...set, ...ids]);
  const [node, edge, box] = [focusedNode(event), focusedEdge(event), focusedBox(event)];
  const { graph } = store.state;
  if (node) store.select(flip(nodes, [node]), edges);
  else if (edge) store.select(nodes, flip(edges, edgesBehind(graph, edge)));
  else if (box) store.select(flip(nodes, members(graph).map(({ id }) => id)), edges);
  return node !== null || edge !== null || box !== null;
}

export function onKeyDown(event: KeyboardEvent, store: Store, hands: Hands): void {
  if ((event.target as Element).closest("input, textarea, select")) return;
  if (store.state.help && event.key !== "Escape" && event.key !== "Tab") return;
  if (handled(event, store, hands)) {
    event.preventDefault();
    event.stopPropagation();
  }
}

export function onKeyUp(event: KeyboardEvent, store: Store): void {
  if (ARROWS[event.key]) store.endNudge();
}
