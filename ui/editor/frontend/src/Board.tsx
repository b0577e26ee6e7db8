// Pictures of several hypotheses beside each other: the canvas, read-only, in one layout,
// with what a fit says drawn over it.
import { ReactFlow, ReactFlowProvider, ViewportPortal, useReactFlow, type Viewport } from "@xyflow/react";
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore, type CSSProperties, type ReactNode } from "react";
import { Arrows, WIDTH, describe, hasSpark, markedEdges, openPairs } from "./Arrows";
import type { Item } from "./arrange";
import { Button } from "./Bars";
import { BackgroundBox } from "./BackgroundBox";
import { CausalNode, type CanvasNode } from "./CausalNode";
import { TipBox } from "./Floats";
import { forget, labelSettings, measureLike } from "./measure";
import { NodeBody, type Face } from "./NodeFace";
import { planPictures, type Plan, type Sketch } from "./plan";
import { Store, StoreContext } from "./store";
import type { BoardData, Data, Graph, PictureData, Point, Size } from "./types";

const NODE_TYPES = { causal: CausalNode };
const NO_EDGES: never[] = [];
const GAP = 16; // between pictures
const AT_ONCE = 6; // pictures that are drawn before anybody scrolls
const CLEAN = { columns: null, notice: "", readOnly: true, limits: { nodes: 0, name: 0 }, rev: 0, seq: 0, shown: null } as const;

/** The last plans: who comes back to a page, or to a width, finds the picture made. */
const plans = new Map<string, { made: Plan; own: Record<string, Size>[] }>();
const PLANS = 12;

export class BoardStore {
  private listeners = new Set<() => void>();
  constructor(public data: BoardData) {}

