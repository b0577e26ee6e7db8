// What a mounted canvas knows at one moment.
import type { Side } from "./badges";
import type { Drawn } from "./plan";
import type { Data, Graph, NodeState, Point, Size } from "./types";

export interface Link {
  source: string;
  target: string | null;
  pointer: Point | null; // null when drawn by keyboard
  bidirected: boolean;
  refusal: string | null;
}

export interface Editing {
  node: NodeState;
  text: string;
  fresh: boolean; // not yet in the graph
  from: string | null; // an arrow to draw from this node once named
  bidirected: boolean;
  problem: string | null;
}

export interface Note {
  text: string;
  tone: "info" | "bad";
  id: number;
}

/** More about what is under the pointer. */
export interface Tip {
  text: string;
  at: Point; // client coordinates
}

export interface State {
  data: Data;
  graph: Graph;
  nodes: ReadonlySet<string>; // selected
  edges: ReadonlySet<string>;
  moving: Record<string, Point>;
  sizes: Record<string, Size>;
  link: Link | null;
  editing: Editing | null;
  arrowMode: boolean;
  paths: boolean; // the paths between exposure and outcome are shown
  help: boolean;
  note: Note | null;
  spoken: string;
  tip: Tip | null;
  sides: ReadonlyMap<string, Side>; // where on a node its badge stands
  drawn: Drawn | null; // lines and labels that were planned elsewhere
  canUndo: boolean;
  canRedo: boolean;
}
