// The state of one mounted canvas and everything that can be done to it. The committed
// graph changes only through `commit`, which sends it to Python at once.
import { createContext, useContext, useSyncExternalStore } from "react";
import * as b from "./background";
import { distance } from "./geometry";
import * as g from "./graph";
import * as history from "./history";
import { boxesOf } from "./pull";
import { READABLE } from "./sight";
import { tidied } from "./tidy";
import { keepPathsShown, pathsShown } from "./ways";
import type { Link, Note, State } from "./state";
import type { Data, Edit, Graph, Look, Point, Size } from "./types";

export type { Link, State };

const NONE: ReadonlySet<string> = new Set();
export const STEP = 10;
const MEASURED = 60; // milliseconds after which new nodes have been measured

export class Store {
  state: State;
  send: (edit: Edit) => void = () => {};
  /** Set by the canvas once it can: bring a place into view; give focus to the canvas or an item. */
  reveal: (place: Point) => void = () => {};
  sees: (place: Point) => boolean = () => true;
  focus: (id: string | null) => void = () => {};
  home: () => void = () => {}; // the canvas itself takes the focus, at once
  fit: (whole?: boolean, duration?: number, readable?: boolean) => void = () => {};
  /** Fit if something is out of sight that the user did not push aside. */
  show: (duration?: number) => void = () => {};
  /** What a view does not show in full. */
  outside: (view: history.Viewport) => string[] = () => [];
  /** The room that a drawing has in its frame, in pixels. */
  room: () => Size = () => ({ w: 900, h: 460 });
  /** A node under the pointer is marked in every picture beside this one. */
  echo: (id: string | null) => void = () => {};
  byHand = false; // the user chose what is in sight
  whole = false; // and asked to see all, however small
  unseen: ReadonlySet<string> = NONE; // what is out of sight by that choice, or since there is too much of it
  private zooms = false; // a zoom by button or key is under way
  private seq: number;
  private looked: Look | null = null; // what was asked for last; it goes along with every edit, so that none is lost
  private shown: string | undefined; // the turn of what Python showed last
  private memory: history.Memory;
  private listeners = new Set<() => void>();
  private noteTimer: ReturnType<typeof setTimeout> | undefined;
  private lastNudge = { what: "", when: 0 };

  constructor(data: Data) {
    // What is only shown is not remembered: it has no past, and its places are made anew.
    this.memory = data.readOnly ? history.blank() : history.memoryOf(data.document);
    history.remember(this.memory, data.graph);
    this.seq = data.seq;
    this.shown = data.shown?.turn;
    this.state = {
      data,
      graph: data.graph,
      nodes: NONE,
      edges: NONE,
      moving: {},
      sizes: {},
      link: null,
      editing: null,
      arrowMode: false,
      paths: pathsShown(),
      help: false,
      note: null,
      spoken: "",
      tip: null,
      sides: new Map(),
      drawn: null,
      ...this.undoable(),
    };
    if (data.notice) this.say(data.notice, "bad");
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }

  private undoable = () => ({ canUndo: this.memory.past.length > 0, canRedo: this.memory.future.length > 0 });

  togglePaths(): void {
    const paths = !this.state.paths;
    keepPathsShown(paths);
    this.set({ paths });
    this.speak(paths ? "Paths between exposure and outcome are shown" : "Paths are hidden");
  }

  get viewport(): history.Viewport | null {
    return this.memory.viewport;
  }

  /** Remember what is in sight, and whether the user chose it; what then is not has been left out on purpose. */
  keep({ x, y, zoom }: history.Viewport, by: "hand" | "fit" | null = null): void {
    const before = this.memory.viewport;
    // A click on the empty canvas ends a move, too, one by nothing.
    const moved = !before || Math.abs(before.x - x) + Math.abs(before.y - y) > 1 || Math.abs(before.zoom - zoom) > 0.001;
    const chosen = this.zooms || (by === "hand" && moved);
    this.byHand ||= chosen;
    this.zooms = false;
    if (chosen || by === "fit") this.unseen = new Set(this.outside({ x, y, zoom }));
    this.memory.viewport = { x, y, zoom, byHand: this.byHand, unseen: [...this.unseen] };
  }

  /** What stands elsewhere than before is not where the user left it. */
  private stay(graph: Graph): void {
    const before = new Map(this.state.graph.nodes.map((node) => [node.id, node]));
    const stayed = graph.nodes.filter(({ id, x, y }) => before.get(id)?.x === x && before.get(id)?.y === y).map(({ id }) => id);
    this.unseen = new Set([...this.unseen].filter((id) => stayed.includes(id)));
  }

