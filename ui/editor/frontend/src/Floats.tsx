// What floats over the canvas: the node that is being named, invitations, refusals, messages.
import { useReactFlow } from "@xyflow/react";
import type { RefObject } from "react";
import { NameInput } from "./CausalNode";
import type { Ghost } from "./Palette";
import { usePick } from "./store";

/** A node that has no name yet. */
export function FreshNode() {
  const fresh = usePick((state) => (state.editing?.fresh ? state.editing.node : null));
  if (!fresh) return null;
  return (
    <div className="wb-fresh" style={{ transform: `translate(${fresh.x}px, ${fresh.y}px) translate(-50%, -50%)` }}>
      <div className={`wb-node selected${fresh.latent ? " latent" : ""}`}>
        <div className="wb-body">
          <NameInput />
        </div>
      </div>
    </div>
  );
}

export function Invitation() {
  const empty = usePick((state) => state.graph.nodes.length === 0 && !state.editing);
  const unjoined = usePick((state) => state.graph.nodes.length > 1 && !state.graph.edges.length && !state.link && !state.editing);
  const columns = usePick((state) => state.data.columns);
  const readOnly = usePick((state) => state.data.readOnly);
  if (readOnly) return null;
  if (unjoined)
    return (
      <p className="wb-tip">
        Pull an arrow from the rim of one variable to another: <i>this</i> causes <i>that</i>.
      </p>
    );
  if (!empty) return null;
  return (
    <div className="wb-empty">
      <svg viewBox="0 0 220 84" aria-hidden="true">
        <rect x="6" y="26" width="72" height="32" rx="8" />
        <rect x="142" y="26" width="72" height="32" rx="8" />
        <path className="line" d="M82 42H126" />
        <path className="tip" d="M138 42l-13 -5.500l3.500 5.500l-3.500 5.500z" />
      </svg>
      <b>{columns?.length ? "Drag a column here, or double-click to name a variable" : "Double-click to name a variable"}</b>
      <span>Then pull an arrow from the rim of a cause to its effect.</span>
    </div>
  );
}

/** Why the arrow under the pointer cannot be drawn, or what dropping it would do. */
export function LinkHint({ stage }: { stage: RefObject<HTMLDivElement | null> }) {
  const link = usePick((state) => state.link);
  const graph = usePick((state) => state.graph);
  const flow = useReactFlow();
  if (!link) return null;
  const text = link.refusal;
  const place = link.pointer ?? graph.nodes.find((node) => node.id === link.target);
  const box = stage.current?.getBoundingClientRect();
  if (!text || !place || !box) return null;
  const at = flow.flowToScreenPosition(place);
  const left = Math.min(Math.max(at.x - box.left, 140), Math.max(box.width - 140, 140));
  const top = at.y - box.top + 34;
  const above = top > box.height - 90;
  return (
    <div className="wb-refusal" style={{ left, top: above ? top - 96 : top }}>
      {text}
    </div>
  );
}

/** More about an arrow, beside the pointer and within the frame. */
export function TipBox({ stage }: { stage: RefObject<HTMLDivElement | null> }) {
  const tip = usePick((state) => state.tip);
  const box = stage.current?.getBoundingClientRect();
  if (!tip || !box) return null;
  const most = Math.min(300, box.width - 16);
  const left = Math.min(Math.max(tip.at.x - box.left - most / 2, 8), box.width - most - 8);
  const top = tip.at.y - box.top;
  const low = top > box.height / 2;
  return (
    <div className="wb-more" role="tooltip" style={{ left, maxWidth: most, ...(low ? { bottom: box.height - top + 14 } : { top: top + 18 }) }}>
      {tip.text}
    </div>
  );
}

export function Toast() {
  const note = usePick((state) => state.note);
  if (!note) return null;
  return (
    <div key={note.id} className={`wb-toast ${note.tone}`}>
      {note.text}
    </div>
  );
}

export function Speech() {
  const spoken = usePick((state) => state.spoken);
  return (
    <div className="wb-speech" role="status" aria-live="polite">
      {spoken}
    </div>
  );
}

export function GhostChip({ ghost, root }: { ghost: Ghost; root: RefObject<HTMLDivElement | null> }) {
  const box = root.current?.getBoundingClientRect();
  if (!box) return null;
  return (
    <div className="wb-ghost" style={{ left: ghost.at.x - box.left, top: ghost.at.y - box.top }}>
      {ghost.text}
    </div>
  );
}
