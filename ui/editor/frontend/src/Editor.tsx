// The whole component: palette, canvas, bars, and what floats over them.
import {
  Background,
  BackgroundVariant,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  ViewportPortal,
  useReactFlow,
  type NodeChange,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState, type CSSProperties, type FocusEvent, type MouseEvent } from "react";
import { edgesBehind } from "./background";
import { BackgroundBox } from "./BackgroundBox";
import { Arrows, describe } from "./Arrows";
import { Help, SelectionBar, Toolbar, Zoom } from "./Bars";
import { CausalNode, type CanvasNode, type NodeData } from "./CausalNode";
import { FreshNode, GhostChip, Invitation, LinkHint, Speech, TipBox, Toast } from "./Floats";
import { freePlace as freeOf } from "./geometry";
import { BOX } from "./graph";
import { KIND_WORDS } from "./icons";
import { onKeyDown, onKeyUp } from "./keys";
import { Palette, type Ghost } from "./Palette";
import { boxesOf } from "./pull";
import { StoreContext, usePick, useStore, type State, type Store } from "./store";
import type { Point } from "./types";
import { MAX_ZOOM, MIN_ZOOM } from "./sight";
import { useEyes, useView } from "./view";
import { Legend } from "./Legend";

const NODE_TYPES = { causal: CausalNode };
const NO_EDGES: never[] = [];
function dataOf(state: State, node: State["graph"]["nodes"][number]): NodeData {
  const { graph, data } = state;
  const column = data.columns?.find((one) => one.name === node.name);
  return {
    node,
    kind: column?.kind ?? "unknown",
    label: column && column.label !== node.name ? column.label : "",
    unit: column?.unit ?? "",
    role: graph.exposure === node.id ? "exposure" : graph.outcome === node.id ? "outcome" : null,
    missing: data.columns !== null && !column && !node.latent,
    mark: data.overlay.nodes.find((one) => one.name === node.name) ?? null,
    tag: data.overlay.tags.find((one) => one.name === node.name)?.words ?? "",
    advice: (state.paths && data.overlay.paths?.nodes.find((one) => one.name === node.name)) || null,
  };
}

const ariaOf = (state: State, data: NodeData): string =>
  [
    data.node.name,
    data.label,
    data.unit && `in ${data.unit}`,
    data.node.latent ? KIND_WORDS.latent : KIND_WORDS[data.kind],
    data.missing && "not in the data",
    data.role,
    data.tag && `varies ${data.tag}`,
    data.mark?.badge,
    data.advice?.words,
    describe(state.graph, data.node.id),
  ]
    .filter(Boolean)
    .join(", ");

const shallow = (a: NodeData, b: NodeData) => (Object.keys(a) as (keyof NodeData)[]).every((key) => a[key] === b[key]);

/** React Flow's nodes; one that did not change keeps its identity, so that it is not drawn again. */
function useCanvasNodes(): CanvasNode[] {
  const store = useStore();
  const graph = usePick((state) => state.graph);
  const columns = usePick((state) => state.data.columns);
  const marks = usePick((state) => state.data.overlay.nodes);
  const tags = usePick((state) => state.data.overlay.tags);
  const paths = usePick((state) => (state.paths ? state.data.overlay.paths : null));
  const selected = usePick((state) => state.nodes);
  const moving = usePick((state) => state.moving);
  const sizes = usePick((state) => state.sizes);
  const readOnly = usePick((state) => state.data.readOnly);
  const cache = useRef(new Map<string, CanvasNode>());
  return useMemo(() => {
    const next = new Map<string, CanvasNode>();
    for (const node of graph.nodes) {
      const before = cache.current.get(node.id);
      const fresh = dataOf(store.state, node);
      const data = before && shallow(before.data, fresh) ? before.data : fresh;
      const position = moving[node.id] ?? node;
      const ariaLabel = ariaOf(store.state, data);
      const measured = sizes[node.id];
      const unchanged =
        before &&
        before.data === data &&
        before.position.x === position.x &&
        before.position.y === position.y &&
        before.selected === selected.has(node.id) &&
        before.ariaLabel === ariaLabel &&
        before.draggable === !readOnly &&
        before.measured?.width === measured?.w &&
        before.measured?.height === measured?.h;
      next.set(
        node.id,
        unchanged
          ? before
          : {
              id: node.id,
              type: "causal",
              position: { x: position.x, y: position.y },
              data,
              selected: selected.has(node.id),
              draggable: !readOnly,
              ariaLabel,
              measured: measured && { width: measured.w, height: measured.h },
            },
      );
    }
    cache.current = next;
    return [...next.values()];
  }, [store, graph, columns, marks, tags, paths, selected, moving, sizes, readOnly]);
}

