// What outlives a mounted canvas: undo, zoom and selection by document. It lives in the
// module, so a page change keeps it; it is written to sessionStorage when the page is left,
// so a reload keeps it too.
import { same } from "./graph";
import type { Graph } from "./types";

export interface Viewport {
  x: number;
  y: number;
  zoom: number;
  byHand?: boolean; // the user zoomed or panned: it is kept when the frame changes its size
  unseen?: string[]; // what was out of sight then
}

export interface Memory {
  past: Graph[];
  present: Graph | null;
  future: Graph[];
  viewport: Viewport | null;
}

const MOST = 200;
const KEPT = 40;
const PREFIX = "whyboard-editor:";
const memories = new Map<string, Memory>();

function fromSession(document: string): Memory | null {
  try {
    const text = sessionStorage.getItem(PREFIX + document);
    return text ? (JSON.parse(text) as Memory) : null;
  } catch {
    return null; // storage is forbidden or holds something else: begin anew
  }
}

export const blank = (): Memory => ({ past: [], present: null, future: [], viewport: null });

export function memoryOf(document: string): Memory {
  let memory = memories.get(document);
  if (!memory) {
    memory = fromSession(document) ?? blank();
    memories.set(document, memory);
  }
  return memory;
}

/** A new state came to be, by the user or by Python: it can be undone. */
export function remember(memory: Memory, graph: Graph): void {
  if (memory.present && same(memory.present, graph)) {
    memory.present = graph;
    return;
  }
  if (memory.present) memory.past = [...memory.past, memory.present].slice(-MOST);
  memory.present = graph;
  memory.future = [];
}

/** The present changed without deserving a step of its own (one held-down arrow key). */
export function amend(memory: Memory, graph: Graph): void {
  memory.present = graph;
  memory.future = [];
}

export function undo(memory: Memory): Graph | null {
  const before = memory.past.at(-1);
  if (!before || !memory.present) return null;
  memory.future = [memory.present, ...memory.future];
  memory.past = memory.past.slice(0, -1);
  memory.present = before;
  return before;
}

export function redo(memory: Memory): Graph | null {
  const [after, ...rest] = memory.future;
  if (!after || !memory.present) return null;
  memory.past = [...memory.past, memory.present];
  memory.future = rest;
  memory.present = after;
  return after;
}

globalThis.addEventListener?.("pagehide", () => {
  for (const [document, memory] of memories) {
    const kept = { ...memory, past: memory.past.slice(-KEPT), future: memory.future.slice(0, KEPT) };
    try {
      sessionStorage.setItem(PREFIX + document, JSON.stringify(kept));
    } catch {
      return; // full or forbidden: undo will not outlive this page, the drawing does
    }
  }
});
