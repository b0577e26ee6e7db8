// The entry that Streamlit calls: at the first mount, and again whenever the data or the
// theme change. The React root is kept by host element, so that being called again only
// hands the new data to the store; nothing on the canvas is lost.
import { createRoot, type Root } from "react-dom/client";
import flowCss from "@xyflow/react/dist/base.css";
import { Board, BoardStore } from "./Board";
import { Editor } from "./Editor";
import css from "./editor.css";
import { Store } from "./store";
import type { BoardData, Data, Edit } from "./types";

interface Call {
  parentElement: HTMLElement | ShadowRoot;
  data: Data | BoardData;
  setStateValue: (name: string, value: Edit) => void;
}

interface Mounted {
  host: HTMLElement;
  root: Root;
  store: Store | BoardStore;
}

const mounted = new WeakMap<HTMLElement | ShadowRoot, Mounted>();

/** Streamlit reads one-letter shortcuts from the page; what is typed on the canvas is not meant for it. */
function keepLetters(event: KeyboardEvent): void {
  if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) event.stopPropagation();
}

const isBoard = (data: Data | BoardData): data is BoardData => "pictures" in data;

function mount(parent: HTMLElement | ShadowRoot, data: Data | BoardData): Mounted {
  const host = document.createElement("div");
  // Before the first render: nodes are measured then, and must have their sizes.
  const style = document.createElement("style");
  style.textContent = `${flowCss}\n${css}`;
  const inner = document.createElement("div");
  host.append(style, inner);
  host.addEventListener("keydown", keepLetters);
  parent.append(host);
  const root = createRoot(inner);
  if (isBoard(data)) {
    const store = new BoardStore(data);
    root.render(<Board store={store} />);
    return { host, root, store };
  }
  const store = new Store(data);
  root.render(<Editor store={store} />);
  return { host, root, store };
}

export default function render({ parentElement, data, setStateValue }: Call): () => void {
  let here = mounted.get(parentElement);
  if (!here || !here.host.isConnected) {
    here = mount(parentElement, data);
    mounted.set(parentElement, here);
  } else {
    const { store } = here;
    if (store instanceof BoardStore) store.receive(data as BoardData);
    else store.receive(data as Data);
  }
  const { host, root, store } = here;
  if (store instanceof Store) store.send = (edit) => setStateValue("edit", edit);
  return () => {
    // Streamlit also cleans up where it only moves the element: look again when it is done.
    setTimeout(() => {
      if (host.isConnected) return;
      root.unmount();
      mounted.delete(parentElement);
    });
  };
}
