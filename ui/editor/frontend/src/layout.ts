// Tidy: causes left of effects, few crossings (dagre).
import dagre from "@dagrejs/dagre";
import type { Graph, Point, Size } from "./types";

export function tidy(graph: Graph, sizes: Record<string, Size>): Record<string, Point> {
  const layout = new dagre.graphlib.Graph();
  layout.setGraph({ rankdir: "LR", nodesep: 46, ranksep: 96, marginx: 0, marginy: 0 });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) {
    const size = sizes[node.id] ?? { w: 110, h: 42 };
    layout.setNode(node.id, { width: size.w, height: size.h });
  }
  for (const edge of graph.edges) if (!edge.bidirected) layout.setEdge(edge.source, edge.target);
  dagre.layout(layout);
  const places: Record<string, Point> = {};
  for (const node of graph.nodes) {
    const { x, y } = layout.node(node.id);
    places[node.id] = { x, y };
  }
  return places;
}
