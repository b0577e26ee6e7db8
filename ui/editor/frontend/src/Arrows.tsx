// All arrows, arcs and contradicted pairs, in one SVG under the nodes.
import { memo, useLayoutEffect, useMemo, useRef, type FocusEvent, type MouseEvent } from "react";
import { placeBadges, placeOf, type Badge, type Side } from "./badges";
import { bundlesOf, edgesBehind, memberNames } from "./background";
import { lineOf, lines, pairLine, previewRoute, type Box, type Route } from "./geometry";
import { BOX, arrowWords, members, nameOf, nodeOf } from "./graph";
import { SPARK, placeLabels, type Placed } from "./labels";
import { LABEL_LINE, labelSettings, widthOf } from "./measure";
import type { Rect } from "./paths";
import type { Drawn } from "./plan";
import { boxesOf } from "./pull";
import { usePick, useStore, type Store } from "./store";
import type { EdgeMark, EdgeState, Graph, Overlay, PairMark, Paths } from "./types";
import { Bands } from "./Legend";
import { WAY_WORDS, lyingOf, type Lying } from "./ways";

export const WIDTH = 2;

/** Where more about something is shown: under the pointer, or beside what has the focus. */
const tips = (store: Store, text: string | undefined) => {
  const over = (event: MouseEvent) => text && store.set({ tip: { text, at: { x: event.clientX, y: event.clientY } } });
  const focus = (event: FocusEvent<SVGElement>) => {
    if (!text || !event.currentTarget.matches(":focus-visible")) return;
    const { left, width, top, height } = event.currentTarget.getBoundingClientRect();
    store.set({ tip: { text, at: { x: left + width / 2, y: top + height / 2 } } });
  };
  const away = () => store.state.tip && store.set({ tip: null });
  return { onMouseEnter: over, onMouseMove: over, onMouseLeave: away, onFocus: focus, onBlur: away };
};

export const hasSpark = (mark: EdgeMark | undefined): boolean => (mark?.spark.length ?? 0) > 0;

/** Where the words and the curve of a label stand within its box. */
function inside(at: Placed): { words: Rect; spark: Rect } {
  const { w, h } = SPARK;
  if (at.spark === "beside")
    return {
      words: { x: at.x - (w + SPARK.gap) / 2, y: at.y, w: at.w - w - SPARK.gap, h: at.h },
      spark: { x: at.x + (at.w - w) / 2 - 1, y: at.y, w, h },
    };
  if (at.spark === "above") return { words: { ...at, y: at.y + h / 2, h: at.h - h }, spark: { x: at.x, y: at.y - (at.h - h) / 2, w, h } };
  return { words: at, spark: at };
}

/** The curve of an arrow that bends, so small that only its shape can be seen. */
function SparkLine({ at, points }: { at: Rect; points: [number, number][] }) {
  const [w, h] = [at.w - 4, at.h - 5];
  const place = ([x, y]: [number, number]) => `${(at.x - w / 2 + x * w).toFixed(1)},${(at.y + h / 2 - y * h).toFixed(1)}`;
  return <polyline className="wb-spark" points={points.map(place).join(" ")} aria-hidden="true" />;
}

interface LabelProps {
  at: Placed;
  of: string;
  tone: string;
  spark?: [number, number][];
}

/** A label lies over all lines, which it interrupts. */
function Label({ at, of, tone, spark }: LabelProps) {
  const { words, spark: room } = inside(at);
  const step = words.h / at.lines.length;
  const top = words.y - (step * (at.lines.length - 1)) / 2;
  return (
    <>
      <rect className="wb-under" x={at.x - at.w / 2} y={at.y - at.h / 2} width={at.w} height={at.h} rx={4} />
      <text className={`wb-label ${tone}`} data-of={of} aria-hidden="true">
        {at.lines.map((line, index) => (
          <tspan key={index} x={words.x.toFixed(1)} y={(top + index * step).toFixed(1)} dy="0.34em">
            {line}
          </tspan>
        ))}
      </text>
      {at.spark && spark && <SparkLine at={room} points={spark} />}
    </>
  );
}

interface ArrowProps {
  edge: EdgeState;
  route: Route;
  words: string;
  mark: EdgeMark | undefined;
  labelled: "here" | "lost" | undefined; // a label that found no place is kept for hovering
  selected: boolean;
  among: boolean; // between two of the background, where it says nothing
  lying: Lying; // on which paths
  readOnly: boolean;
}

