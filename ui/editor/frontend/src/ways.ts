// The paths between exposure and outcome, as Python found them: resolved by names here, since the
// drawing may be a gesture ahead of what Python knows.
import { edgesBehind } from "./background";
import { edgeOf, nameOf } from "./graph";
import type { EdgeState, Graph, Paths, Way } from "./types";

export const WAY_WORDS: Record<Way, string> = {
  causal: "on a causal path",
  biasing: "on an open biasing path",
  both: "on a causal path and on an open biasing path",
  blocked: "on blocked paths only",
  "": "",
};

export interface Lying {
  way: Way;
  known: boolean; // Python has seen it between these two
  aside: boolean; // another path was chosen
}

const FRESH: Lying = { way: "", known: false, aside: false };

const keyOf = (a: string, b: string, arc: boolean): string => [...(arc ? [a, b].sort() : [a, b]), arc].join("\u0000");

/** Tell of every line of the drawing where it lies; what was drawn a moment ago is not known yet. */
export function lyingOf(graph: Graph, paths: Paths | null): (id: string) => Lying {
  if (!paths) return () => FRESH;
  const found = new Map(paths.edges.map((one) => [keyOf(one.source, one.target, one.arc), one]));
  const some = paths.edges.some((one) => one.picked);
  const of = (edge: EdgeState | undefined) =>
    edge && found.get(keyOf(nameOf(graph, edge.source), nameOf(graph, edge.target), edge.bidirected));
  return (id) => {
    const several = edgesBehind(graph, id).flatMap((one) => of(edgeOf(graph, one)) ?? []);
    if (!several.length) return FRESH;
    const has = (...ways: Way[]) => several.some(({ way }) => ways.includes(way));
    const [causal, biasing] = [has("causal", "both"), has("biasing", "both")];
    const way = causal && biasing ? "both" : causal ? "causal" : biasing ? "biasing" : has("blocked") ? "blocked" : "";
    return { way, known: true, aside: some && !several.some((one) => one.picked) };
  };
}

// -- the switch: of this browser's visit, like zoom, and not of one drawing --------------

const KEY = "whyboard-editor-paths";
let shown: boolean | null = null;

export function pathsShown(): boolean {
  try {
    shown ??= sessionStorage.getItem(KEY) !== "off";
  } catch {
    shown ??= true; // storage is forbidden
  }
  return shown;
}

export function keepPathsShown(on: boolean): void {
  shown = on;
  try {
    sessionStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // it lasts as long as the page then
  }
}
