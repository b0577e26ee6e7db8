// Which part of a drawing a frame shows: pure.
import type { Rect, Viewport } from "@xyflow/react";
import type { Box } from "./geometry";
import type { Size } from "./types";

/** At this zoom names (15 px) are 11 px high. Smaller words grow against it. */
export const READABLE = 0.74;
export const MIN_ZOOM = 0.15;
export const MAX_ZOOM = 2.5;
const LARGEST = 1.15;
export const SIDE = 22; // pixels around the drawing
const SMALLEST = 0.5; // a drawing that can be seen as a whole at this zoom is shown as a whole
const SLACK = 2; // pixels that may be cut off

/** The view that shows a drawing in a frame: in the middle where it fits, else from its beginning. */
export function viewOf(bounds: Rect, frame: Size, least: number): Viewport {
  const [w, h] = [frame.w - 2 * SIDE, frame.h - 2 * SIDE];
  const zoom = Math.min(Math.max(Math.min(w / (bounds.width || 1), h / (bounds.height || 1)), least), LARGEST);
  const place = (from: number, size: number, room: number) =>
    SIDE + Math.max(0, (room - size * zoom) / 2) - from * zoom;
  return { x: place(bounds.x, bounds.width, w), y: place(bounds.y, bounds.height, h), zoom };
}

/** How small a view may get by itself: as small as shows all, but for a drawing so large that nothing could be told apart. */
export function leastOf(bounds: Rect, frame: Size): number {
  return viewOf(bounds, frame, MIN_ZOOM).zoom < SMALLEST ? READABLE : SMALLEST;
}

/** Which of the boxes a frame does not show in full. */
export function outsideOf(boxes: Iterable<Box>, { x, y, zoom }: Viewport, frame: Size): string[] {
  const cut = (middle: number, size: number, from: number, room: number) =>
    (middle - size / 2) * zoom + from < -SLACK || (middle + size / 2) * zoom + from > room + SLACK;
  return [...boxes].filter((box) => cut(box.x, box.w, x, frame.w) || cut(box.y, box.h, y, frame.h)).map((box) => box.id);
}
