// What of the canvas is in sight: it fits itself to its frame, again whenever the frame
// changes, until the user zooms or pans; then it keeps what they chose, as long as nothing
// that they did not push aside themselves is out of sight.
import { useNodesInitialized, useReactFlow, type Rect } from "@xyflow/react";
import { useEffect, useRef, type RefObject } from "react";
import { boxesOf } from "./pull";
import { MIN_ZOOM, READABLE, SIDE, leastOf, outsideOf, viewOf } from "./sight";
import { usePick, type Store } from "./store";
import type { Size } from "./types";

const EDGE = 30; // pixels: a centre nearer to the border than this is out of sight
const AGAIN = 300; // milliseconds after which what came has taken its last size: words and badges come with it

type Stage = RefObject<HTMLDivElement | null>;

const calm = (): boolean => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

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
    store.fit = (whole = store.whole, duration = 180, readable = false) => {
      store.whole = whole;
      store.byHand = false;
      if (!store.state.graph.nodes.length) return;
      const bounds = boundsOf(store);
      const view = viewOf(bounds, frame(), whole ? MIN_ZOOM : readable ? READABLE : leastOf(bounds, frame()));
      void flow.setViewport(view, { duration: calm() ? 0 : duration });
      store.keep(view, "fit");
    };
    store.outside = (view) => {
      const { w, h } = frame();
      return w && h ? outsideOf(boxesOf(store.state).values(), view, { w, h }) : [];
    };
    store.show = (duration = 180) => {
      if (store.outside(flow.getViewport()).some((id) => !store.unseen.has(id))) store.fit(store.whole, duration);
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
      if (!store.sees(place)) void flow.setCenter(place.x, place.y, { zoom: flow.getZoom(), duration: calm() ? 0 : 180 });
    };
  }, [store, flow, stage]);
}

/** Fit once the nodes are measured; afterwards when something came to lie out of sight, or the frame changed. */
export function useView(store: Store, stage: Stage): void {
  const flow = useReactFlow();
  const known = useNodesInitialized();
  const ready = usePick((state) => state.graph.nodes.every((node) => state.sizes[node.id])) && known;
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
      store.unseen = new Set(store.viewport?.unseen);
      store.whole = false;
    }
    if (first && store.byHand && store.viewport) void flow.setViewport(store.viewport).then(() => store.show(0));
    else if (first) store.fit(store.whole, 0);
    else store.show();
    setTimeout(() => store.show(), AGAIN);
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
      // What was in the middle stays there, if that leaves in sight what was.
      else void flow.setViewport({ x: x + dw / 2, y: y + dh / 2, zoom }).then(() => store.show());
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [ready, flow, store, stage]);
}
