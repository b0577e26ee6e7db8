"""Recent projects, remembered by the browser alone.

A project's address is its key, so the server never lists projects. The browser that
opened one may remember it: a few lines of script keep the last addresses in its local
storage, and show them on the Start page. Nothing of it comes back to Python.
"""

from __future__ import annotations

import streamlit as st

from ui.session import ProjectView

__all__ = ["remember", "show"]

_STORAGE = """
const KEY = "whyboard.recent", MOST = 6;
const load = () => { try { return JSON.parse(localStorage.getItem(KEY)) || []; } catch { return []; } };
const keep = (list) => {
  try { localStorage.setItem(KEY, JSON.stringify(list.slice(0, MOST))); } catch { /* a private window */ }
};
"""

_REMEMBER = (
    _STORAGE
    + """
export default function ({ data }) {
  if (!data || !data.token) return;
  const rest = load().filter((entry) => entry.token !== data.token);
  keep(data.gone ? rest : [{ token: data.token, title: data.title, when: Date.now() }, ...rest]);
}
"""
)

_SHOW = (
    _STORAGE
    + """
export default function ({ parentElement }) {
  const host = parentElement.querySelector("#recent");
  host.replaceChildren();
  const list = load();
  if (!list.length) return;
  const head = document.createElement("div");
  head.className = "head";
  head.textContent = "Opened lately in this browser";
  host.append(head);
  const base = document.baseURI.split("?")[0].replace(/\\/$/, "");
  for (const entry of list) {
    const link = document.createElement("a");
    link.href = base + "/draw?p=" + encodeURIComponent(entry.token);
    link.textContent = entry.title || "Untitled project";
    host.append(link);
  }
}
"""
)

_CSS = """
#recent { display: flex; flex-wrap: wrap; gap: .4rem .6rem; align-items: baseline; }
#recent { font-family: var(--st-font); font-size: .9rem; color: var(--st-text-color); }
#recent .head { opacity: .68; }
#recent a { color: inherit; text-decoration: none; padding: .1rem .6rem; border-radius: 1rem; max-width: 18rem; }
#recent a { border: 1px solid var(--st-border-color); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#recent a:hover, #recent a:focus-visible { background: var(--st-secondary-background-color); }
"""


def remember(project: ProjectView | None) -> None:
    """Let the browser remember the open project. Draws nothing."""
    if project is None:
        return
    component = st.components.v2.component("whyboard_remember", html="<i hidden></i>", js=_REMEMBER)
    component(key="whyboard_remember", data={"token": project.token, "title": project.name}, height=1)


def show() -> None:
    """Draw the projects that this browser remembers; nothing where it remembers none."""
    component = st.components.v2.component("whyboard_recent", html='<div id="recent"></div>', css=_CSS, js=_SHOW)
    component(key="whyboard_recent", data={})