function ArrowView({ edge, route, words, mark, labelled, selected, among, lying, readOnly }: ArrowProps) {
  const store = useStore();
  const width = mark?.width ?? WIDTH;
  const classes = ["wb-arrow", "nopan", mark?.style ?? "solid", edge.bidirected && "arc", mark?.shared && "shared", edge.source === BOX && "each", among && "grey", lying.aside && "aside", selected && "selected"];
  const pick = (event: MouseEvent) => {
    event.stopPropagation();
    const { nodes, edges } = store.state;
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      const next = new Set(edges);
      for (const id of edgesBehind(store.state.graph, edge.id)) if (selected) next.delete(id); else next.add(id);
      store.select(nodes, next);
    } else {
      store.select([], edgesBehind(store.state.graph, edge.id));
      store.inspect(edge.id);
    }
  };
  const on = WAY_WORDS[lying.way];
  const told = on && `${mark?.title || words}\n${on[0].toUpperCase()}${on.slice(1)}`;
  const tip = among ? `${words}\nBoth are background, where nobody claims anything about arrows` : told || mark?.title;
  const each = edge.source === BOX ? `each of ${memberNames(store.state.graph)} causes ${nameOf(store.state.graph, edge.target)}` : "";
  const said = each || (edge.bidirected ? `${words}, arc: they share an unmeasured cause` : words.replace("→", "causes"));
  return (
    <g
      className={classes.filter(Boolean).join(" ")}
      data-edge={edge.id}
      data-words={words}
      data-labelled={labelled}
      data-way={lying.known ? lying.way || "none" : undefined}
      tabIndex={0}
      role="button"
      aria-roledescription={edge.bidirected ? "arc" : "arrow"}
      aria-pressed={readOnly ? undefined : selected}
      aria-label={[said, mark?.label, on].filter(Boolean).join(", ")}
      aria-description={tip || undefined}
      onClick={pick}
      {...tips(store, tip)}
    >
      <path className="wb-grip" d={route.d} />
      <Bands way={lying.way} d={route.d} width={width} />
      <path className="wb-halo" d={route.d} style={{ strokeWidth: width + 7 }} />
      <path className="wb-line" d={route.d} style={{ strokeWidth: width }} />
      {route.heads.map((d, index) => (
        <path key={index} className="wb-head" d={d} />
      ))}
    </g>
  );
}

const Arrow = memo(
  ArrowView,
  (a, b) =>
    a.edge === b.edge &&
    a.words === b.words &&
    a.mark === b.mark &&
    a.labelled === b.labelled &&
    a.selected === b.selected &&
    a.among === b.among &&
    a.lying.way === b.lying.way &&
    a.lying.known === b.lying.known &&
    a.lying.aside === b.lying.aside &&
    a.readOnly === b.readOnly &&
    a.route.d === b.route.d &&
    a.route.heads.join() === b.route.heads.join(),
);

export const pairKey = (a: string, b: string) => `${a}\u0000${b}`;

function useBoxes(): Map<string, Box> {
  const graph = usePick((state) => state.graph);
  const sizes = usePick((state) => state.sizes);
  const moving = usePick((state) => state.moving);
  const store = useStore();
  return useMemo(() => boxesOf(store.state), [store, graph, sizes, moving]);
}

/** Marks name nodes as Python knows them: on a canvas by name, in pictures by id. */
export type By = "name" | "id";

export interface Marked {
  edge: EdgeState;
  mark: EdgeMark | undefined;
}

/** The mark of the one arrow that stands for several: as strong as the strongest, what each says in the tip. */
function markOfAll(graph: Graph, target: string, several: Marked[]): EdgeMark {
  const marks = several.flatMap(({ mark }) => mark ?? []);
  const lines = several.flatMap(({ edge, mark }) => (mark?.label ? [`${nameOf(graph, edge.source)}: ${mark.label}`] : []));
  const shown = lines.length > TOLD ? [...lines.slice(0, TOLD - 1), `and ${lines.length - TOLD + 1} more`] : lines;
  const styles = (["solid", "dashed", "grey"] as const).filter((style) => marks.some((mark) => mark.style === style));
  return {
    source: BOX,
    target,
    label: "",
    width: Math.max(THICK, ...marks.map((mark) => mark.width ?? 0)),
    style: styles[0] ?? "solid",
    title: [`${memberNames(graph)} → ${nameOf(graph, target)}`, ...shown].join("\n"),
    shared: several.every(({ mark }) => mark?.shared),
    spark: [],
  };
}

const THICK = 3.5; // of an arrow that stands for several
const TOLD = 12; // lines about them