  /** Python sent something: only another document or a new revision replaces the graph. */
  receive(data: Data): void {
    const before = this.state.data;
    const other = data.document !== before.document;
    if (other || data.rev !== before.rev) {
      if (other) {
        this.memory = data.readOnly ? history.blank() : history.memoryOf(data.document);
        this.looked = null;
      } else this.stay(data.graph);
      history.remember(this.memory, data.graph);
      this.seq = data.seq;
      const present = new Set(data.graph.nodes.map((node) => node.id));
      const keep = !other && this.state.editing && (this.state.editing.fresh || present.has(this.state.editing.node.id));
      this.set({
        data,
        graph: data.graph,
        nodes: other ? NONE : new Set([...this.state.nodes].filter((id) => present.has(id))),
        edges: other ? NONE : new Set([...this.state.edges].filter((id) => g.edgeOf(data.graph, id))),
        moving: {},
        link: null,
        editing: keep ? this.state.editing : null,
        ...this.undoable(),
      });
    } else {
      this.seq = Math.max(this.seq, data.seq);
      this.set({ data });
    }
    this.follow(data.shown, other);
    if (data.notice && data.notice !== before.notice) this.say(data.notice, "bad");
  }

  /** Select what was chosen in a list beside the canvas, once. */
  private follow(shown: Look | null, other: boolean): void {
    if (!shown || shown.turn === this.shown) return;
    this.shown = shown.turn;
    if (other) return;
    if (g.nodeOf(this.state.graph, shown.id)) this.select([shown.id]);
    else if (g.edgeOf(this.state.graph, shown.id)) this.select([], [shown.id]);
  }

  // -- saying ------------------------------------------------------------------

  say(text: string, tone: Note["tone"] = "info"): void {
    clearTimeout(this.noteTimer);
    this.set({ note: { text, tone, id: (this.state.note?.id ?? 0) + 1 }, spoken: text });
    this.noteTimer = setTimeout(() => this.set({ note: null }), tone === "bad" ? 6000 : 2500);
  }

  speak(text: string): void {
    this.set({ spoken: text === this.state.spoken ? `${text}\u00a0` : text });
  }

  // -- committing --------------------------------------------------------------

  commit(graph: Graph, said: string, change: Partial<State> = {}): boolean {
    if (this.state.data.readOnly || g.same(graph, this.state.graph)) {
      this.set({ moving: {}, link: null, ...change });
      return false;
    }
    history.remember(this.memory, graph);
    this.publish(graph, said, change);
    return true;
  }

  private publish(graph: Graph, said: string, change: Partial<State> = {}): void {
    this.seq += 1;
    this.tell(graph); // before the picture: the way to Python is longer than the way to the screen
    const ids = new Set(graph.nodes.map((node) => node.id));
    this.set({
      graph,
      moving: {},
      link: null,
      nodes: new Set([...this.state.nodes].filter((id) => ids.has(id))),
      edges: new Set([...this.state.edges].filter((id) => g.edgeOf(graph, id))),
      spoken: said,
      ...this.undoable(),
      ...change,
    });
  }

  /** The whole state in one value: Streamlit keeps only the last, and sends it again. */
  private tell(graph: Graph): void {
    const { document, rev } = this.state.data;
    this.send({ document, base: rev, seq: this.seq, look: this.looked, ...graph });
  }

  undo(): void {
    const graph = this.state.data.readOnly ? null : history.undo(this.memory);
    if (graph) this.publish(graph, "Undone", { editing: null });
    else this.speak("Nothing to undo");
    this.focus(null);
    setTimeout(() => this.show(), MEASURED);
  }

  redo(): void {
    const graph = this.state.data.readOnly ? null : history.redo(this.memory);
    if (graph) this.publish(graph, "Redone", { editing: null });
    else this.speak("Nothing to redo");
    this.focus(null);
    setTimeout(() => this.show(), MEASURED);
  }

  // -- selecting ---------------------------------------------------------------

  select(nodes: Iterable<string>, edges: Iterable<string> = []): void {
    this.set({ nodes: new Set(nodes), edges: new Set(edges) });
  }

  /** Select one node, or with the box of the background all of its members. */
  selectOne(id: string): void {
    this.select(id === g.BOX ? g.members(this.state.graph).map((node) => node.id) : [id]);
  }

