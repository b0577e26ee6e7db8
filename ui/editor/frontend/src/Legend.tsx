// What the colours of paths mean, in the foot of the canvas while nothing is selected there.
import { usePick } from "./store";
import type { Way } from "./types";

const SAMPLES: [Way, string][] = [
  ["causal", "causal path"],
  ["biasing", "open biasing path"],
  ["blocked", "blocked, or no path"],
];

export function Legend() {
  const shown = usePick((state) => state.paths && state.data.overlay.paths !== null);
  const busy = usePick(({ nodes, edges, link, editing }) => nodes.size + edges.size > 0 || link !== null || editing !== null);
  if (!shown || busy) return null;
  return (
    <div className="wb-legend" aria-hidden="true">
      {SAMPLES.map(([way, words]) => (
        <span key={way}>
          <svg viewBox="0 0 34 14" className="wb-sample" data-way={way}>
            <Bands way={way} d="M2 7H26" width={2} />
            <path className="wb-line" d="M2 7H26" strokeWidth={2} />
            <path className="wb-head" d="M33 7l-9 -4l2 4l-2 4z" />
          </svg>
          {words}
        </span>
      ))}
    </div>
  );
}

/** Behind a line: an even band with edges where it carries the effect, ties across where it biases; never colour alone. */
export const Bands = ({ way, d, width }: { way: Way; d: string; width: number }) => (
  <>
    {(way === "causal" || way === "both") && (
      <>
        <path className="wb-band causal" d={d} style={{ strokeWidth: width + 9.5 }} />
        <path className="wb-band within" d={d} style={{ strokeWidth: width + 6.5 }} />
      </>
    )}
    {(way === "biasing" || way === "both") && <path className="wb-band biasing" d={d} style={{ strokeWidth: width + 8 }} />}
  </>
);