/** Every arrow that is drawn, with what a fit says about it: one from the box where each member has one. */
export function markedEdges(graph: Graph, overlay: Overlay, by: By): Marked[] {
  const all = new Map(eachMarked(graph, overlay, by).map((one) => [one.edge.id, one]));
  const found = bundlesOf(graph).map(({ id, target, edges }): Marked => {
    const several = edges.map((edge) => all.get(edge.id)!);
    for (const edge of edges) all.delete(edge.id);
    return { edge: { id, source: BOX, target, bidirected: false }, mark: markOfAll(graph, target, several) };
  });
  return [...all.values(), ...found];
}

function eachMarked(graph: Graph, overlay: Overlay, by: By): Marked[] {
  const names = new Map(graph.nodes.map((node) => [node.id, node[by]]));
  const marks = new Map(overlay.edges.map((mark) => [pairKey(mark.source, mark.target), mark]));
  return graph.edges.map((edge) => ({
    edge,
    mark: edge.bidirected ? undefined : marks.get(pairKey(names.get(edge.source) ?? "", names.get(edge.target) ?? "")),
  }));
}

export interface Pair {
  key: string;
  a: string; // ids
  b: string;
  mark: PairMark;
}

/** Contradicted pairs, as long as the drawing does not join them. */
export function openPairs(graph: Graph, overlay: Overlay, by: By): Pair[] {
  const byName = new Map(graph.nodes.map((node) => [node[by], node.id]));
  return overlay.pairs.flatMap((mark) => {
    const [a, b] = [byName.get(mark.a), byName.get(mark.b)];
    const joined = graph.edges.some((e) => (e.source === a && e.target === b) || (e.source === b && e.target === a));
    return a && b && !joined ? [{ key: pairKey(mark.a, mark.b), a, b, mark }] : [];
  });
}

const MANY = 60; // arrows, past which none looks for a long way round
const BEYOND = 140; // pixels around the nodes that a way round may take

/** Where lines may run on a canvas without borders. */
function around(boxes: Map<string, Box>): Rect | undefined {
  if (!boxes.size) return undefined;
  const all = [...boxes.values()];
  const [left, right] = [Math.min(...all.map((b) => b.x - b.w / 2)), Math.max(...all.map((b) => b.x + b.w / 2))];
  const [top, bottom] = [Math.min(...all.map((b) => b.y - b.h / 2)), Math.max(...all.map((b) => b.y + b.h / 2))];
  return { x: (left + right) / 2, y: (top + bottom) / 2, w: right - left + 2 * BEYOND, h: bottom - top + 2 * BEYOND };
}

const LARGER = 1.21; // labels grow so much against the zoom, on a canvas that is zoomed

const BADGE = { sides: 17, height: 7, sign: 16 }; // pixels around the words of a badge, and of the sign before some

/** The badges that say what to do with a node, as large as they get. */
function badgesOf(graph: Graph, paths: Paths | null): Badge[] {
  const ids = new Map(graph.nodes.map((node) => [node.name, node.id]));
  return (paths?.nodes ?? []).flatMap(({ name, words, act }) => {
    const [id, sign] = [ids.get(name), act === "avoid" ? BADGE.sign : 0];
    return id ? [{ id, w: LARGER * (widthOf(words) + sign) + BADGE.sides, h: LARGER * LABEL_LINE + BADGE.height }] : [];
  });
}

interface Quick extends Drawn {
  sides: Map<string, Side>; // where the badge of a node stands
}

/** Lines, badges and labels on a canvas that is being drawn on: quick rather than careful. */
function quickly(marked: Marked[], pairs: Pair[], boxes: Map<string, Box>, held: ReadonlySet<string>, still: boolean, badges: Badge[], kept?: ReadonlyMap<string, Side>): Quick {
  const wanted = [...marked.map(({ edge, mark }) => lineOf(edge, mark?.width ?? WIDTH)), ...pairs.map(({ key, a, b }) => pairLine(key, a, b))];
  const routes = lines(wanted, boxes, still ? { frame: around(boxes), held } : { held });
  const texts = [...marked.map(({ edge, mark }) => ({ key: edge.id, text: mark?.label, spark: hasSpark(mark) })), ...pairs.map(({ key, mark }) => ({ key, text: mark.label, spark: false }))];
  const labels = texts.flatMap(({ key, text, spark }) => {
    const route = routes.get(key);
    return text && route ? [{ key, settings: labelSettings(text, LARGER, spark), path: route.path }] : [];
  });
  const all = [...routes];
  const heads = all.flatMap(([, route]) => route.tips);
  const sides = placeBadges(badges, { boxes, heads, paths: all.map(([, route]) => route.path) }, kept);
  if (!labels.length) return { routes, sides, labels: new Map() };
  const standing = badges.flatMap((badge) => (sides.has(badge.id) ? [placeOf(badge, sides.get(badge.id)!, boxes.get(badge.id)!)] : []));
  return {
    routes,
    sides,
    labels: placeLabels(labels, {
      nodes: [...boxes.values(), ...standing],
      heads,
      paths: new Map(all.map(([key, route]) => [key, route.path])),
    }),
  };
}

