// All arrows, arcs and contradicted pairs, in one SVG under the nodes.
import { memo, useMemo, type MouseEvent } from "react";
import { pairRoute, placeLabels, previewRoute, routes, type Box, type Route } from "./geometry";
import { arrowWords, nameOf } from "./graph";
import { boxesOf } from "./pull";
import { usePick, useStore } from "./store";
import type { EdgeMark, EdgeState, Graph, PairMark, Point } from "./types";

const WIDTH = 2;
const LABEL_MOST = 40;
const clip = (text: string) => (text.length > LABEL_MOST ? `${text.slice(0, LABEL_MOST - 1)}…` : text);

interface ArrowProps {
  edge: EdgeState;
  route: Route;
  words: string;
  mark: EdgeMark | undefined;
  label: Point | undefined;
  selected: boolean;
  readOnly: boolean;
}

function ArrowView({ edge, route, words, mark, label, selected, readOnly }: ArrowProps) {
  const store = useStore();
  const width = mark?.width ?? WIDTH;
  const classes = ["wb-arrow", "nopan", mark?.style ?? "solid", edge.bidirected && "arc", selected && "selected"];
  const pick = (event: MouseEvent) => {
    event.stopPropagation();
    const { nodes, edges } = store.state;
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      const next = new Set(edges);
      if (!next.delete(edge.id)) next.add(edge.id);
      store.select(nodes, next);
    } else store.select([], [edge.id]);
  };
  const said = edge.bidirected ? `${words}, arc: they share an unmeasured cause` : words.replace("→", "causes");
  return (
    <g
      className={classes.filter(Boolean).join(" ")}
      data-edge={edge.id}
      data-words={words}
      tabIndex={0}
      role="button"
      aria-roledescription={edge.bidirected ? "arc" : "arrow"}
      aria-pressed={readOnly ? undefined : selected}
      aria-label={mark?.label ? `${said}, ${mark.label}` : said}
      onClick={pick}
    >
      {mark?.title && <title>{mark.title}</title>}
      <path className="wb-grip" d={route.d} />
      <path className="wb-halo" d={route.d} style={{ strokeWidth: width + 7 }} />
      <path className="wb-line" d={route.d} style={{ strokeWidth: width }} />
      {route.heads.map((d, index) => (
        <path key={index} className="wb-head" d={d} />
      ))}
      {mark?.label && label && (
        <text className="wb-label" x={label.x} y={label.y} dy="0.32em">
          {clip(mark.label)}
        </text>
      )}
    </g>
  );
}

const Arrow = memo(
  ArrowView,
  (a, b) =>
    a.edge === b.edge &&
    a.words === b.words &&
    a.mark === b.mark &&
    a.label?.x === b.label?.x &&
    a.label?.y === b.label?.y &&
    a.selected === b.selected &&
    a.readOnly === b.readOnly &&
    a.route.d === b.route.d &&
    a.route.heads.join() === b.route.heads.join(),
);

const pairKey = (a: string, b: string) => `${a}\u0000${b}`;

function useBoxes(): Map<string, Box> {
  const graph = usePick((state) => state.graph);
  const sizes = usePick((state) => state.sizes);
  const moving = usePick((state) => state.moving);
  const store = useStore();
  return useMemo(() => boxesOf(store.state), [store, graph, sizes, moving]);
}

