// The box round the background: it moves its members, and one arrow from it is one from each.
import { useReactFlow } from "@xyflow/react";
import { useMemo, type PointerEvent as ReactPointerEvent } from "react";
import { WIDE, isBox, memberNames } from "./background";
import { BOX, members, nameOf } from "./graph";
import { Sign } from "./icons";
import { beginKeyLink } from "./keys";
import { beginPull, boxesOf } from "./pull";
import { usePick, useStore, type Store } from "./store";
import type { Point } from "./types";

const LABEL = "may be related in any way";

/** Move all members with the pointer; a press without a move selects them. */
function beginMove(down: ReactPointerEvent, store: Store, flow: { screenToFlowPosition: (p: Point) => Point }): void {
  if (down.button !== 0) return;
  down.stopPropagation();
  const start = { x: down.clientX, y: down.clientY };
  const from = flow.screenToFlowPosition(start);
  const places = members(store.state.graph).map(({ id, x, y }) => ({ id, x, y }));
  let moved = false;
  const move = (event: PointerEvent) => {
    if (!moved && Math.hypot(event.clientX - start.x, event.clientY - start.y) < 4) return;
    moved = true;
    const now = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    store.move(Object.fromEntries(places.map(({ id, x, y }) => [id, { x: x + now.x - from.x, y: y + now.y - from.y }])));
  };
  const end = (event: PointerEvent) => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
    if (moved) store.endMove("Moved the background");
    else if (event.type === "pointerup") store.selectOne(BOX);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
}

export function BackgroundBox() {
  const store = useStore();
  const flow = useReactFlow();
  const graph = usePick((state) => state.graph);
  const sizes = usePick((state) => state.sizes);
  const moving = usePick((state) => state.moving);
  const still = usePick((state) => state.data.readOnly);
  const arrowMode = usePick((state) => state.arrowMode);
  const chosen = usePick((state) => isBox(state.graph, state.nodes));
  const aim = usePick(({ link }) => (link?.target !== BOX ? "" : link.refusal ? "refused" : "welcome"));
  const pulling = usePick(({ link }) => link?.source === BOX);
  const box = useMemo(() => boxesOf(store.state).get(BOX), [store, graph, sizes, moving]);
  if (!box) return null;
  const names = memberNames(graph);
  const inside = new Set(members(graph).map((node) => node.id));
  const caused = [...new Set(graph.edges.filter((e) => inside.has(e.source) && !inside.has(e.target)).map((e) => e.target))];
  const said = [`Background: ${names}`, LABEL, caused.length && `causes of ${caused.map((id) => nameOf(graph, id)).join(", ")}`].filter(Boolean).join("; ");
  const pull = (event: ReactPointerEvent) => event.button === 0 && beginPull(event, BOX, store, flow);
  const move = (event: ReactPointerEvent) => !still && (arrowMode ? pull(event) : beginMove(event, store, flow));
  return (
    <div
      className={["wb-background", chosen && "selected", aim, pulling && "pulling", still && "still"].filter(Boolean).join(" ")}
      style={{ left: box.x - box.w / 2, top: box.y - box.h / 2, width: box.w, height: box.h }}
      data-box={BOX}
      tabIndex={0}
      role="group"
      aria-roledescription="background"
      aria-label={said}
    >
      {!still && <div className="wb-background-rim nopan" title="Pull one arrow from here: an arrow from each" onPointerDown={pull} />}
      {!still && <div className="wb-background-edge nopan" onPointerDown={move} />}
      <div className={`wb-background-head nopan${box.w < WIDE ? " narrow" : ""}`} onPointerDown={move} title={`${names}\nmay be related in any way: nothing is claimed about how`}>
        <span>
          <b>Background{box.w >= WIDE && ":"}</b> <span>{LABEL}</span>
        </span>
        {!still && (
          <button
            type="button"
            className="wb-handle"
            aria-label="Arrow from each of the background"
            title="Pull one arrow from here: an arrow from each"
            onPointerDown={pull}
            onClick={(event) => event.detail === 0 && beginKeyLink(store, BOX)}
          >
            <Sign name="arrow" />
          </button>
        )}
      </div>
    </div>
  );
}
