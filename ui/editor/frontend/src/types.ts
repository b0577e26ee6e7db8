// What travels between Python and the browser; ui/editor/protocol.py is the other half.

export interface NodeState {
  id: string;
  name: string;
  x: number; // centre, pixels at zoom 1
  y: number;
  latent: boolean;
  background: boolean; // one of the causes that may be related in any way
}

export interface EdgeState {
  id: string;
  source: string;
  target: string;
  bidirected: boolean;
}

export interface Graph {
  nodes: NodeState[];
  edges: EdgeState[];
  exposure: string | null;
  outcome: string | null;
}

export interface Column {
  name: string;
  kind: string;
  label: string;
  unit: string;
}

export interface EdgeMark {
  source: string;
  target: string;
  label: string;
  width: number | null;
  style: "solid" | "dashed" | "grey";
  title: string;
  shared: boolean; // in every hypothesis beside it: it stands back
  spark: [number, number][]; // a small curve beside the label, in the unit square; or none
}

export interface NodeMark {
  name: string;
  badge: string;
  tone: "info" | "warning" | "bad";
  title: string;
}

/** What a node is made of, in few words within it. */
export interface NodeTag {
  name: string;
  words: string;
}

export interface PairMark {
  a: string;
  b: string;
  label: string;
  title: string;
}

/** Which paths between exposure and outcome an arrow or arc lies on; none: "". */
export type Way = "causal" | "biasing" | "both" | "blocked" | "";

export interface EdgeWay {
  source: string;
  target: string;
  arc: boolean;
  way: Way;
  picked: boolean; // on the one path that was chosen beside the canvas
}

/** What to do with a variable: a word for the style, a few to read, and the reason. */
export interface NodeAdvice {
  name: string;
  act: "adjust" | "avoid" | "use" | "measure" | "held";
  words: string;
  title: string;
}

export interface Paths {
  edges: EdgeWay[];
  nodes: NodeAdvice[];
}

export interface Overlay {
  edges: EdgeMark[];
  nodes: NodeMark[];
  pairs: PairMark[];
  tags: NodeTag[];
  paths: Paths | null; // null: there are no exposure and outcome
}

/** A node or an arrow whose settings somebody asked for; `turn` tells one time from the next. */
export interface Look {
  turn: string;
  id: string;
}

/** What Python sends at every change. */
export interface Data {
  document: string;
  rev: number;
  seq: number;
  graph: Graph;
  columns: Column[] | null;
  overlay: Overlay;
  colour: string;
  height: number;
  notice: string;
  readOnly: boolean;
  limits: { nodes: number; name: number };
  shown: Look | null; // what was chosen in a list beside the canvas
}

/** One of several pictures of the same nodes beside each other. */
export interface PictureData {
  key: string;
  letter: string;
  name: string;
  colour: string;
  ink: string; // of the letter on that colour
  tie: string; // "A = C", or none
  note: string;
  problem: string; // why it could not be fitted
  graph: { nodes: string[]; latent: string[]; background: string[]; edges: EdgeState[]; exposure: string | null; outcome: string | null };
  overlay: Overlay;
}

/** What Python sends for pictures; what does not depend on the hypothesis is sent once. */
export interface BoardData {
  nodes: { id: string; name: string; title: string; at: [number, number] | null }[];
  pictures: PictureData[];
}

/** What the browser sends at the end of a gesture, and, under the number of the last one, when somebody asks for settings. */
export interface Edit extends Graph {
  document: string;
  base: number;
  seq: number;
  look: Look | null;
}

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  w: number;
  h: number;
}

declare global {
  const process: { env: { NODE_ENV: string } };
}
