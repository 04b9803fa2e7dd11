// The page of a drill keeps up with its days: the state is fetched again and again, the rest when a day is over.
(() => {
  const frame = document.querySelector("[data-state-address]");
  if (!frame) return;
  let changed = false;
  document.querySelector("main").addEventListener("change", () => { changed = true; });
  const told = () => frame.querySelector("[data-state]").dataset;

  async function look() {
    const was = { ...told() };
    const answer = await fetch(frame.dataset.stateAddress, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    if (!frame.contains(document.activeElement)) frame.replaceChildren(fresh.content);
    // Tasks and who has signed in change with the days; a choice that was begun is not thrown away.
    if (!changed && (told().done !== was.done || told().awake !== was.awake)) window.location.reload();
  }

  setInterval(() => { if (!document.hidden) look().catch(() => {}); }, 2000);
})();
