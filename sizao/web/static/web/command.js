// The command centre follows the present: it asks for a tiny version, and reads again only the parts that changed.
(() => {
  "use strict";
  const EVERY = 3000, SOON = 1000, SPREAD = 400, PLAY = 1600;
  const root = document.querySelector("[data-command]");
  const replay = root.querySelector("[data-replay]");
  const parts = [...root.querySelectorAll("[data-part-name]")];
  const at = replay.querySelector("[data-replay-at]");
  const range = replay.querySelector("[data-replay-range]");
  const playing = replay.querySelector("[data-replay-play]");
  const step = replay.querySelector("[data-replay-step]");
  const clock = root.querySelector("[data-clock]");
  const state = root.querySelector("[data-state]");
  const minute = 60000;
  // Moments are those of the place, whatever the reader's own clock says.
  const read = (text) => Date.parse(text + ":00Z");
  const written = (moment) => new Date(moment).toISOString().slice(0, 16);
  const first = read(replay.dataset.first), last = read(replay.dataset.last);
  let query = root.dataset.query, isLive = root.dataset.live === "1", tag = "", isPlaying = false, timer = 0;

  async function fetchPart(section) {
    const address = root.dataset.part.replace("NAME", section.dataset.partName) + "?" + query;
    const known = section.dataset.tag;
    const answer = await fetch(address, { headers: known ? { "If-None-Match": `"${known}"` } : {}, cache: "no-store" });
    if (answer.status === 200) {
      put(section, { html: await answer.text(), tag: (answer.headers.get("ETag") || "").replaceAll('"', "") });
      dated(section, answer.headers.get("X-As-Of"));
    }
    section.classList.toggle("is-behind", answer.status === 202);
  }

  function put(section, told) {
    section.querySelector("[data-part-body]").innerHTML = told.html;
    section.dataset.tag = told.tag;
  }

  function dated(section, moment) {
    if (moment) section.querySelector("[data-part-at]").textContent = moment;
  }

  // What is from before the last change, and from some seconds ago, says so until it has been worked out again.
  function showTold(told) {
    const old = new Set(told.old || []);
    for (const one of parts) {
      const name = one.dataset.partName;
      if (told.parts && told.parts[name]) put(one, told.parts[name]);
      if (told.at) dated(one, told.at[name]);
      one.classList.toggle("is-behind", old.has(name));
    }
    if (isLive) state.textContent = old.size ? root.dataset.behind : root.dataset.now;
    root.classList.toggle("is-catching-up", old.size > 0);
    return Promise.all(parts.filter((one) => (told.fetch || []).includes(one.dataset.partName)).map(fetchPart));
  }

  async function look() {
    let wait = EVERY;
    try {
      const have = parts.map((one) => `${one.dataset.partName}:${one.dataset.tag || ""}`).join(",");
      const address = `${root.dataset.version}?${query}&have=${encodeURIComponent(have)}`;
      const answer = await fetch(address, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      if (answer.status === 200) {
        const told = await answer.json();
        tag = answer.headers.get("ETag") || "";
        if (told.soon) wait = SOON;
        await showTold(told);
      }
      root.classList.toggle("is-cut-off", !(answer.ok || answer.status === 304));
    } catch {
      root.classList.add("is-cut-off");
    }
    clearTimeout(timer);
    if (!isPlaying) timer = setTimeout(look, wait + Math.random() * SPREAD);
  }

  async function show(moment) {
    const asked = new URLSearchParams(query);
    asked.set("at", written(moment));
    query = asked.toString();
    at.value = written(moment);
    range.value = String(Math.round((moment - first) / minute));
    clock.textContent = written(moment).replace("T", " ");
    if (isLive) { isLive = false; state.textContent = root.dataset.past; root.dataset.live = "0"; }
    for (const one of parts) one.dataset.tag = "";
    tag = "";
    history.replaceState(null, "", "?" + query);
    await Promise.all(parts.filter((one) => !isPlaying || one.dataset.partName !== "over").map(fetchPart));
  }

  async function play() {
    while (isPlaying) {
      const next = Math.min(last, read(at.value) + Number(step.value) * minute);
      const begun = Date.now();
      await show(next).catch(() => {});
      if (next >= last) stop();
      else await new Promise((done) => setTimeout(done, Math.max(0, PLAY - (Date.now() - begun))));
    }
  }

  function stop() {
    isPlaying = false;
    playing.setAttribute("aria-pressed", "false");
    playing.textContent = "▶";
    look();
  }

  function tick() {
    const now = Date.now();
    for (const one of root.querySelectorAll("[data-due]")) {
      if (!isLive) continue;
      const left = Date.parse(one.dataset.due) - now, seconds = Math.abs(Math.round(left / 1000));
      const h = Math.floor(seconds / 3600), m = String(Math.floor(seconds / 60) % 60).padStart(2, "0"), s = String(seconds % 60).padStart(2, "0");
      one.textContent = `${left < 0 ? root.dataset.late + " " : ""}${h}:${m}:${s}`;
      one.classList.toggle("bad", left < 0);
    }
  }

  range.max = String(Math.round((last - first) / minute));
  range.value = String(Math.round((read(at.value) - first) / minute));
  for (const one of [playing, range, step]) one.hidden = false;
  range.addEventListener("input", () => { at.value = written(first + Number(range.value) * minute); });
  range.addEventListener("change", () => show(first + Number(range.value) * minute));
  playing.addEventListener("click", () => {
    if (isPlaying) { stop(); return; }
    if (read(at.value) >= last) { at.value = written(first); }
    isPlaying = true;
    playing.setAttribute("aria-pressed", "true");
    playing.textContent = "❚❚";
    play();
  });
  replay.querySelector("[data-submits]").addEventListener("change", () => { at.disabled = true; replay.submit(); });
  setInterval(tick, 1000);
  look();
})();
