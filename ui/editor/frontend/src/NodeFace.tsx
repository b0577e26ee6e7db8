// What a variable looks like: its name, marks and kind, all inside one box, so that nothing
// of it can lie on an arrow.
import { Fragment, type CSSProperties, type ReactNode } from "react";
import { KIND_WORDS, KindIcon, RoleIcon } from "./icons";
import type { NodeMark } from "./types";

export interface Face {
  name: string;
  kind: string; // none: no icon
  label: string; // the user's words for the column, where they are others than its name
  latent: boolean;
  role: "exposure" | "outcome" | null;
  missing: boolean; // there are data, and they lack it
  mark: NodeMark | null;
  tag: string; // what it varies by
}

/** A name that may break after what joins its words. */
export const Breakable = ({ text }: { text: string }) =>
  text.split(/(?<=[_./\-])/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));

export function NodeBody({ face, style, children }: { face: Face; style?: CSSProperties; children?: ReactNode }) {
  const { name, kind, label, latent, role, missing, mark, tag } = face;
  return (
    <div className="wb-body" style={style}>
      {kind && (
        <span className="wb-kind" title={KIND_WORDS[latent ? "latent" : kind] ?? "not in the data"}>
          <KindIcon kind={latent ? "latent" : kind} />
        </span>
      )}
      <span className="wb-words">
        {role && (
          <span className="wb-role">
            <RoleIcon role={role} />
            {role}
          </span>
        )}
        {children ?? (
          <>
            <span className="wb-name">
              <Breakable text={name} />
            </span>
            {label && <span className="wb-alias">{label}</span>}
          </>
        )}
        {tag && (
          <span className="wb-tag" title={`varies ${tag}: each has a level of its own, drawn together`}>
            {tag}
          </span>
        )}
        {missing && !mark && <span className="wb-badge warning">not in the data</span>}
        {mark && (
          <span className={`wb-badge ${mark.tone}`} title={mark.title || undefined}>
            {mark.badge}
          </span>
        )}
      </span>
    </div>
  );
}
