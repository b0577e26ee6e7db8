// Plans pictures for the cases on standard input, as the component does; without a browser.
import { readFileSync } from "node:fs";
const { planPictures } = await import(process.argv[2]);
const cases = JSON.parse(readFileSync(0, "utf8"));
const setting = (text) => [{ lines: [text], w: 7 * text.length, h: 15 }];
const found = cases.map(({ items, edges, pairs, drawn, width, held = [[]] }) => {
  const sketches = held.map((members) => ({
    sizes: Object.fromEntries(items.map(({ id, w, h }) => [id, { w, h }])),
    held: new Set(members),
    edges: edges.map(([source, target, bidirected]) => ({ id: `${source}-${target}`, source, target, bidirected })),
    pairs: pairs.map(([a, b]) => ({ key: `${a}~${b}`, a, b })),
    width: () => 4,
    settings: new Map(),
  }));
  const [sketch] = sketches;
  for (const edge of sketch.edges) if (!edge.bidirected) sketch.settings.set(edge.id, setting("+0.123"));
  for (const pair of sketch.pairs) sketch.settings.set(pair.key, setting("+0.42 left over"));
  const plan = planPictures(items, drawn, sketches, width);
  const { routes, labels } = plan.draw(0);
  return {
    size: plan.size,
    places: plan.places,
    labels: Object.fromEntries(labels),
    wanted: sketch.settings.size,
    heads: [...routes.values()].flatMap((route) => route.tips),
    paths: Object.fromEntries([...routes].map(([key, route]) => [key, route.path])),
  };
});
process.stdout.write(JSON.stringify(found));
