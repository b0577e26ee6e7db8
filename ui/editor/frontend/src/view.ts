// What of the canvas is in sight: it fits itself to its frame, again whenever the frame
// changes, until the user zooms or pans; then it keeps what they chose.
import { useNodesInitialized, useReactFlow, type Rect, type Viewport } from "@xyflow/react";
import { useEffect, useRef, type RefObject } from "react";
import { boxesOf } from "./pull";
import { READABLE, usePick, type Store } from "./store";
import type { Size } from "./types";

export const MIN_ZOOM = 0.15;
export const MAX_ZOOM = 2.5;
const LARGEST = 1.15;
const SIDE = 22; // pixels around the drawing
const EDGE = 30; // pixels: a centre nearer to the border than this is out of sight

type Stage = RefObject<HTMLDivElement | null>;

/** The view that shows a drawing in a frame: in the middle where it fits, else from its beginning. */
export function viewOf(bounds: Rect, frame: Size, least: number): Viewport {
  const [w, h] = [frame.w - 2 * SIDE, frame.h - 2 * SIDE];
  const zoom = Math.min(Math.max(Math.min(w / (bounds.width || 1), h / (bounds.height || 1)), least), LARGEST);
  const place = (from: number, size: number, room: number) =>
    SIDE + Math.max(0, (room - size * zoom) / 2) - from * zoom;
  return { x: place(bounds.x, bounds.width, w), y: place(bounds.y, bounds.height, h), zoom };
}

/** What the nodes cover. */
function boundsOf(store: Store): Rect {
  const boxes = [...boxesOf(store.state).values()];
  const [left, right] = [Math.min(...boxes.map((b) => b.x - b.w / 2)), Math.max(...boxes.map((b) => b.x + b.w / 2))];
  const [top, bottom] = [Math.min(...boxes.map((b) => b.y - b.h / 2)), Math.max(...boxes.map((b) => b.y + b.h / 2))];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Give the store its eyes. */
export function useEyes(store: Store, stage: Stage): void {
  const flow = useReactFlow();
  useEffect(() => {
    const frame = (): Size => ({ w: stage.current?.clientWidth ?? 900, h: stage.current?.clientHeight ?? 440 });
    store.fit = (whole = store.whole, duration = 180) => {
      store.whole = whole;
      store.byHand = false;
      if (!store.state.graph.nodes.length) return;
      const view = viewOf(boundsOf(store), frame(), whole ? MIN_ZOOM : READABLE);
      void flow.setViewport(view, { duration });
      store.keep(view);
    };
    store.room = (): Size => {
      const { w, h } = frame();
      return { w: Math.max(w - 2 * SIDE, 160), h: Math.max(h - 2 * SIDE, 160) };
    };
    store.sees = (place) => {
      const box = stage.current?.getBoundingClientRect();
      if (!box) return true;
      const { x, y } = flow.flowToScreenPosition(place);
      return x > box.left + EDGE && x < box.right - EDGE && y > box.top + EDGE && y < box.bottom - EDGE;
    };
    store.reveal = (place) => {
      if (!store.sees(place)) void flow.setCenter(place.x, place.y, { zoom: flow.getZoom(), duration: 180 });
    };
  }, [store, flow, stage]);
}

/** Fit once the nodes are measured; afterwards when another graph came and lies out of sight, or the frame changed. */
export function useView(store: Store, stage: Stage): void {
  const flow = useReactFlow();
  const ready = useNodesInitialized();
  const document = usePick((state) => state.data.document);
  const rev = usePick((state) => state.data.rev);
  const seen = useRef<string | null>(null);
  useEffect(() => {
    if (!ready) return;
    const now = `${document}\u0000${rev}`;
    if (seen.current === now) return;
    const first = seen.current === null || !seen.current.startsWith(`${document}\u0000`);
    seen.current = now;
    if (first) {
      store.byHand = store.viewport?.byHand ?? false;
      store.whole = false;
    }
    if (first && store.byHand && store.viewport) void flow.setViewport(store.viewport);
    else if (first || !store.state.graph.nodes.every((node) => store.sees(node))) store.fit(store.whole, first ? 0 : 180);
  }, [ready, document, rev, flow, store]);

  useEffect(() => {
    const element = stage.current;
    if (!element || !ready) return;
    let size = { w: element.clientWidth, h: element.clientHeight };
    const watch = new ResizeObserver(() => {
      const [w, h] = [element.clientWidth, element.clientHeight];
      const [dw, dh] = [w - size.w, h - size.h];
      if (!w || !h || (!dw && !dh)) return;
      size = { w, h };
      const { x, y, zoom } = flow.getViewport();
      if (!store.byHand) store.fit(store.whole, 0);
      else void flow.setViewport({ x: x + dw / 2, y: y + dh / 2, zoom }); // what was in the middle stays there
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [ready, flow, store, stage]);
}
