// Toolbar, what can be done with the selection, and help.
import { useReactFlow, useViewport } from "@xyflow/react";
import { useEffect, useLayoutEffect, useRef, type ReactNode, type RefObject } from "react";
import { bundleOf, isBox } from "./background";
import { BOX, edgeOf, nameOf, nodeOf } from "./graph";
import { KindIcon, RoleIcon, Sign, type SignName } from "./icons";
import { beginKeyLink } from "./keys";
import { Breakable } from "./NodeFace";
import { useSnug } from "./snug";
import { READABLE } from "./sight";
import { usePick, useStore } from "./store";

interface ButtonProps {
  text: string;
  keys?: string;
  sign?: SignName;
  icon?: ReactNode;
  on?: boolean;
  disabled?: boolean;
  about?: string; // more, under the pointer
  bare?: boolean; // the picture alone; the text is its label
  plain?: 1 | 2; // the picture says it too, where words have no room: the first and the second to lose them
  act: () => void;
}

export function Button({ text, keys, sign, icon, on, disabled, bare, plain, about, act }: ButtonProps) {
  return (
    <button
      type="button"
      className={`wb-button${on ? " on" : ""}${bare ? " bare" : ""}${plain ? ` plain-${plain}` : ""}`}
      aria-label={text}
      aria-pressed={on}
      disabled={disabled}
      title={[keys ? `${text} (${keys})` : text, about].filter(Boolean).join(": ")}
      onMouseDown={(event) => event.preventDefault()} // the focus stays on what it acts on
      onClick={act}
    >
      {icon ?? (sign && <Sign name={sign} />)}
      {!bare && <span>{text}</span>}
      {!bare && keys && !about && <kbd>{keys}</kbd>}
    </button>
  );
}

export function Toolbar() {
  const store = useStore();
  const canUndo = usePick((state) => state.canUndo);
  const canRedo = usePick((state) => state.canRedo);
  const arrowMode = usePick((state) => state.arrowMode);
  const empty = usePick((state) => state.graph.nodes.length === 0);
  const readOnly = usePick((state) => state.data.readOnly);
  const some = usePick((state) => state.nodes.size > 0);
  const paths = usePick((state) => state.paths);
  const traced = usePick((state) => state.data.overlay.paths !== null);
  const held = usePick((state) => state.nodes.size > 0 && [...state.nodes].every((id) => nodeOf(state.graph, id)?.background));
  return (
    <div className="wb-toolbar" role="toolbar" aria-label="Canvas">
      {!readOnly && (
        <>
          <Button bare sign="undo" text="Undo" keys="Ctrl+Z" disabled={!canUndo} act={() => store.undo()} />
          <Button bare sign="redo" text="Redo" keys="Ctrl+Shift+Z" disabled={!canRedo} act={() => store.redo()} />
          <i />
          <Button sign="arrow" text="Arrows" on={arrowMode} disabled={empty} act={() => store.set({ arrowMode: !arrowMode })} />
          <Button sign="background" text="Background" about="what is selected may be related in any way: nothing is claimed about how" keys="B" on={held} disabled={!some} act={() => store.toggleBackground()} />
          <Button
            sign="paths"
            text="Paths"
            about={traced ? "which arrows carry the effect and which bias it, and what to hold fixed" : "mark an exposure and an outcome first"}
            keys="P"
            on={paths && traced}
            disabled={!traced}
            act={() => store.togglePaths()}
          />
          <Button sign="tidy" text="Tidy" disabled={empty} act={() => store.tidy()} />
        </>
      )}
      <Button bare sign="fit" text="Zoom to fit" keys="F" disabled={empty} act={() => store.fit(true)} />
      <Button bare sign="help" text="Help" keys="?" act={() => store.set({ help: true })} />
    </div>
  );
}

/** Small words on the canvas grow against the zoom, so that they can be read as long as the names can. */
export function Zoom({ stage }: { stage: RefObject<HTMLElement | null> }) {
  const flow = useReactFlow();
  const store = useStore();
  const { zoom } = useViewport();
  useLayoutEffect(() => stage.current?.style.setProperty("--zoom", String(Math.min(Math.max(zoom, READABLE), 1))), [stage, zoom]);
  return (
    <div className="wb-zoom" role="group" aria-label="Zoom">
      <Button bare sign="minus" text="Zoom out" keys="-" act={() => store.zoomBy((d) => void flow.zoomOut({ duration: d }))} />
      <span aria-live="off">{Math.round(zoom * 100)} %</span>
      <Button bare sign="plus" text="Zoom in" keys="+" act={() => store.zoomBy((d) => void flow.zoomIn({ duration: d }))} />
    </div>
  );
}

