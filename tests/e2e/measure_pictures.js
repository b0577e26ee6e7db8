// What is wrong with the graphs of a page, measured in the browser: labels over labels, nodes,
// heads or the frame; words under 11 px; nodes over nodes; lines over nodes; lost labels.
() => {
  const roots = [];
  const walk = (node) => {
    for (const element of node.querySelectorAll("*")) {
      if (element.matches(".wb-editor")) roots.push(element);
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(document);
  const faults = { overlaps: [], small: [], nodes: [], outside: [], lines: [], lost: [], columns: [] };
  const seen = { labels: 0, nodes: 0, texts: 0, stages: 0 };
  const rect = (element) => element.getBoundingClientRect();
  const meet = (a, b, slack = 0.5) =>
    a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack && b.top < a.bottom - slack;
  const within = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
  for (const root of roots) {
    for (const stage of root.querySelectorAll(".wb-stage")) {
      seen.stages += 1;
      const frame = rect(stage);
      const labels = [...stage.querySelectorAll(".wb-label")].map((e) => ({ what: `${e.textContent} of ${e.dataset.of}`, box: rect(e) }));
      const nodes = [...stage.querySelectorAll(".react-flow__node .wb-body")].map((e) => ({ what: e.textContent, box: rect(e) }));
      const heads = [...stage.querySelectorAll(".wb-head")].map((e) => ({ what: `head ${e.parentNode.dataset.words}`, box: rect(e) }));
      const bars = [...stage.querySelectorAll(".wb-toolbar, .wb-zoom")].map((e) => ({ what: e.className, box: rect(e) })).filter((b) => b.box.width);
      seen.labels += labels.length;
      seen.nodes += nodes.length;
      labels.forEach((label, i) => {
        for (const other of [...labels.slice(i + 1), ...nodes, ...heads, ...bars])
          if (meet(label.box, other.box)) faults.overlaps.push(`${label.what} | ${other.what}`);
        if (!within(label.box, frame)) faults.outside.push(label.what);
      });
      nodes.forEach((node, i) => {
        for (const other of [...nodes.slice(i + 1), ...bars]) if (meet(node.box, other.box)) faults.nodes.push(`${node.what} | ${other.what}`);
        if (!within(node.box, frame)) faults.outside.push(node.what);
      });
      for (const line of stage.querySelectorAll(".wb-line")) {
        const [length, matrix] = [line.getTotalLength(), line.getScreenCTM()];
        const hit = new Set();
        for (let i = 1; i < 60; i += 1) {
          const p = line.getPointAtLength((length * i) / 60).matrixTransform(matrix);
          for (const node of nodes)
            if (p.x > node.box.left + 2 && p.x < node.box.right - 2 && p.y > node.box.top + 2 && p.y < node.box.bottom - 2) hit.add(node.what);
        }
        for (const what of hit) faults.lines.push(`${line.parentNode.getAttribute("aria-label")} over ${what}`);
      }
      const marked = [...stage.querySelectorAll("[data-labelled]")].filter((e) => e.dataset.labelled === "lost");
      faults.lost.push(...marked.map((e) => e.getAttribute("aria-label")));
      for (const element of stage.querySelectorAll("*")) {
        const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
        if (!own || !rect(element).width || element.closest(".wb-speech")) continue;
        seen.texts += 1;
        const scale = element.closest(".react-flow__viewport") ? new DOMMatrix(getComputedStyle(element.closest(".react-flow__viewport")).transform).a : 1;
        const size = parseFloat(getComputedStyle(element).fontSize) * scale;
        if (size < 11) faults.small.push(`${element.textContent}: ${size.toFixed(1)} px`);
      }
    }
  }
  if (document.documentElement.scrollWidth > window.innerWidth + 1) faults.columns.push("the page scrolls sideways");
  return { faults, seen };
}
