// The board reads itself again: the server answers 304 while nothing changed, and the browser keeps what it has.
(() => {
  "use strict";
  const EVERY = 10_000;
  const figures = document.getElementById("board-figures");
  let tag = "";
  function show() {
    const points = JSON.parse(document.getElementById("board-points").textContent);
    if (points.sites.length) document.dispatchEvent(new CustomEvent("testing:points", { detail: points }));
    else document.getElementById("testing-map").closest("section").hidden = true;
  }
  async function look() {
    try {
      const answer = await fetch(figures.dataset.state, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      if (answer.status === 200) {
        tag = answer.headers.get("ETag") || "";
        figures.innerHTML = await answer.text();
        show();
      }
    } catch { /* read again below */ }
    setTimeout(look, EVERY);
  }
  document.addEventListener("DOMContentLoaded", show);
  setTimeout(look, EVERY);
})();