function useNodeChanges(store: Store) {
  return useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      const { state } = store;
      const moving: Record<string, Point> = {};
      let sizes: State["sizes"] | null = null;
      let nodes: Set<string> | null = null;
      for (const change of changes) {
        if (change.type === "position" && change.position && change.dragging) moving[change.id] = change.position;
        else if (change.type === "dimensions" && change.dimensions) {
          const { width: w, height: h } = change.dimensions;
          const known = state.sizes[change.id];
          if (!known || known.w !== w || known.h !== h) (sizes ??= { ...state.sizes })[change.id] = { w, h };
        } else if (change.type === "select") {
          nodes ??= new Set(state.nodes);
          if (change.selected) nodes.add(change.id);
          else nodes.delete(change.id);
        }
      }
      const update: Partial<State> = {};
      if (Object.keys(moving).length) update.moving = { ...state.moving, ...moving };
      if (sizes) update.sizes = sizes;
      if (nodes) {
        update.nodes = nodes;
        if (changes.some((change) => change.type === "select" && change.selected)) update.edges = new Set();
      }
      if (Object.keys(update).length) store.set(update);
    },
    [store],
  );
}

function Canvas({ ghost, setGhost }: { ghost: Ghost | null; setGhost: (ghost: Ghost | null) => void }) {
  const store = useStore();
  const flow = useReactFlow();
  const nodes = useCanvasNodes();
  const onNodesChange = useNodeChanges(store);
  const arrowMode = usePick((state) => state.arrowMode);
  const readOnly = usePick((state) => state.data.readOnly);
  const root = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);

  const placeAt = useCallback(
    (client: Point) => {
      const box = stage.current?.getBoundingClientRect();
      const over = box && client.x >= box.left && client.x <= box.right && client.y >= box.top && client.y <= box.bottom;
      return over ? flow.screenToFlowPosition(client) : null;
    },
    [flow],
  );
  const freePlace = useCallback(() => {
    const box = stage.current!.getBoundingClientRect();
    const wish = flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
    return freeOf([...boxesOf(store.state).values()], wish);
  }, [flow, store]);

  useHands(store, root, stage);
  useEyes(store, stage);
  useView(store, stage);

  const select = (event: FocusEvent) => {
    const item = event.target as HTMLElement | SVGElement;
    if (!item.matches(":focus-visible") || store.state.link) return;
    const [node, edge] = [item.matches(".react-flow__node") && item.getAttribute("data-id"), item.getAttribute("data-edge")];
    if (node && !store.state.nodes.has(node)) store.select([node]);
    if (edge) {
      const behind = edgesBehind(store.state.graph, edge);
      if (!behind.every((id) => store.state.edges.has(id))) store.select([], behind);
    }
    if (item.matches("[data-box]")) store.selectOne(BOX);
  };
  const newHere = (event: MouseEvent) => {
    const target = event.target as Element;
    if (target.classList.contains("react-flow__pane")) store.begin(flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
  };

  return (
    <div
      ref={root}
      className="wb-root"
      tabIndex={-1}
      onKeyDown={(event) => onKeyDown(event, store, { flow, freePlace })}
      onKeyUp={(event) => onKeyUp(event, store)}
      onBlur={() => store.endNudge()}
    >
      {!readOnly && <Palette placeAt={placeAt} freePlace={freePlace} setGhost={setGhost} />}
      <div className="wb-main">
        <Toolbar />
        <div
          ref={stage}
          className={`wb-stage${arrowMode ? " arrow-mode" : ""}${ghost ? " receiving" : ""}`}
          onPointerDownCapture={() => store.focus(null)}
          onDoubleClick={newHere}
          onFocusCapture={select}
          role="region"
          aria-label="Causal graph. Tab moves through variables and arrows, question mark opens help."
        >
          <ReactFlow
            nodes={nodes}
            edges={NO_EDGES}
            nodeTypes={NODE_TYPES}
            nodeOrigin={[0.5, 0.5]}
            onNodesChange={onNodesChange}
            onNodeDragStop={() => store.endMove()}
            onSelectionDragStop={() => store.endMove()}
            onNodeClick={(event, node) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a key that asks for more than one
              if (store.state.nodes.size > 1) store.select([node.id]);
              store.inspect(node.id);
            }}
            onNodeDoubleClick={(_, node) => store.rename(node.id)}
            onPaneClick={() => store.select([])}
            onMoveEnd={(event, viewport) => store.keep(viewport, event && "hand")}
            defaultViewport={store.viewport ?? { x: 0, y: 0, zoom: 1 }}
            minZoom={MIN_ZOOM}
            maxZoom={MAX_ZOOM}
            nodesDraggable={!arrowMode && !readOnly}
            nodesConnectable={false}
            nodeDragThreshold={3}
            nodeClickDistance={3}
            zoomOnDoubleClick={false}
            deleteKeyCode={null}
            selectionKeyCode="Shift"
            multiSelectionKeyCode={MULTI}
            selectionMode={SelectionMode.Partial}
            disableKeyboardA11y
            preventScrolling={false}
            zoomOnScroll={false}
            zoomActivationKeyCode={MULTI}
            proOptions={{ hideAttribution: true }}
          >
            <Background variant={BackgroundVariant.Dots} gap={22} size={1.4} />
            <ViewportPortal>
              <BackgroundBox />
              <Arrows />
              <FreshNode />
            </ViewportPortal>
          </ReactFlow>
          <Invitation />
          <LinkHint stage={stage} />
          <TipBox stage={stage} />
          <Toast />
        </div>
        <div className="wb-foot">
          <SelectionBar />
          <Legend />
          <Zoom stage={stage} />
        </div>
        <Help />
      </div>
      {ghost && <GhostChip ghost={ghost} root={root} />}
      <Speech />
    </div>
  );
}