  receive(data: BoardData): void {
    if (JSON.stringify(data) === JSON.stringify(this.data)) return;
    this.data = data;
    for (const listener of this.listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** How many pictures stand in a row: as many as leave each the width that its nodes ask for. */
export function perRow(width: number, pictures: number, nodes: number): number {
  const least = nodes <= 6 ? 300 : nodes <= 9 ? 400 : 520;
  const most = Math.max(1, Math.min(pictures, Math.floor((width + GAP) / (least + GAP))));
  return Math.ceil(pictures / Math.ceil(pictures / most)); // two and two rather than three and one
}

const graphOf = (board: BoardData, picture: PictureData, places: Record<string, Point>): Graph => {
  const [shown, latent] = [new Set(picture.graph.nodes), new Set(picture.graph.latent)];
  const { edges, exposure, outcome } = picture.graph;
  const held = new Set(picture.graph.background);
  const nodes = board.nodes.flatMap(({ id, title }) =>
    shown.has(id) ? [{ id, name: title, latent: latent.has(id), background: held.has(id), ...(places[id] ?? { x: 0, y: 0 }) }] : [],
  );
  return { nodes, edges, exposure, outcome };
};

function faceOf(picture: PictureData, node: BoardData["nodes"][number]): Face {
  const { exposure, outcome, latent } = picture.graph;
  return {
    name: node.title,
    kind: "",
    label: "",
    latent: latent.includes(node.id),
    role: exposure === node.id ? "exposure" : outcome === node.id ? "outcome" : null,
    missing: false,
    mark: picture.overlay.nodes.find((mark) => mark.name === node.id) ?? null,
    tag: picture.overlay.tags.find((tag) => tag.name === node.id)?.words ?? "",
  };
}

/** What tells looks of one node apart. */
const lookOf = (id: string, face: Face) => `${id}\u0000${face.role}\u0000${face.latent}\u0000${face.mark?.badge ?? ""}\u0000${face.tag}`;

const roleClass = (face: Face) => `wb-node ${face.role ?? ""} ${face.latent ? "latent" : ""}`;

/** Every look that some picture gives a node, to be measured; most nodes look the same everywhere. */
function looksOf(board: BoardData): { face: Face; key: string }[] {
  const found = new Map<string, { face: Face; key: string }>();
  for (const picture of board.pictures)
    for (const node of board.nodes)
      if (picture.graph.nodes.includes(node.id)) {
        const face = faceOf(picture, node);
        const key = lookOf(node.id, face);
        found.set(key, { face, key });
      }
  return [...found.values()];
}

/** The width that wrapped words really take: a box with two lines is as wide as its limit otherwise. */
function tightSize(body: HTMLElement): Size {
  const style = getComputedStyle(body);
  const range = document.createRange();
  const words = [...body.querySelectorAll(".wb-name, .wb-role, .wb-badge, .wb-tag")].map((element) => {
    range.selectNodeContents(element);
    const chrome = element.classList.contains("wb-name") ? 0 : 14;
    return range.getBoundingClientRect().width + chrome;
  });
  const sides = ["paddingLeft", "paddingRight", "borderLeftWidth", "borderRightWidth"] as const;
  const chrome = sides.reduce((sum, side) => sum + parseFloat(style[side]), 0);
  return { w: Math.max(Math.ceil(Math.max(0, ...words) + chrome) + 1, 56), h: Math.ceil(body.offsetHeight) };
}

const alike = (a: Record<string, Size>, b: Record<string, Size>) => JSON.stringify(a) === JSON.stringify(b);

/** The sizes of the nodes of one picture. */
const sizesIn = (board: BoardData, picture: PictureData, sizes: Record<string, Size>): Record<string, Size> =>
  Object.fromEntries(
    board.nodes.flatMap((node) => {
      const size = picture.graph.nodes.includes(node.id) && sizes[lookOf(node.id, faceOf(picture, node))];
      return size ? [[node.id, size]] : [];
    }),
  );

/** Measure every node once, out of sight, before anything is placed. */
function useSizes(board: BoardData, box: React.RefObject<HTMLDivElement | null>): Record<string, Size> | null {
  const [sizes, setSizes] = useState<Record<string, Size> | null>(null);
  const [fonts, setFonts] = useState(0);
  useLayoutEffect(() => {
    if (!box.current) return;
    measureLike(box.current);
    const found: Record<string, Size> = {};
    for (const body of box.current.querySelectorAll<HTMLElement>(".wb-body")) {
      found[body.closest<HTMLElement>("[data-look]")!.dataset.look!] = tightSize(body);
    }
    setSizes((before) => (before && alike(before, found) ? before : found));
  }, [board, box, fonts]);
  useEffect(() => {
    let here = true;
    const again = () => {
      forget();
      if (here) setFonts((count) => count + 1);
    };
    if (document.fonts && document.fonts.status !== "loaded") void document.fonts.ready.then(again);
    document.fonts?.addEventListener?.("loadingdone", again);
    return () => {
      here = false;
      document.fonts?.removeEventListener?.("loadingdone", again);
    };
  }, []);
  return sizes;
}

/** The width of an element in whole pixels; null before it is known. */
function useWidth(box: React.RefObject<HTMLElement | null>): number | null {
  const [width, setWidth] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => {
      const now = Math.floor(element.clientWidth);
      if (now > 0) setWidth(now);
    };
    look();
    const watch = new ResizeObserver(look);
    watch.observe(element);
    return () => watch.disconnect();
  }, [box]);
  return width;
}

function sketchOf(board: BoardData, picture: PictureData, sizes: Record<string, Size>): Sketch {
  const graph = graphOf(board, picture, {});
  const marked = markedEdges(graph, picture.overlay, "id");
  const pairs = openPairs(graph, picture.overlay, "id");
  const widths = new Map(marked.map(({ edge, mark }) => [edge.id, mark?.width ?? WIDTH]));
  const texts = [...marked.map(({ edge, mark }) => [edge.id, mark?.label ?? "", hasSpark(mark)] as const), ...pairs.map(({ key, mark }) => [key, mark.label, false] as const)];
  return {
    sizes,
    held: new Set(picture.graph.background),
    edges: marked.map(({ edge }) => edge),
    pairs,
    width: (edge) => widths.get(edge.id) ?? WIDTH,
    settings: new Map(texts.filter(([, text]) => text).map(([key, text, spark]) => [key, labelSettings(text, 1, spark)])),
  };
}

export function Board({ store }: { store: BoardStore }) {
  const board = useSyncExternalStore(store.subscribe, () => store.data);
  const root = useRef<HTMLDivElement>(null);
  const measuring = useRef<HTMLDivElement>(null);
  const sizes = useSizes(board, measuring);
  const width = useWidth(root);
  const across = width ? perRow(width, board.pictures.length, board.nodes.length) : 1;
  const each = width ? Math.floor((width - GAP * (across - 1)) / across) - 2 : 0; // within its border
  const plan = useMemo(() => {
    if (!sizes || each < 60 || !board.pictures.length) return null;
    const outcomes = new Set(board.pictures.map((picture) => picture.graph.outcome));
    const known = `${each} ${JSON.stringify([board, sizes])}`;
    const before = plans.get(known);
    if (before) return before;
    const own = board.pictures.map((picture) => sizesIn(board, picture, sizes));
    const largest = (id: string, side: "w" | "h") => Math.max(0, ...own.map((several) => several[id]?.[side] ?? 0));
    const items: (Item & { r: number })[] = board.nodes.map(({ id }) => ({ id, w: largest(id, "w"), h: largest(id, "h"), r: outcomes.has(id) ? 99 : 9 }));
    const drawn = Object.fromEntries(board.nodes.flatMap(({ id, at }) => (at ? [[id, { x: at[0], y: at[1] }]] : [])));
    const made = planPictures(items, drawn, board.pictures.map((picture, index) => sketchOf(board, picture, own[index])), each);
    const found = { made, own };
    plans.set(known, found);
    if (plans.size > PLANS) plans.delete(plans.keys().next().value!);
    return found;
  }, [board, sizes, each]);
  const looks = useMemo(() => looksOf(board), [board]);
  const echo = (id: string | null) => {
    for (const element of root.current?.querySelectorAll(".echo") ?? []) element.classList.remove("echo");
    if (id) for (const element of root.current?.querySelectorAll(`.react-flow__node[data-id="${CSS.escape(id)}"] .wb-node`) ?? []) element.classList.add("echo");
  };
  return (
    <div ref={root} className="wb-editor wb-board" style={{ gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))` }}>
      <div ref={measuring} className="wb-measure wb-picture" aria-hidden="true">
        {looks.map(({ face, key }) => (
          <div key={key} className={roleClass(face)} data-look={key}>
            <NodeBody face={face} />
          </div>
        ))}
      </div>
      {plan &&
        board.pictures.map((picture, index) => (
          <ReactFlowProvider key={picture.key}>
            <Near height={plan.made.size.h} now={index < AT_ONCE}>
              <Picture board={board} picture={picture} plan={plan.made} index={index} sizes={plan.own[index]} width={each} echo={echo} />
            </Near>
          </ReactFlowProvider>
        ))}
    </div>
  );
}

/** Pictures far below are drawn when they come near; their place is kept. */
function Near({ now, height, children }: { now: boolean; height: number; children: ReactNode }) {
  const [near, setNear] = useState(now);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (near || !place.current) return;
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && setNear(true), { rootMargin: "600px" });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [near]);
  return near ? children : <div ref={place} style={{ height }} />;
}

interface PictureProps {
  board: BoardData;
  picture: PictureData;
  plan: Plan;
  index: number;
  sizes: Record<string, Size>;
  width: number;
  echo: (id: string | null) => void;
}

function PictureView({ board, picture, plan, index, sizes, width, echo }: PictureProps) {
  const graph = useMemo(() => graphOf(board, picture, plan.places), [board, picture, plan]);
  const data: Data = useMemo(
    () => ({ ...CLEAN, document: `picture:${picture.key}`, graph, overlay: picture.overlay, colour: picture.colour, height: plan.size.h }),
    [graph, picture, plan],
  );
  const [store] = useState(() => {
    const made = new Store(data);
    made.set({ sizes, drawn: plan.draw(index) });
    return made;
  });
  store.echo = echo;
  const stage = useRef<HTMLDivElement>(null);
  // Before the browser paints, so that lines never lag behind their nodes.
  useLayoutEffect(() => {
    store.set({ data, graph, sizes, drawn: plan.draw(index) });
  }, [store, data, graph, sizes, plan, index]);
  const nodes = useMemo(() => nodesOf(board, picture, graph, sizes), [board, picture, graph, sizes]);
  const wide = plan.size.w > width;
  const [moved, setMoved] = useState(false);
  const said = `Hypothesis ${picture.letter} ${picture.name}: ${graph.edges.length} arrows${picture.overlay.pairs.length ? `, ${picture.overlay.pairs.length} contradicted pairs` : ""}`;
  return (
    <StoreContext value={store}>
      <figure className={`wb-picture${picture.problem ? " failed" : ""}`} style={{ "--hue": picture.colour } as CSSProperties} aria-label={said}>
        <figcaption>
          <span className="wb-letter" style={{ background: picture.colour, color: picture.ink }}>
            {picture.letter}
          </span>
          <b title={picture.name}>{picture.name}</b>
          {picture.tie && <span className="wb-tie" title="tied: no observational data can separate these">{picture.tie}</span>}
          <Look home={homeOf(plan, width)} moved={moved} touched={() => setMoved(true)} done={() => setMoved(false)} />
        </figcaption>
        <div ref={stage} className="wb-stage" style={{ height: plan.size.h }}>
          <ReactFlow
            nodes={nodes}
            edges={NO_EDGES}
            nodeTypes={NODE_TYPES}
            nodeOrigin={[0.5, 0.5]}
            defaultViewport={homeOf(plan, width)}
            onMoveEnd={(event) => event && setMoved(true)}
            minZoom={0.3}
            maxZoom={2.5}
            panOnDrag={wide || moved}
            nodesDraggable={false}
            nodesConnectable={false}
            elementsSelectable={false}
            deleteKeyCode={null}
            selectionKeyCode={null}
            disableKeyboardA11y
            preventScrolling={false}
            zoomOnScroll={false}
            zoomOnDoubleClick={false}
            zoomActivationKeyCode={ZOOM}
            proOptions={{ hideAttribution: true }}
          >
            <ViewportPortal>
              <BackgroundBox />
              <Arrows />
            </ViewportPortal>
          </ReactFlow>
          <TipBox stage={stage} />
        </div>
        {picture.problem && <p className="wb-foot-note problem">{picture.problem}</p>}
        {picture.note && <p className="wb-foot-note contradicted">{picture.note}</p>}
      </figure>
    </StoreContext>
  );
}

const Picture = memo(PictureView);
const ZOOM = ["Control", "Meta"];

/** Everything in sight at the size it was planned in; what is too wide begins at its left. */
const homeOf = (plan: Plan, width: number): Viewport => ({ x: Math.max(0, (width - plan.size.w) / 2), y: 0, zoom: 1 });

function nodesOf(board: BoardData, picture: PictureData, graph: Graph, sizes: Record<string, Size>): CanvasNode[] {
  const known = new Map(board.nodes.map((node) => [node.id, node]));
  return graph.nodes.map((node) => {
    const { name: title, ...face } = faceOf(picture, known.get(node.id)!);
    const size = sizes[node.id];
    const words = [title, face.latent && "unmeasured", face.role, face.tag && `varies ${face.tag}`, face.mark?.badge, describe(graph, node.id)];
    return {
      id: node.id,
      type: "causal",
      position: { x: node.x, y: node.y },
      data: { ...face, node, unit: "", advice: null, title, size },
      width: size.w,
      height: size.h,
      measured: { width: size.w, height: size.h },
      ariaLabel: words.filter(Boolean).join(", "),
    };
  });
}

/** Nearer and farther; and back, which also happens by itself when the frame changes. */
function Look({ home, moved, touched, done }: { home: Viewport; moved: boolean; touched: () => void; done: () => void }) {
  const flow = useReactFlow();
  const { x, y, zoom } = home;
  const seen = useRef("");
  useLayoutEffect(() => {
    const now = `${x} ${y} ${zoom}`;
    if (seen.current === now || moved) return;
    seen.current = now;
    void flow.setViewport({ x, y, zoom });
  }, [flow, x, y, zoom, moved]);
  const back = () => {
    void flow.setViewport(home, { duration: 140 });
    done();
  };
  const by = (factor: number) => {
    void flow.zoomTo(flow.getZoom() * factor, { duration: 120 });
    touched();
  };
  return (
    <span className="wb-look" role="group" aria-label="Zoom">
      {moved && <Button bare sign="fit" text="Zoom to fit" act={back} />}
      <Button bare sign="minus" text="Zoom out" act={() => by(1 / 1.25)} />
      <Button bare sign="plus" text="Zoom in" act={() => by(1.25)} />
    </span>
  );
}