  /** Ask for the settings of a node or an arrow. That is no edit: number, graph and history stay as they are. */
  inspect(item: string): void {
    const { data, graph } = this.state;
    const id = g.nodeOf(graph, item) ? item : b.edgesBehind(graph, item)[0];
    const edge = g.edgeOf(graph, id ?? "");
    if (data.readOnly || !id || edge?.bidirected) return;
    this.looked = { turn: g.freshId("l"), id };
    this.tell(graph);
    const words = edge ? g.arrowWords(graph, edge.source, edge.target, false) : g.nameOf(graph, id);
    this.speak(`${words}: its settings are below the canvas`);
  }

  selectAll(): void {
    const { graph } = this.state;
    this.select(
      graph.nodes.map((node) => node.id),
      graph.edges.map((edge) => edge.id),
    );
  }

  // -- nodes -------------------------------------------------------------------

  private full(): boolean {
    const { graph, data } = this.state;
    if (graph.nodes.length < data.limits.nodes) return false;
    this.say(`The canvas holds at most ${data.limits.nodes} variables`, "bad");
    return true;
  }

  /** Add a column, or show it where it is already drawn. */
  addColumn(name: string, place: Point, dropped = false): void {
    const { graph } = this.state;
    const there = graph.nodes.find((node) => node.name === name);
    if (there) {
      this.select([there.id]);
      this.reveal(there);
      this.focus(there.id);
      this.speak(`${name} is already on the canvas`);
      return;
    }
    if (this.full()) return;
    const node = { id: g.freshId("n"), name, ...place, latent: false, background: this.inBox(place) };
    const said = node.background ? `Added ${name} to the background` : `Added ${name}`;
    this.commit(g.addNode(graph, node), said, { nodes: new Set([node.id]), edges: NONE });
    if (node.background) this.say(said);
    if (!dropped) setTimeout(() => this.show(), MEASURED);
  }

  /** Whether something that is put here is put into the box of the background. */
  private inBox(place: Point): boolean {
    const box = boxesOf(this.state).get(g.BOX);
    return box !== undefined && distance(box, place) <= 0;
  }

  /** Add columns that are not drawn yet, in one step. */
  addColumns(names: string[], places: Point[]): void {
    const { graph, data } = this.state;
    const room = Math.max(data.limits.nodes - graph.nodes.length, 0);
    let next = graph;
    names.slice(0, room).forEach((name, index) => {
      next = g.addNode(next, { id: g.freshId("n"), name, ...places[index], latent: false, background: false });
    });
    this.commit(next, `Added ${names.length} columns`, { nodes: NONE, edges: NONE });
    this.focus(null);
    setTimeout(() => this.fit(), MEASURED);
  }

  /** Begin a new node: it is named at once and joins the graph when it has a name. */
  begin(place: Point, latent = false, from: string | null = null, bidirected = false): void {
    if (this.state.data.readOnly || this.full()) return;
    const background = !latent && !from && this.inBox(place);
    const node = { id: g.freshId("n"), name: "", ...place, latent, background };
    this.set({ editing: { node, text: "", fresh: true, from, bidirected, problem: null }, nodes: NONE, edges: NONE, link: null });
  }

  rename(id: string): void {
    const node = g.nodeOf(this.state.graph, id);
    if (!node || this.state.data.readOnly) return;
    this.set({
      editing: { node, text: node.name, fresh: false, from: null, bidirected: false, problem: null },
      nodes: new Set([id]),
      edges: NONE,
    });
  }

  type(text: string): void {
    const { editing } = this.state;
    if (editing) this.set({ editing: { ...editing, text, problem: null } });
  }

  /** Take the name that was typed. A blank one gives up; a name that cannot be stays open and says why. */
  finishName(blurred = false): void {
    const { editing, graph, data } = this.state;
    if (!editing) return;
    const known = data.columns?.some((column) => column.name === editing.text);
    const name = known ? editing.text : editing.text.trim();
    if (!name || (!editing.fresh && name === editing.node.name)) return this.cancelName();
    const problem = g.nameRefusal(graph, name, data.limits.name, editing.fresh ? undefined : editing.node.id);
    if (problem) {
      if (blurred && !editing.fresh) {
        this.cancelName();
        this.say(problem, "bad");
      } else {
        this.set({ editing: { ...editing, problem }, spoken: problem });
      }
      return;
    }
    const { id } = editing.node;
    const change = { editing: null, nodes: new Set([id]), edges: NONE };
    if (editing.fresh) {
      let next = g.addNode(graph, { ...editing.node, name });
      if (editing.from === g.BOX) next = b.addFromEach(next, id);
      else if (editing.from && g.nodeOf(graph, editing.from)) next = g.addEdge(next, editing.from, id, editing.bidirected);
      this.commit(next, `Added ${name}`, change);
    } else {
      this.commit(g.changeNode(graph, id, { name }), `Renamed ${editing.node.name} to ${name}`, change);
    }
    if (blurred) return;
    this.home();
    this.focus(id);
  }

