// Pulling an arrow with the pointer: from a node's rim to anywhere on another node's body,
// or to the empty canvas, where a new variable is begun. Hits are judged by geometry, so
// that targets are forgiving and it works the same for mouse, pen and finger.
import type { ReactFlowInstance } from "@xyflow/react";
import type { PointerEvent as ReactPointerEvent } from "react";
import { boxRound } from "./background";
import { boxOf, distance, nodeAt, type Box } from "./geometry";
import { BOX, nodeOf } from "./graph";
import type { State, Store } from "./store";
import type { Point } from "./types";

const NEAR = 18; // screen pixels around a node that still count as on it
const FAR = 70; // pixels from the source before an empty drop means a new variable

/** The boxes of all nodes, and the one round the background. */
export function boxesOf(state: State): Map<string, Box> {
  const { graph, sizes, moving } = state;
  const found = new Map(graph.nodes.map((node) => [node.id, boxOf(node, sizes[node.id], moving[node.id], node.id === graph.outcome)]));
  const round = boxRound(graph.nodes.flatMap((node) => (node.background ? [found.get(node.id)!] : [])));
  return round ? found.set(BOX, round) : found;
}

/** What lies under a point: the node whose border is nearest, else the box of the background. */
export function under(boxes: Map<string, Box>, point: Point, margin: number): string | null {
  const box = boxes.get(BOX);
  const near = nodeAt([...boxes.values()].filter((one) => one !== box), point, margin);
  return near ?? (box && distance(box, point) <= 0 ? BOX : null);
}

type Flow = Pick<ReactFlowInstance, "screenToFlowPosition" | "getZoom">;

export function beginPull(down: ReactPointerEvent, source: string, store: Store, flow: Flow): void {
  if (store.state.data.readOnly) return;
  down.preventDefault();
  down.stopPropagation();
  const start = { x: down.clientX, y: down.clientY };
  let pulled = false;

  const aim = (event: PointerEvent) => {
    const pointer = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const boxes = boxesOf(store.state);
    const own = boxes.get(source);
    const onSelf = own !== undefined && distance(own, pointer) <= 0;
    boxes.delete(source);
    let target = onSelf ? null : under(boxes, pointer, NEAR / flow.getZoom());
    // Between its siblings a member's arrow aims at nothing, and nothing begins there.
    const home = target === BOX && (nodeOf(store.state.graph, source)?.background ?? false);
    if (home) target = null;
    return { pointer, target, far: !home && own !== undefined && distance(own, pointer) > FAR };
  };

  const move = (event: PointerEvent) => {
    if (!pulled && Math.hypot(event.clientX - start.x, event.clientY - start.y) < 4) return;
    if (pulled && !store.state.link) return stop(); // Escape, or Python replaced the graph
    pulled = true;
    const { pointer, target } = aim(event);
    store.link({ source, target, pointer, bidirected: event.shiftKey, refusal: null });
  };

  const up = (event: PointerEvent) => {
    const live = store.state.link !== null;
    stop();
    if (!pulled) store.selectOne(source);
    if (!pulled || !live) return;
    const { pointer, target, far } = aim(event);
    if (target) store.connect(source, target, event.shiftKey);
    else if (far) store.begin(pointer, false, source, event.shiftKey);
    else store.link(null);
  };

  const cancel = () => {
    stop();
    store.link(null);
  };

  const stop = () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", up);
    window.removeEventListener("pointercancel", cancel);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", up);
  window.addEventListener("pointercancel", cancel);
}
