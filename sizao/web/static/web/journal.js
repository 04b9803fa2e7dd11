// Looks at the journal's chain slice by slice, so that no single answer takes long, and says where it first breaks.
(() => {
  const panel = document.querySelector("[data-chain]");
  const start = panel && panel.querySelector("[data-chain-start]");
  if (!start) return;
  const said = panel.querySelector("[data-chain-said]");
  const say = (kind, facts) => {
    said.className = kind;
    said.textContent = said.dataset[kind].replace(/\{(\w+)\}/g, (_, name) => String(facts[name]));
  };
  const check = async () => {
    let from = 0, lines = 0, first = null, last = null;
    start.disabled = true;
    try {
      for (;;) {
        const answer = await fetch(`${panel.dataset.chain}?from=${from}`, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const part = await answer.json();
        lines += part.lines;
        first = first === null ? part.first_line : first;
        last = part.last_line === null ? last : part.last_line;
        if (!part.holds) { say("broken", { first: part.broken_lines[0], last: part.broken_lines[1] }); break; }
        if (part.next === null) { say("holds", { lines, first, last }); break; }
        say("checking", { lines });
        from = part.next;
      }
    } catch (fault) {
      say("failed", {});
    } finally {
      start.disabled = false;
    }
  };
  start.hidden = false;
  start.addEventListener("click", check);
})();