  cancelName(): void {
    const { editing } = this.state;
    if (!editing) return;
    this.set({ editing: null });
    this.home();
    if (!editing.fresh) this.focus(editing.node.id);
  }

  toggleLatent(): void {
    const { graph, nodes } = this.state;
    if (!nodes.size) return;
    const latent = ![...nodes].every((id) => g.nodeOf(graph, id)?.latent);
    let next = graph;
    for (const id of nodes) next = g.changeNode(next, id, { latent });
    this.commitMarked(next, latent ? [...nodes] : [], `${this.selectionWords()} ${latent ? "is now unmeasured" : "is now measured"}`);
  }

  /** What was marked otherwise cannot stay in the background: it is taken out, or stands where it was and says why. */
  private commitMarked(graph: Graph, marked: string[], said: string): void {
    const out = marked.filter((id) => g.nodeOf(graph, id)?.background);
    const after = b.takenOut(graph, out);
    if ("refused" in after) return this.say(after.refused, "bad");
    this.commit(after.graph, out.length ? `${said}, and no longer background` : said);
    if (out.length) this.say(`${said}, and no longer background`);
  }

  /** Put what is selected into the background, or take it out where all of it is in. */
  toggleBackground(): void {
    const { graph, nodes } = this.state;
    if (!nodes.size) return this.say("Select variables to put into the background");
    const inside = ![...nodes].every((id) => g.nodeOf(graph, id)?.background);
    const after = b.withBackground(graph, nodes, inside);
    if ("refused" in after) return this.say(after.refused, "bad");
    const aside = inside ? b.gathered(after.graph, boxesOf({ ...this.state, graph: after.graph })) : null;
    const next = aside ? g.moveNodes(after.graph, aside) : after.graph;
    const who = nodes.size === 1 ? `${this.selectionWords()} is` : `${nodes.size} variables are`;
    const lost = after.dropped === 1 ? "1 arrow among them is no longer drawn" : `${after.dropped} arrows among them are no longer drawn`;
    const said = [inside ? `${who} background now` : `${who} no longer background`, after.dropped && lost].filter(Boolean).join(": ");
    this.commit(next, said);
    this.say(said);
    if (aside) requestAnimationFrame(() => this.byHand || this.fit());
  }

  mark(role: "exposure" | "outcome"): void {
    const { graph, nodes } = this.state;
    const [id] = nodes;
    if (nodes.size !== 1) return this.say(`Select one variable to mark as ${role}`);
    const on = graph[role] !== id;
    this.commitMarked(g.mark(graph, role, id), on ? [id] : [], `${g.nameOf(graph, id)} is ${on ? "now" : "no longer"} the ${role}`);
  }

  removeSelection(): void {
    const { graph, nodes, edges } = this.state;
    if (!nodes.size && !edges.size) return;
    const said = `Deleted ${this.selectionWords()}`;
    if (this.commit(g.remove(graph, new Set(nodes), new Set(edges)), said)) this.say(`${said}. Ctrl+Z brings it back`);
    this.home(); // the focused item is gone, and keys would go nowhere
  }

  selectionWords(): string {
    const { graph, nodes, edges } = this.state;
    if (!edges.size && b.isBox(graph, nodes)) return `Background (${nodes.size} variables)`;
    const bundle = nodes.size || edges.size < 2 ? undefined : b.bundleOf(graph, edges);
    if (bundle) return g.arrowWords(graph, g.BOX, bundle.target, false);
    if (nodes.size + edges.size !== 1) return `${nodes.size + edges.size} items`;
    if (nodes.size) return g.nameOf(graph, [...nodes][0]);
    const edge = g.edgeOf(graph, [...edges][0]);
    return edge ? g.arrowWords(graph, edge.source, edge.target, edge.bidirected) : "";
  }

  // -- arrows ------------------------------------------------------------------

  connect(source: string, target: string, bidirected: boolean): boolean {
    const { graph } = this.state;
    const refused = g.refusal(graph, source, target, bidirected);
    const words = g.arrowWords(graph, source, target, bidirected);
    if (refused) {
      this.set({ link: null });
      if (source !== target) this.say(`${words} ${refused.startsWith("would") ? refused : `refused: ${refused}`}`, "bad");
      return false;
    }
    if (source === g.BOX) {
      const next = b.addFromEach(graph, target);
      const drawn = next.edges.filter((edge) => edge.target === target && g.nodeOf(graph, edge.source)?.background);
      this.say(`Drew an arrow from each of ${drawn.length} to ${g.short(g.nameOf(graph, target))}`);
      return this.commit(next, `Drew ${words}, one from each of ${drawn.length}`, { nodes: NONE, edges: new Set(drawn.map((edge) => edge.id)) });
    }
    const next = g.addEdge(graph, source, target, bidirected);
    return this.commit(next, `Drew ${words}`, { nodes: NONE, edges: new Set([next.edges.at(-1)!.id]) });
  }

