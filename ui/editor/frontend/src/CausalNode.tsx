// One variable: its name, its kind, its marks, and the rim from which arrows are pulled.
import { useReactFlow, type Node, type NodeProps } from "@xyflow/react";
import { memo, useEffect, useRef, type KeyboardEvent, type PointerEvent } from "react";
import { beginPull } from "./pull";
import { KIND_WORDS, KindIcon, RoleIcon } from "./icons";
import { usePick, useStore } from "./store";
import type { NodeMark, NodeState } from "./types";

export interface NodeData extends Record<string, unknown> {
  node: NodeState;
  kind: string;
  label: string; // the user's words for the column, where they are others than its name
  unit: string;
  role: "exposure" | "outcome" | null;
  missing: boolean; // there are data, and they lack it
  mark: NodeMark | null;
}

export type CanvasNode = Node<NodeData, "causal">;

function CausalNodeView({ id, data, selected }: NodeProps<CanvasNode>) {
  const store = useStore();
  const flow = useReactFlow();
  const renaming = usePick((state) => state.editing !== null && state.editing.node.id === id);
  const aim = usePick(({ link }) => (link?.target !== id ? "" : link.refusal ? "refused" : "welcome"));
  const pulling = usePick(({ link }) => link?.source === id);
  const { node, kind, label, unit, role, missing, mark } = data;
  const classes = ["wb-node", node.latent && "latent", role, selected && "selected", aim, pulling && "pulling", missing && "missing"];

  const pull = (event: PointerEvent) => {
    if (event.button === 0) beginPull(event, id, store, flow);
  };

  return (
    <div className={classes.filter(Boolean).join(" ")} title={[node.name, label, unit && `[${unit}]`].filter(Boolean).join("\n")}>
      <div className="wb-rim nodrag nopan nokey" onPointerDown={pull} title="Pull an arrow from here" />
      <div className="wb-body">
        {role && (
          <span className="wb-role">
            <RoleIcon role={role} />
            {role}
          </span>
        )}
        <span className="wb-kind" title={KIND_WORDS[node.latent ? "latent" : kind] ?? "not in the data"}>
          <KindIcon kind={node.latent ? "latent" : kind} />
        </span>
        {renaming ? (
          <NameInput />
        ) : (
          <span className="wb-words">
            <span className="wb-name">{node.name}</span>
            {label && <span className="wb-alias">{label}</span>}
          </span>
        )}
      </div>
      {missing && !mark && <span className="wb-badge warning">not in the data</span>}
      {mark && (
        <span className={`wb-badge ${mark.tone}`} title={mark.title || undefined}>
          {mark.badge}
        </span>
      )}
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
