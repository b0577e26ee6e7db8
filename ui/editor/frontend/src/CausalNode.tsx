// One variable: its name, its kind, its marks, and the rim from which arrows are pulled.
import { useReactFlow, type Node, type NodeProps } from "@xyflow/react";
import { memo, useEffect, useRef, type KeyboardEvent, type PointerEvent } from "react";
import { SIDES } from "./badges";
import { beginPull } from "./pull";
import { NodeBody, type Face } from "./NodeFace";
import { usePick, useStore } from "./store";
import type { NodeAdvice, NodeState, Size } from "./types";

export interface NodeData extends Record<string, unknown>, Omit<Face, "name" | "latent"> {
  node: NodeState;
  unit: string;
  advice: NodeAdvice | null; // what to do with it for the question
  title?: string; // what stands in the box instead of the name
  size?: Size; // as it was planned
}

export type CanvasNode = Node<NodeData, "causal">;

function CausalNodeView({ id, data, selected }: NodeProps<CanvasNode>) {
  const store = useStore();
  const flow = useReactFlow();
  const renaming = usePick((state) => state.editing !== null && state.editing.node.id === id);
  const aim = usePick(({ link }) => (link?.target !== id ? "" : link.refusal ? "refused" : "welcome"));
  const pulling = usePick(({ link }) => link?.source === id);
  const still = usePick((state) => state.data.readOnly);
  const side = usePick((state) => state.sides.get(id) ?? SIDES[0]);
  const { node, label, unit, role, missing, title, size, advice } = data;
  const classes = ["wb-node", node.latent && "latent", role, selected && "selected", aim, pulling && "pulling", missing && "missing", advice && `act-${advice.act}`];

  const pull = (event: PointerEvent) => {
    if (event.button === 0) beginPull(event, id, store, flow);
  };

  return (
    <div
      className={classes.filter(Boolean).join(" ")}
      title={[node.name, label, unit && `[${unit}]`, advice?.title].filter(Boolean).join("\n")}
      data-act={advice?.act}
      onPointerEnter={() => store.echo(id)}
      onPointerLeave={() => store.echo(null)}
    >
      {!still && <div className="wb-rim nodrag nopan nokey" onPointerDown={pull} title="Pull an arrow from here" />}
      <NodeBody face={{ ...data, name: title || node.name, latent: node.latent }} style={size ? { width: size.w, height: size.h } : undefined}>
        {renaming ? <NameInput /> : undefined}
      </NodeBody>
      {advice && <span className="wb-advice" data-side={side}>{advice.words}</span>}
    </div>
  );
}

export const CausalNode = memo(CausalNodeView);

/** The box in which a name is typed; columns that are not yet drawn are suggested. */
export function NameInput() {
  const store = useStore();
  const editing = usePick((state) => state.editing);
  const columns = usePick((state) => state.data.columns);
  const graph = usePick((state) => state.graph);
  const limit = usePick((state) => state.data.limits.name);
  const box = useRef<HTMLInputElement>(null);
  const id = editing?.node.id;
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    box.current?.select();
  }, [id]);
  if (!editing) return null;
  const drawn = new Set(graph.nodes.map((node) => node.name));
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter") store.finishName();
    else if (event.key === "Escape") store.cancelName();
    else if ((event.ctrlKey || event.metaKey) && event.key === "Enter") store.finishName();
    else return;
    event.preventDefault();
  };
  return (
    <span className="wb-naming nodrag nopan nokey">
      <input
        ref={box}
        className="wb-input"
        aria-label={editing.fresh ? "Name of the new variable" : `New name of ${editing.node.name}`}
        aria-invalid={editing.problem !== null}
        placeholder={editing.node.latent ? "name what is unmeasured" : "name a variable"}
        value={editing.text}
        maxLength={limit}
        size={Math.min(Math.max(editing.text.length, editing.fresh ? 16 : 6), 26)}
        list={columns?.length ? "wb-columns" : undefined}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => store.type(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => store.state.editing?.node.id === id && store.finishName(true)}
      />
      {columns && columns.length > 0 && (
        <datalist id="wb-columns">
          {columns
            .filter((column) => !drawn.has(column.name))
            .slice(0, 200)
            .map((column) => (
              <option key={column.name} value={column.name} />
            ))}
        </datalist>
      )}
      {editing.problem && (
        <span className="wb-problem" role="alert">
          {editing.problem}
        </span>
      )}
    </span>
  );
}
