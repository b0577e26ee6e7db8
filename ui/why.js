// A "why?" opens over the page, within the window, and closes when somebody goes on to something else.
function attendWhys() {
  const GAP = 8;
  const every = () => document.querySelectorAll("details.wb-why[open]");
  const place = (why) => {
    const [box, link] = [why.querySelector(":scope > div"), why.querySelector("summary").getBoundingClientRect()];
    const { offsetWidth: w, offsetHeight: h } = box;
    const [wide, high] = [document.documentElement.clientWidth, innerHeight];
    const under = link.bottom + 4, over = link.top - 4 - h;
    const top = under + h <= high - GAP || over < GAP ? Math.min(under, high - GAP - h) : over;
    const left = Math.min(link.left, wide - GAP - w);
    Object.assign(box.style, { left: `${Math.max(GAP, left)}px`, top: `${Math.max(GAP, top)}px`, right: "auto" });
  };
  const turned = ({ target }) => {
    if (!target.matches?.("details.wb-why")) return;
    const box = target.querySelector(":scope > div");
    if (!target.open) {
      if (box.matches("[popover]:popover-open")) box.hidePopover();
      return;
    }
    box.popover = "manual"; // over everything, whatever scrolls or fades around it
    if (!box.matches(":popover-open")) box.showPopover();
    place(target);
  };
  const pressed = ({ target }) => every().forEach((why) => { if (!why.contains(target)) why.open = false; });
  const key = (event) => {
    if (event.key !== "Escape") return;
    for (const why of every()) {
      if (why.contains(document.activeElement)) why.querySelector("summary").focus();
      why.open = false;
    }
  };
  const moved = ({ target }) => every().forEach((why) => {
    if (why.contains(target)) return; // its own words are scrolled
    const { top, bottom } = why.querySelector("summary").getBoundingClientRect();
    if (bottom < 0 || top > innerHeight) why.open = false;
    else place(why);
  });
  const heard = [[document, "toggle", turned], [document, "pointerdown", pressed], [document, "keydown", key],
    [document, "scroll", moved], [window, "resize", moved]];
  for (const [on, kind, act] of heard) on.addEventListener(kind, act, true);
  return () => heard.forEach(([on, kind, act]) => on.removeEventListener(kind, act, true));
}
