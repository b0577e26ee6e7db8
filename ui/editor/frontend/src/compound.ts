// The background laid out as one item, its members in a grid inside it, so that its box covers nobody.
import { arranged, type Arranged, type Gaps, type Item, type Link, type Room } from "./arrange";
import { boxSize, gridOf, type Grid } from "./background";
import { BOX } from "./graph";
import type { Point } from "./types";

const MOST_COLUMNS = 5;
const SHARE = 0.92; // of the room that the box may take across

export interface Whole {
  layOut: (gaps: Gaps) => Arranged; // the box as one item
  expand: (found: Arranged) => Arranged; // the members at their places in it
}

function expanded(found: Arranged, grid: Grid, down: number): Arranged {
  const { [BOX]: centre, ...places } = found.places;
  for (const [id, p] of Object.entries(grid.at)) places[id] = { x: centre.x + p.x, y: centre.y + down + p.y };
  const whose = (id: string) => (grid.at[id] ? BOX : id);
  const ways = (source: string, target: string): Point[] | undefined => found.ways(whose(source), whose(target));
  return { ...found, places, ways };
}

/**
 * The best arrangement for a room that keeps the background together.
 *
 * `groups` are the members, those that are background in the most pictures first, so that the
 * box of some of them covers none of the others.
 */
export function arrangedWhole(items: Item[], links: Link[], room: Room, gaps: Gaps, groups: string[][]): Whole {
  const known = new Map(items.map((item) => [item.id, item]));
  const all = new Set(groups.flat());
  const shared = (target: string) => links.filter((link) => link.target === target && all.has(link.source)).length === all.size;
  // Who has arrows of its own stands last, at the border.
  const own = new Set(links.flatMap(({ source, target }) => (all.has(source) && !all.has(target) && !shared(target) ? [source] : [])));
  const grouped = groups
    .map((group) => [...group].sort((a, b) => Number(own.has(a)) - Number(own.has(b))).flatMap((id) => known.get(id) ?? []))
    .filter((group) => group.length);
  if (!grouped.length) return { layOut: arranged(items, links, room, gaps).layOut, expand: (found) => found };
  const inside = new Set(grouped.flat().map((item) => item.id));
  const rest = items.filter((item) => !inside.has(item.id));
  const whose = (id: string) => (inside.has(id) ? BOX : id);
  const outer = links
    .map(({ source, target, directed }) => ({ source: whose(source), target: whose(target), directed }))
    .filter(({ source, target }) => source !== target);
  let best: Whole | null = null;
  let least = Infinity;
  const most = Math.min(MOST_COLUMNS, Math.max(...grouped.map((group) => group.length)));
  for (let columns = 1; columns <= most; columns += 1) {
    const grid = gridOf(grouped, columns);
    const { w, h, down } = boxSize(grid);
    if (best && w > SHARE * room.w) break;
    const { layOut, bad } = arranged([...rest, { id: BOX, w, h }], outer, room, gaps);
    // Several columns are read less easily than one.
    const worse = bad + 10 * (columns - 1);
    if (worse < least) [best, least] = [{ layOut, expand: (found) => expanded(found, grid, down) }, worse];
  }
  return best!;
}