export function Arrows() {
  const graph = usePick((state) => state.graph);
  const overlay = usePick((state) => state.data.overlay);
  const selected = usePick((state) => state.edges);
  const readOnly = usePick((state) => state.data.readOnly);
  const boxes = useBoxes();
  const names = useMemo(() => new Map(graph.nodes.map((node) => [node.id, node.name])), [graph]);
  const marks = useMemo(() => new Map(overlay.edges.map((mark) => [pairKey(mark.source, mark.target), mark])), [overlay]);
  const markOf = (edge: EdgeState) =>
    edge.bidirected ? undefined : marks.get(pairKey(names.get(edge.source) ?? "", names.get(edge.target) ?? ""));
  const found = useMemo(
    () => routes(graph.edges, boxes, (edge) => markOf(edge)?.width ?? WIDTH),
    [graph, boxes, marks],
  );
  const pairs = useMemo(() => pairsOf(graph, overlay.pairs, boxes), [graph, overlay, boxes]);
  const labels = useMemo(() => {
    const wanted = graph.edges.map((edge) => ({ key: edge.id, text: clip(markOf(edge)?.label ?? ""), along: found.get(edge.id)?.along ?? [] }));
    const more = pairs.map(({ key, mark, along }) => ({ key, text: clip(mark.label), along }));
    return placeLabels([...wanted, ...more].filter(({ text, along }) => text && along.length), boxes.values());
  }, [graph, boxes, found, pairs, marks]);
  return (
    <svg className="wb-arrows" width="1" height="1" role="group" aria-label="Arrows">
      {graph.edges.map((edge) => {
        const route = found.get(edge.id);
        if (!route) return null;
        return (
          <Arrow
            key={edge.id}
            edge={edge}
            route={route}
            words={arrowWords(graph, edge.source, edge.target, edge.bidirected)}
            mark={markOf(edge)}
            label={labels.get(edge.id)}
            selected={selected.has(edge.id)}
            readOnly={readOnly}
          />
        );
      })}
      {pairs.map(({ key, mark, d }) => (
        <Pair key={key} mark={mark} d={d} label={labels.get(key)} />
      ))}
      <Preview boxes={boxes} />
    </svg>
  );
}

interface Line {
  key: string;
  mark: PairMark;
  d: string;
  along: Point[];
}

/** The lines of contradicted pairs, as long as the drawing does not join them. */
function pairsOf(graph: Graph, marks: PairMark[], boxes: Map<string, Box>): Line[] {
  const byName = new Map(graph.nodes.map((node) => [node.name, node.id]));
  const lines: Line[] = [];
  for (const mark of marks) {
    const [a, b] = [byName.get(mark.a) ?? "", byName.get(mark.b) ?? ""];
    const [from, to] = [boxes.get(a), boxes.get(b)];
    const joined = graph.edges.some((e) => (e.source === a && e.target === b) || (e.source === b && e.target === a));
    if (!from || !to || joined) continue;
    const others = [...boxes.values()].filter((box) => box !== from && box !== to);
    lines.push({ key: pairKey(mark.a, mark.b), mark, ...pairRoute(from, to, others) });
  }
  return lines;
}

function Pair({ mark, d, label }: { mark: PairMark; d: string; label: Point | undefined }) {
  const words = `The data contradict that ${mark.a} and ${mark.b} are unrelated. ${mark.label}`;
  return (
    <g className="wb-pair" role="img" aria-label={words}>
      <title>{mark.title || words}</title>
      <path className="wb-grip" d={d} />
      <path className="wb-line" d={d} />
      {mark.label && label && (
        <text className="wb-label" x={label.x} y={label.y} dy="0.32em">
          {clip(mark.label)}
        </text>
      )}
    </g>
  );
}

/** The arrow that is being drawn. */
function Preview({ boxes }: { boxes: Map<string, Box> }) {
  const link = usePick((state) => state.link);
  const source = link && boxes.get(link.source);
  const to = link && ((link.target && boxes.get(link.target)) || link.pointer);
  if (!link || !source || !to) return null;
  const route = previewRoute(source, to, link.bidirected);
  return (
    <g className={`wb-arrow wb-preview ${link.refusal ? "refused" : ""}`} aria-hidden="true">
      <path className="wb-line" d={route.d} style={{ strokeWidth: WIDTH + 0.5 }} />
      {route.heads.map((d, index) => (
        <path key={index} className="wb-head" d={d} />
      ))}
    </g>
  );
}

/** A node's arrows in words, for those who hear the drawing. */
export const describe = (graph: Graph, id: string): string => {
  const list = (ids: string[]) => ids.map((other) => nameOf(graph, other)).join(", ");
  const causes = list(graph.edges.filter((e) => !e.bidirected && e.source === id).map((e) => e.target));
  const caused = list(graph.edges.filter((e) => !e.bidirected && e.target === id).map((e) => e.source));
  const arcs = list(graph.edges.filter((e) => e.bidirected && (e.source === id || e.target === id)).map((e) => (e.source === id ? e.target : e.source)));
  return [causes && `causes ${causes}`, caused && `caused by ${caused}`, arcs && `shares an unmeasured cause with ${arcs}`]
    .filter(Boolean)
    .join("; ");
};
