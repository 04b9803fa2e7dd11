// While an answer is worked out: tell how far it is, and show it when it is there.
(() => {
  "use strict";
  const bar = document.getElementById("how-far"), said = document.getElementById("how-far-said"), state = document.getElementById("how-far-state");
  if (!bar) return;
  async function look() {
    try {
      const answer = await fetch(bar.dataset.address, { headers: { Accept: "application/json" } });
      const told = await answer.json();
      bar.value = told.done;
      state.textContent = told.said;
      said.textContent = `${told.done} / ${told.runs}`;
      if (told.state === "answered" || told.state === "failed") return location.reload();
    } catch { /* asked again below */ }
    setTimeout(look, 2500);
  }
  setTimeout(look, 1500);
})();
