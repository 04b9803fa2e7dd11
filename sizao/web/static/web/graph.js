// Cases and what they shared, in layers. On a phone the ranking says the same, and nothing is drawn.
(() => {
  "use strict";
  const frame = document.querySelector("[data-graph]");
  if (!frame || !matchMedia("(min-width: 761px)").matches) return;
  const range = document.querySelector("[data-graph-top]");
  const note = document.querySelector("[data-graph-note]");
  const COLUMNS = 6;
  const ink = { confirmed: "#b3261e", event: "#17465e", other: "#b86e00", line: "#b9c4cd" };

  const drawing = cytoscape({
    container: frame,
    minZoom: 0.15,
    maxZoom: 2.5,
    style: [
      { selector: "node", style: { label: "data(label)", "font-size": 10, color: "#1b2733", "text-valign": "bottom", "text-margin-y": 3 } },
      { selector: "node[kind='event']", style: { shape: "round-rectangle", width: 96, height: 34, "background-color": ink.event, color: "#fff", "text-valign": "center", "text-margin-y": 0, "text-wrap": "wrap", "text-max-width": 92, "font-size": 9 } },
      { selector: "node[kind='case']", style: { width: 14, height: 14, "background-color": ink.other, "text-valign": "center", "text-halign": "right", "text-margin-x": 3, "text-margin-y": 0 } },
      { selector: "node[status='confirmed']", style: { "background-color": ink.confirmed } },
      { selector: "edge", style: { width: 1.2, "line-color": ink.line, "curve-style": "bezier" } },
      { selector: "edge[kind='passed']", style: { width: 1.6, "line-color": ink.confirmed, "target-arrow-color": ink.confirmed, "target-arrow-shape": "triangle", "line-style": "dashed" } },
    ],
  });

  async function show(asked) {
    const address = new URL(frame.dataset.graph, location.href);
    for (const [key, value] of Object.entries(asked)) address.searchParams.set(key, value);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const found = await answer.json();
    if (!answer.ok) { note.textContent = found.message || answer.statusText; return; }
    drawing.elements().remove();
    drawing.add([
      ...found.nodes.map((data) => ({ group: "nodes", data })),
      ...found.edges.map((data) => ({ group: "edges", data })),
    ]);
    // The cases of one event stand in several columns, else a wedding is one line too long to read.
    const counted = {};
    const column = (edge) => {
      if (edge.data("kind") !== "shared") return 1;
      const event = edge.data("source");
      counted[event] = (counted[event] || 0) + 1;
      return 1 + ((counted[event] - 1) % COLUMNS);
    };
    drawing.layout({ name: "dagre", rankDir: "LR", nodeSep: 5, rankSep: 60, minLen: column, fit: true, padding: 20 }).run();
    note.textContent = `${frame.dataset.topSaid} ${found.nodes.length}` + (found.left_out ? ` · ${frame.dataset.leftOut} ${found.left_out}` : "");
  }

  drawing.on("tap", "node[kind='case']", (event) => {
    location.assign(frame.dataset.person.replace("NUMBER", encodeURIComponent(event.target.data("label"))));
  });
  drawing.on("tap", "node[kind='event']", (event) => {
    document.getElementById("exposure-" + event.target.data("rank")).scrollIntoView({ behavior: "smooth", block: "center" });
  });
  range.addEventListener("change", () => show({ top: range.value }));
  document.querySelector("[data-graph-fit]").addEventListener("click", () => drawing.fit(undefined, 20));
  for (const button of document.querySelectorAll("[data-show-exposure]")) {
    button.hidden = false;
    button.addEventListener("click", () => { show({ rank: button.dataset.showExposure }); frame.scrollIntoView({ block: "nearest" }); });
  }
  show({ top: range.value });
})();
