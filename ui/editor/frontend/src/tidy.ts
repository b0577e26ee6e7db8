// Tidy: the drawing arranged for the frame that it stands in.
import { spread } from "./arrange";
import { arrangedWhole } from "./compound";
import { members } from "./graph";
import type { Graph, Point, Size } from "./types";

/** Places for a frame in pixels; at a zoom under `least` names cannot be read. */
export function tidied(graph: Graph, sizes: Record<string, Size>, frame: Size, least: number): Record<string, Point> {
  const items = graph.nodes.map(({ id }) => ({ id, ...(sizes[id] ?? { w: 110, h: 42 }) }));
  const links = graph.edges.map(({ source, target, bidirected }) => ({ source, target, directed: !bidirected }));
  const gaps = { node: 30, across: 72, down: 44 };
  const room = (zoom: number): Size => ({ w: frame.w / zoom, h: frame.h / zoom });
  const held = [members(graph).map((node) => node.id)];
  const whole = arrangedWhole(items, links, { ...room(0.9), grows: false }, gaps, held);
  const found = whole.layOut(gaps);
  if (frame.w >= least * found.w && frame.h >= least * found.h) return whole.expand(spread(found, room(0.9), { x: 1.4, y: 1.4 })).places;
  // It cannot be read as a whole: then as wide as the frame, to be moved through in one direction.
  const down = room(least * 1.01);
  const high = arrangedWhole(items, links, { ...down, grows: true }, gaps, held);
  return high.expand(spread(high.layOut(gaps), down, { x: 1.4, y: 1 })).places;
}