const MULTI = ["Control", "Meta"];

/** Give the store its hands: focus needs the mounted canvas. */
function useHands(store: Store, root: React.RefObject<HTMLDivElement | null>, stage: React.RefObject<HTMLDivElement | null>) {
  useEffect(() => {
    const item = (id: string) => stage.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${id}"], [data-edge="${id}"], [data-box="${id}"]`);
    store.focus = (id) => {
      // At once, and again when the drawing has caught up: what is to have the focus may not exist
      // yet, and what had it may be gone. Then keys would go to the page, so the canvas takes it.
      // Who has gone on to something else of the page by then is left there.
      const settle = (later = true) => {
        const tree = root.current?.getRootNode() as ShadowRoot | Document | undefined;
        const held = tree?.activeElement;
        const lively = held && root.current?.contains(held) && !held.matches(":disabled");
        const outside = document.activeElement;
        if (later && outside && outside !== document.body && !outside.contains(root.current) && outside !== (tree as ShadowRoot)?.host && !lively) return;
        if (id) (item(id) ?? root.current)?.focus({ preventScroll: true });
        else if (!lively) root.current?.focus({ preventScroll: true });
      };
      settle(false);
      requestAnimationFrame(() => requestAnimationFrame(() => settle()));
    };
    store.home = () => root.current?.focus({ preventScroll: true });
  }, [store, root, stage]);
}

export function Editor({ store }: { store: Store }) {
  const [ghost, setGhost] = useState<Ghost | null>(null);
  return (
    <StoreContext value={store}>
      <Frame>
        <ReactFlowProvider>
          <Canvas ghost={ghost} setGhost={setGhost} />
        </ReactFlowProvider>
      </Frame>
    </StoreContext>
  );
}

function Frame({ children }: { children: React.ReactNode }) {
  const colour = usePick((state) => state.data.colour);
  const height = usePick((state) => state.data.height);
  return (
    <div className="wb-editor" style={{ "--hue": colour, height } as CSSProperties}>
      {children}
    </div>
  );
}
