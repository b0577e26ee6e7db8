// The columns of the data, to drag onto the canvas or to add with a click or Enter.
import { useState, type MouseEvent, type PointerEvent as ReactPointerEvent } from "react";
import { KIND_WORDS, KindIcon, Sign } from "./icons";
import { usePick, useStore } from "./store";
import type { Column, Point } from "./types";

const MANY = 12;

export interface Ghost {
  text: string;
  at: Point; // client coordinates
}

interface Props {
  /** Canvas coordinates under a client point, or null when it is not over the canvas. */
  placeAt: (client: Point) => Point | null;
  /** Where something goes that was added without pointing anywhere. */
  freePlace: () => Point;
  setGhost: (ghost: Ghost | null) => void;
}

/** Start a drag that ends on the canvas; a press without a move is left to `click`. */
function dragOut(down: ReactPointerEvent, text: string, { placeAt, setGhost }: Props, drop: (place: Point) => void): void {
  if (down.button !== 0) return;
  const start = { x: down.clientX, y: down.clientY };
  const button = down.currentTarget as HTMLElement;
  let dragging = false;
  const move = (event: PointerEvent) => {
    if (!dragging && Math.hypot(event.clientX - start.x, event.clientY - start.y) < 5) return;
    dragging = true;
    setGhost({ text, at: { x: event.clientX, y: event.clientY } });
  };
  const finish = (event: PointerEvent) => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", finish);
    window.removeEventListener("pointercancel", finish);
    setGhost(null);
    if (!dragging) return;
    // The click that follows a drag over the same button must not add a second time.
    const swallow = (click: Event) => click.stopPropagation();
    button.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => button.removeEventListener("click", swallow, { capture: true }), 0);
    const place = event.type === "pointerup" ? placeAt({ x: event.clientX, y: event.clientY }) : null;
    if (place) drop(place);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", finish);
  window.addEventListener("pointercancel", finish);
}

export function Palette(props: Props) {
  const store = useStore();
  const columns = usePick((state) => state.data.columns);
  const graph = usePick((state) => state.graph);
  const [wanted, setWanted] = useState("");
  const drawn = new Set(graph.nodes.map((node) => node.name));
  const shown = (columns ?? []).filter((column) => `${column.name} ${column.label}`.toLowerCase().includes(wanted.toLowerCase()));
  const unused = (columns ?? []).filter((column) => !drawn.has(column.name));

  const addAll = () => {
    const across = Math.ceil(Math.sqrt(unused.length * 1.7));
    const left = Math.min(...graph.nodes.map((node) => node.x), Infinity);
    const bottom = Math.max(...graph.nodes.map((node) => node.y), -Infinity);
    const from = graph.nodes.length ? { x: left, y: bottom + 120 } : { x: 0, y: 0 };
    const places = unused.map((_, index) => ({ x: from.x + 200 * (index % across), y: from.y + 110 * Math.floor(index / across) }));
    store.addColumns(
      unused.map((column) => column.name),
      places,
    );
  };

  return (
    <aside className="wb-palette" aria-label="Variables to draw">
      <div className="wb-palette-head">
        <span>{columns === null ? "Variables" : "Columns"}</span>
        {unused.length > 1 && unused.length <= MANY && (
          <button type="button" className="wb-link" onClick={addAll}>
            add all
          </button>
        )}
      </div>
      {columns && columns.length > MANY && (
        <input
          className="wb-input wb-search"
          type="search"
          placeholder={`find in ${columns.length}`}
          aria-label="Find a column"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
          onKeyDown={(event) => event.stopPropagation()}
        />
      )}
      <div className="wb-chips">
        {shown.map((column) => (
          <Chip key={column.name} column={column} drawn={drawn.has(column.name)} {...props} />
        ))}
        {columns !== null && !shown.length && wanted && <p className="wb-none">No column is called so.</p>}
      </div>
      <NewChip text="new variable" latent={false} {...props} />
      <NewChip text="unmeasured" latent {...props} />
    </aside>
  );
}

function Chip({ column, drawn, ...props }: { column: Column; drawn: boolean } & Props) {
  const store = useStore();
  const words = [KIND_WORDS[column.kind] ?? column.kind, drawn && "on the canvas"].filter(Boolean).join(", ");
  const title = column.label ? `${column.label}${column.unit ? ` [${column.unit}]` : ""}` : column.name;
  return (
    <button
      type="button"
      className={`wb-chip${drawn ? " drawn" : ""}`}
      data-column={column.name}
      title={`${title} (${words})`}
      aria-label={`${column.name}, ${words}`}
      onPointerDown={(event) => !drawn && dragOut(event, column.name, props, (place) => store.addColumn(column.name, place, true))}
      onClick={() => store.addColumn(column.name, props.freePlace())}
    >
      <KindIcon kind={column.kind} />
      <span className="wb-chip-name">{column.name}</span>
      {drawn && <Sign name="check" />}
    </button>
  );
}

function NewChip({ text, latent, ...props }: { text: string; latent: boolean } & Props) {
  const store = useStore();
  return (
    <button
      type="button"
      className={`wb-chip wb-new${latent ? " latent" : ""}`}
      onPointerDown={(event) => dragOut(event, text, props, (place) => store.begin(place, latent))}
      onMouseDown={(event: MouseEvent) => event.preventDefault()} // the name box takes the focus, not this
      onClick={() => store.begin(props.freePlace(), latent)}
    >
      <Sign name="plus" />
      <span className="wb-chip-name">{text}</span>
    </button>
  );
}