  reverse(): void {
    const edge = this.oneEdge();
    if (!edge) return;
    const { graph } = this.state;
    if (edge.bidirected) return this.say("An arc has two heads already");
    const refused = g.refusal(graph, edge.target, edge.source, false, edge.id);
    const words = g.arrowWords(graph, edge.target, edge.source, false);
    if (refused) return this.say(`${words} ${refused}`, "bad");
    this.commit(g.changeEdge(graph, edge.id, { source: edge.target, target: edge.source }), `Reversed: ${words}`);
  }

  /** Between an arrow and an arc with two heads; with two nodes selected, draw the arc between them. */
  toggleArc(): void {
    const { graph, nodes, edges } = this.state;
    if (!edges.size && nodes.size === 2) {
      const [a, b] = nodes;
      this.connect(a, b, true);
      return;
    }
    const edge = this.oneEdge();
    if (!edge) return;
    const bidirected = !edge.bidirected;
    const refused = g.refusal(graph, edge.source, edge.target, bidirected, edge.id);
    const words = g.arrowWords(graph, edge.source, edge.target, bidirected);
    if (refused) return this.say(`${words} ${refused}`, "bad");
    this.commit(g.changeEdge(graph, edge.id, { bidirected }), `Now ${words}`);
  }

  private oneEdge() {
    const { graph, edges } = this.state;
    if (edges.size !== 1) {
      this.say("Select one arrow first");
      return undefined;
    }
    return g.edgeOf(graph, [...edges][0]);
  }

  link(link: Link | null): void {
    const { graph } = this.state;
    const refusal = link?.target ? g.refusal(graph, link.source, link.target, link.bidirected) : null;
    this.set({ link: link && { ...link, refusal } });
    if (link && !link.pointer && link.target) {
      const words = g.arrowWords(graph, link.source, link.target, link.bidirected);
      this.speak(refusal ? `${words} ${refusal}` : `${words}. Press Enter to draw it`);
    }
  }

  // -- moving ------------------------------------------------------------------

  move(to: Record<string, Point>): void {
    this.set({ moving: { ...this.state.moving, ...to } });
  }

  endMove(said = "Moved"): void {
    const { graph, moving } = this.state;
    if (Object.keys(moving).length) this.commit(g.moveNodes(graph, moving), said);
  }

  nudge(dx: number, dy: number): void {
    const { graph, nodes, moving, data } = this.state;
    if (data.readOnly) return;
    const to: Record<string, Point> = {};
    for (const id of nodes) {
      const from = moving[id] ?? g.nodeOf(graph, id);
      if (from) to[id] = { x: from.x + dx, y: from.y + dy };
    }
    this.move(to);
  }

  /** Steps with the arrow keys within a second are one undo. */
  endNudge(): void {
    const { graph, moving, nodes } = this.state;
    if (!Object.keys(moving).length) return;
    const next = g.moveNodes(graph, moving);
    const now = Date.now();
    const what = [...nodes].sort().join();
    if (g.same(this.memory.present ?? g.EMPTY, graph) && what === this.lastNudge.what && now - this.lastNudge.when < 1000) {
      history.amend(this.memory, next);
      this.publish(next, "Moved");
    } else this.commit(next, "Moved");
    this.lastNudge = { what, when: now };
  }

  tidy(): void {
    const { graph, sizes } = this.state;
    if (!graph.nodes.length) return;
    this.commit(g.moveNodes(graph, tidied(graph, sizes, this.room(), READABLE)), "Tidied: causes before effects");
    requestAnimationFrame(() => this.fit(false, 180, true));
  }

  /** The user zooms; what comes of it is theirs and stays. */
  zoomBy(act: (duration: number) => void): void {
    this.byHand = this.zooms = true;
    act(120);
  }
}

export const StoreContext = createContext<Store>(null as unknown as Store);
export const useStore = (): Store => useContext(StoreContext);

/** Rerender only when what `pick` returns changes; it must return the same object for the same state. */
export function usePick<T>(pick: (state: State) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => pick(store.state));
}