/** What can be done with what is selected, as labelled buttons; it stands still, below the drawing. */
export function SelectionBar() {
  const store = useStore();
  const graph = usePick((state) => state.graph);
  const nodes = usePick((state) => state.nodes);
  const edges = usePick((state) => state.edges);
  const link = usePick((state) => state.link);
  const readOnly = usePick((state) => state.data.readOnly);
  const editing = usePick((state) => state.editing !== null);
  const bar = useSnug();
  if (link && !link.pointer) return <LinkBar />;
  if (link || readOnly || editing || nodes.size + edges.size === 0) return null;
  const bin = <Button plain={1} sign="bin" text="Delete" keys="Del" act={() => store.removeSelection()} />;
  let buttons: ReactNode;
  if (nodes.size === 1 && edges.size === 0) {
    const [id] = nodes;
    const node = nodeOf(graph, id);
    buttons = (
      <>
        <Button plain={2} sign="arrow" text="Arrow to…" keys="C" act={() => beginKeyLink(store, id)} />
        <Button plain={1} sign="pen" text="Rename" keys="F2" act={() => store.rename(id)} />
        <Button icon={<RoleIcon role="exposure" />} text="Exposure" keys="E" on={graph.exposure === id} act={() => store.mark("exposure")} />
        <Button icon={<RoleIcon role="outcome" />} text="Outcome" keys="O" on={graph.outcome === id} act={() => store.mark("outcome")} />
        <Button plain={2} icon={<KindIcon kind="latent" />} text="Unmeasured" keys="L" on={node?.latent ?? false} act={() => store.toggleLatent()} />
        {bin}
      </>
    );
  } else if (!edges.size && isBox(graph, nodes)) {
    buttons = (
      <>
        <Button sign="arrow" text="Arrow from each to…" keys="C" act={() => beginKeyLink(store, BOX)} />
        {bin}
      </>
    );
  } else if (!nodes.size && bundleOf(graph, edges)) {
    buttons = bin;
  } else if (edges.size === 1 && nodes.size === 0) {
    const arc = edgeOf(graph, [...edges][0])?.bidirected ?? false;
    buttons = (
      <>
        <Button plain={2} sign="reverse" text="Reverse" keys="R" disabled={arc} act={() => store.reverse()} />
        <Button sign="arc" text="Two heads" keys="B" on={arc} act={() => store.toggleArc()} />
        {bin}
      </>
    );
  } else {
    buttons = (
      <>
        {nodes.size > 0 && <Button icon={<KindIcon kind="latent" />} text="Unmeasured" keys="L" act={() => store.toggleLatent()} />}
        {nodes.size === 2 && edges.size === 0 && <Button sign="arc" text="Join by an arc" keys="J" act={() => store.toggleArc()} />}
        {bin}
      </>
    );
  }
  return (
    <div ref={bar} className="wb-selection" role="toolbar" aria-label={`What to do with ${store.selectionWords()}`}>
      <b title={store.selectionWords()}>
        <Breakable text={store.selectionWords()} />
      </b>
      {buttons}
    </div>
  );
}

function LinkBar() {
  const store = useStore();
  const link = usePick((state) => state.link);
  const graph = usePick((state) => state.graph);
  const bar = useSnug();
  if (!link) return null;
  return (
    <div ref={bar} className="wb-selection" role="toolbar" aria-label="Drawing an arrow">
      <b>
        {nameOf(graph, link.source)} {link.bidirected ? "↔" : "→"} {link.target ? nameOf(graph, link.target) : "…"}
      </b>
      <span className="wb-hint">
        <kbd>←↑↓→</kbd> choose
      </span>
      <Button sign="arrow" text="Draw" keys="Enter" disabled={!link.target || link.refusal !== null} act={() => link.target && store.connect(link.source, link.target, link.bidirected)} />
      <Button sign="arc" text="Two heads" keys="B" on={link.bidirected} act={() => store.link({ ...link, bidirected: !link.bidirected })} />
      <Button plain={1} sign="close" text="Cancel" keys="Esc" act={() => store.link(null)} />
    </div>
  );
}

const HELP: [string, [string, string][]][] = [
  [
    "Draw",
    [
      ["Drag a column", "a variable, where you drop it"],
      ["Double-click", "a new variable (N)"],
      ["Pull from a rim", "an arrow; to the empty canvas: to a new variable"],
      ["Shift + pull", "an arc with two heads"],
      ["C", "an arrow by keyboard: choose with the arrow keys, then Enter"],
      ["Pull from the background's box", "one arrow that is an arrow from each"],
    ],
  ],
  [
    "Change",
    [
      ["Click, Enter", "its settings, below the canvas"],
      ["F2, double-click", "rename"],
      ["Del", "delete"],
      ["R", "reverse an arrow"],
      ["B", "of variables: background, may be related in any way; of an arrow: arrow or arc"],
      ["J", "join two variables by an arc"],
      ["L", "unmeasured (latent)"],
      ["E, O", "exposure, outcome"],
      ["Arrow keys", "move; with Shift further"],
      ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo"],
    ],
  ],
  [
    "Look",
    [
      ["T", "tidy: causes before effects, in the shape of the frame"],
      ["P", "show or hide the paths between exposure and outcome"],
      ["F, +, -", "fit, zoom in, zoom out"],
      ["A", "arrows from anywhere on a variable"],
      ["Shift + drag", "select with a box"],
      ["Ctrl + click", "add to the selection"],
      ["Tab", "next variable or arrow"],
    ],
  ],
];

export function Help() {
  const store = useStore();
  const open = usePick((state) => state.help);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) box.current?.focus({ preventScroll: true });
  }, [open]);
  if (!open) return null;
  const close = () => {
    store.set({ help: false });
    store.focus(null);
  };
  return (
    <div className="wb-veil" onClick={close}>
      <div ref={box} className="wb-help" role="dialog" aria-modal="true" aria-label="How to draw" tabIndex={-1} onClick={(event) => event.stopPropagation()}>
        <Button bare sign="close" text="Close" keys="Esc" act={close} />
        {HELP.map(([title, rows]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {rows.map(([keys, words]) => (
                <div key={keys}>
                  <dt>{keys}</dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </div>
  );
}