export function Arrows() {
  const graph = usePick((state) => state.graph);
  const overlay = usePick((state) => state.data.overlay);
  const selected = usePick((state) => state.edges);
  const readOnly = usePick((state) => state.data.readOnly);
  const planned = usePick((state) => state.drawn);
  const paths = usePick((state) => (state.paths ? state.data.overlay.paths : null));
  const boxes = useBoxes();
  const still = usePick((state) => !Object.keys(state.moving).length && state.graph.edges.length <= MANY);
  const by = planned ? "id" : "name";
  const marked = useMemo(() => markedEdges(graph, overlay, by), [graph, overlay, by]);
  const pairs = useMemo(() => openPairs(graph, overlay, by), [graph, overlay, by]);
  const held = useMemo(() => new Set(members(graph).map((node) => node.id)), [graph]);
  const badges = useMemo(() => badgesOf(graph, paths), [graph, paths]);
  const moving = usePick((state) => Object.keys(state.moving).length > 0);
  const last = useRef<ReadonlyMap<string, Side>>(new Map());
  const { routes, labels, sides } = useMemo(
    // Under the hand badges stay on their side.
    () => (planned ? { ...planned, sides: last.current } : quickly(marked, pairs, boxes, held, still, badges, moving ? last.current : undefined)),
    [planned, marked, pairs, boxes, held, still, badges, moving],
  );
  const store = useStore();
  useLayoutEffect(() => {
    const same = sides.size === last.current.size && [...sides].every(([id, side]) => last.current.get(id) === side);
    if (same) return;
    last.current = sides;
    store.set({ sides });
  }, [store, sides]);
  const lying = useMemo(() => lyingOf(graph, paths), [graph, paths]);
  const chosen = (id: string) => {
    const behind = edgesBehind(graph, id);
    return behind.length > 0 && behind.every((one) => selected.has(one));
  };
  return (
    <svg className="wb-arrows" width="1" height="1" role="group" aria-label="Arrows">
      {marked.map(({ edge, mark }) => {
        const route = routes.get(edge.id);
        if (!route) return null;
        return (
          <Arrow
            key={edge.id}
            edge={edge}
            route={route}
            words={arrowWords(graph, edge.source, edge.target, edge.bidirected)}
            mark={mark}
            labelled={!mark?.label ? undefined : labels.has(edge.id) ? "here" : "lost"}
            selected={chosen(edge.id)}
            among={held.has(edge.source) && held.has(edge.target)}
            lying={lying(edge.id)}
            readOnly={readOnly}
          />
        );
      })}
      {pairs.map(({ key, a, b, mark }) => routes.has(key) && <PairLine key={key} names={[nameOf(graph, a), nameOf(graph, b)]} mark={mark} d={routes.get(key)!.d} lost={!labels.has(key)} />)}
      {marked.map(({ edge, mark }) => {
        const at = labels.get(edge.id);
        return at && <Label key={edge.id} at={at} of={arrowWords(graph, edge.source, edge.target, edge.bidirected)} tone={mark?.shared ? "shared" : ""} spark={mark?.spark} />;
      })}
      {pairs.map(({ key, a, b }) => labels.has(key) && <Label key={key} at={labels.get(key)!} of={`${nameOf(graph, a)} – ${nameOf(graph, b)}`} tone="contradicted" />)}
      <Preview boxes={boxes} />
    </svg>
  );
}

function PairLine({ names, mark, d, lost }: { names: [string, string]; mark: PairMark; d: string; lost: boolean }) {
  const store = useStore();
  const words = `The data contradict that ${names[0]} and ${names[1]} are unrelated. ${mark.label}`;
  return (
    <g className="wb-pair" role="img" data-labelled={lost ? "lost" : "here"} aria-label={words} {...tips(store, mark.title || words)}>
      <path className="wb-grip" d={d} />
      <path className="wb-line" d={d} />
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
  const open = nodeOf(graph, id)?.background ? "background: may be related to the rest of it in any way" : "";
  return [open, causes && `causes ${causes}`, caused && `caused by ${caused}`, arcs && `shares an unmeasured cause with ${arcs}`]
    .filter(Boolean)
    .join("; ");
};
