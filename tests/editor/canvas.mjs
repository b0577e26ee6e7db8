// Answers for the cases on standard input what the canvas itself would: without a browser.
import { readFileSync } from "node:fs";
const { placeBadges, placeOf, viewOf, leastOf, outsideOf } = await import(process.argv[2]);
const { badges, views } = JSON.parse(readFileSync(0, "utf8"));
const standing = badges.map(({ badge, boxes, heads, paths }) => {
  const known = new Map(boxes.map((box) => [box.id, box]));
  const side = placeBadges([badge], { boxes: known, heads, paths }).get(badge.id);
  return { side, ...placeOf(badge, side, known.get(badge.id)) };
});
const seen = views.map(({ boxes, bounds, frame }) => {
  const view = viewOf(bounds, frame, leastOf(bounds, frame));
  return { view, outside: outsideOf(boxes, view, frame) };
});
process.stdout.write(JSON.stringify({ standing, seen }));
