// Small pictures, 16 x 16, drawn in the current colour.
import type { ReactNode } from "react";

const line = { fill: "none", stroke: "currentColor", strokeWidth: 1.5, strokeLinecap: "round", strokeLinejoin: "round" } as const;

const KINDS: Record<string, ReactNode> = {
  real: <path {...line} d="M1.5 13c3 0 3.4-9.5 6.5-9.5S11.5 13 14.5 13" />,
  positive: <path {...line} d="M2.5 2.5v10.5h12M3 12.5C4.5 3 6 4.5 7.5 7.5S11 12.3 14 12.5" />,
  proportion: <path {...line} d="M8 2a6 6 0 1 0 6 6H8zM10.5 2.6A6 6 0 0 1 13.5 5.6" />,
  count: <path {...line} d="M2.5 13.5v-4M6.2 13.5V3M9.9 13.5V6.5M13.6 13.5v-3" />,
  binary: (
    <>
      <rect {...line} x="1.5" y="4.5" width="13" height="7" rx="3.5" />
      <circle cx="11" cy="8" r="2" fill="currentColor" />
    </>
  ),
  category: (
    <>
      <circle {...line} cx="4.3" cy="11.5" r="2.5" />
      <rect {...line} x="9.3" y="9" width="5" height="5" rx=".6" />
      <path {...line} d="M8 2l2.7 4.7H5.3z" />
    </>
  ),
  ordered: <path {...line} d="M1.5 13.5h3.5V10h3.2V6.7h3.2V3.3h3.1" />,
  identifier: <path {...line} d="M6 2.5L4.5 13.5M11.5 2.5L10 13.5M2.5 6h11.5M2 10.2h11.5" />,
  date: (
    <>
      <rect {...line} x="2" y="3.5" width="12" height="10.5" rx="1.5" />
      <path {...line} d="M2 7h12M5.5 1.8v3M10.5 1.8v3" />
    </>
  ),
  latent: <path {...line} strokeDasharray="2.2 2.4" d="M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z" />,
  unknown: <circle {...line} cx="8" cy="8" r="3.2" />,
};

export const KIND_WORDS: Record<string, string> = {
  real: "any number",
  positive: "positive number",
  proportion: "share between 0 and 1",
  count: "count",
  binary: "yes or no",
  category: "category",
  ordered: "ordered category",
  identifier: "identifier",
  date: "date",
  latent: "unmeasured",
};

const SIGNS = {
  undo: "M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M3 6.5l3-3M3 6.5l3 3",
  redo: "M13 6.5H6.5a3.5 3.5 0 0 0 0 7H10M13 6.5l-3-3M13 6.5l-3 3",
  tidy: "M1.5 6h4v4h-4zM10.5 2h4v4h-4zM10.5 10h4v4h-4zM5.5 8h2.5M8 4v8M8 4h2.5M8 12h2.5",
  paths: "M2 12.500h3.500c3.500 0 1.500-9 5-9H14M11.500 1L14 3.500L11.500 6M2 3.500h3M10 12.500h4",
  fit: "M2 5.5V2h3.5M10.5 2H14v3.5M14 10.5V14h-3.5M5.5 14H2v-3.5",
  arrow: "M2 13L12.5 3.5M7 3h6v6",
  help: "M6 6a2 2 0 1 1 2.7 1.9c-.5.2-.7.6-.7 1.3M8 11.6v.2",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  check: "M3 8.5l3.3 3.3L13 4.5",
  close: "M4 4l8 8M12 4l-8 8",
  reverse: "M13.5 5.5H3M6 2.5l-3 3 3 3M2.5 11.5H13M10 8.5l3 3-3 3",
  arc: "M2.5 11c1.5-6.5 9.5-6.5 11 0M2.5 11l-.8-3.4M2.5 11l3-1.7M13.5 11l.8-3.4M13.5 11l-3-1.7",
  background: "M3.5 2h9a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 12.5v-9A1.5 1.5 0 0 1 3.5 2zM5 6.5h2.5v3H5zM9.5 5h2v2.5h-2zM9.5 9.5h2v2h-2z",
  pen: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3z",
  bin: "M2.5 4.5h11M6 4.5V2.5h4v2M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4",
} as const;

export type SignName = keyof typeof SIGNS;

export const Sign = ({ name }: { name: SignName }) => (
  <svg className="wb-sign" viewBox="0 0 16 16" aria-hidden="true">
    <path {...line} d={SIGNS[name]} />
  </svg>
);

export const KindIcon = ({ kind }: { kind: string }) => (
  <svg className="wb-sign" viewBox="0 0 16 16" aria-hidden="true">
    {KINDS[kind] ?? KINDS.unknown}
  </svg>
);

/** Exposure: square with a bar at its left. Outcome: round with a double border. As everywhere in Whyboard. */
export const RoleIcon = ({ role }: { role: "exposure" | "outcome" }) => (
  <svg className="wb-sign" viewBox="0 0 16 16" aria-hidden="true">
    {role === "exposure" ? (
      <>
        <rect {...line} x="1.5" y="4" width="13" height="8" />
        <rect x="1.5" y="4" width="4" height="8" fill="currentColor" />
      </>
    ) : (
      <>
        <rect {...line} x="1.3" y="3.5" width="13.4" height="9" rx="4.5" />
        <rect {...line} strokeWidth={1.1} x="3.8" y="6" width="8.4" height="4" rx="2" />
      </>
    )}
  </svg>
);
