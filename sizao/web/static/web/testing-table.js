// The page at the table. A scanner is a keyboard that ends with Enter: what was scanned says by itself whether it is a
// tube (twelve digits with two check digits) or a person. What is taken lies in the browser's store until the platform
// has answered for it; it is sent with one request at a time, all that waits, so that a slow line makes requests larger
// and never loses one.
(() => {
  "use strict";
  const page = document.querySelector("[data-table]");
  if (!page) return;
  const facts = JSON.parse(document.getElementById("table-facts").textContent);
  const says = facts.says;
  const part = (name) => page.querySelector("[data-" + name + "]");
  const input = part("input");
  const KEEP_SHOWN = 60;
  const FIRST_PAUSE_MS = 2000, LONGEST_PAUSE_MS = 60000;
  const setup = read("sizao-table-" + facts.round) || {};
  let tube = setup.tube || null; // {code, kind, size, members}
  let asked = ""; // an identity with a wrong check digit, entered once
  let store, sending = false, pause = FIRST_PAUSE_MS, timer = null, problem = "";

  // --- What was scanned ---------------------------------------------------------------------------
  const tubeCode = (text) => /^\d{12}$/.test(text) && BigInt(text) % 97n === 1n;
  const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  function wrongId(text) {
    if (!/^\d{17}[\dX]$/.test(text)) return false;
    const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(text[place]), 0);
    return "10X98765432"[sum % 11] !== text[17];
  }

  function scanned(raw) {
    const text = raw.replace(/\s/g, "").toUpperCase();
    if (!text) return;
    if (/^\d{12}$/.test(text)) return tubeCode(text) ? openTube(text) : say(says.wrongTube, true);
    if (!tube) return say(says.noTube, true);
    if (wrongId(text) && asked !== text) { asked = text; return say(says.wrongId, true); }
    asked = "";
    if (/^#?\d{1,10}$/.test(text)) return take({ entry: Number(text.replace("#", "")) }, "#" + text.replace("#", ""));
    if (/^[0-9A-Z]{6,20}$/.test(text)) return take({ id_number: text }, "…" + text.slice(-4));
    say(says.noPerson, true);
  }

  function openTube(code) {
    const kind = part("kind").value;
    tube = { code, kind, size: kind === "single" ? 1 : facts.poolSize, members: [] };
    remember();
    draw();
    say(says.scanPerson);
  }

  async function take(who, shown) {
    if (!tube) return say(says.noTube, true);
    if (tube.members.length >= tube.size) return say(says.full, true);
    const mark = JSON.stringify(who);
    if (tube.members.includes(mark)) return say(says.twice, true);
    const swab = Object.assign({
      key: crypto.randomUUID ? crypto.randomUUID() : Date.now() + "-" + Math.random().toString(36).slice(2),
      round: facts.round, tube: tube.code, kind: tube.kind, taken_at: new Date().toISOString(), state: "waiting", shown,
      site: Number(setup.site) || null, table: Number(setup.table) || null,
    }, who);
    try {
      await put(swab);
    } catch (fault) {
      return say(says.noStore, true);
    }
    tube.members.push(mark);
    remember();
    draw();
    say(tube.members.length >= tube.size ? says.full : says.added, tube.members.length >= tube.size);
    send();
  }

  // --- The store on the device --------------------------------------------------------------------
  function open() {
    return new Promise((done, failed) => {
      const asking = indexedDB.open("sizao-outbox", 1);
      asking.onupgradeneeded = () => {
        const swabs = asking.result.createObjectStore("swabs", { keyPath: "serial", autoIncrement: true });
        swabs.createIndex("state", "state");
      };
      asking.onsuccess = () => done(asking.result);
      asking.onerror = () => failed(asking.error);
    });
  }
  function run(mode, work) {
    return new Promise((done, failed) => {
      const act = store.transaction("swabs", mode, mode === "readwrite" ? { durability: "strict" } : {});
      const result = work(act.objectStore("swabs"));
      act.oncomplete = () => done(result.result);
      act.onerror = act.onabort = () => failed(act.error);
    });
  }
  const put = (swab) => run("readwrite", (swabs) => swabs.put(swab));
  const waiting = () => run("readonly", (swabs) => swabs.index("state").getAll("waiting"));
  const all = () => run("readonly", (swabs) => swabs.getAll());

  // --- Sending ------------------------------------------------------------------------------------
  async function send() {
    if (sending || !store) return;
    // Two windows of one device do not send one outbox at once.
    if (navigator.locks) return navigator.locks.request("sizao-outbox", { ifAvailable: true }, (held) => held && sendHeld());
    return sendHeld();
  }
  async function sendHeld() {
    sending = true;
    try {
      for (;;) {
        const box = (await waiting()).filter((one) => one.round === facts.round).slice(0, facts.atOnce);
        if (!box.length) break;
        if (!(await sendOne(box))) return again();
        pause = FIRST_PAUSE_MS;
      }
      problem = "";
    } finally {
      sending = false;
      await draw();
    }
  }
  async function sendOne(box) {
    const swabs = box.map((one) => ({
      key: one.key, tube: one.tube, kind: one.kind, taken_at: one.taken_at, entry: one.entry, id_number: one.id_number,
      name: one.name, phone: one.phone, site: one.site, table: one.table,
    }));
    let given;
    try {
      given = await fetch(facts.send, {
        method: "POST", credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": cookie("csrftoken") },
        body: JSON.stringify({ sent_at: new Date().toISOString(), swabs }),
      });
    } catch (fault) {
      problem = says.noSignal;
      return false;
    }
    const isJson = (given.headers.get("Content-Type") || "").includes("application/json");
    if (given.redirected || (given.status === 403 && !isJson)) { problem = says.signIn; return false; }
    if (!isJson || given.status >= 500) { problem = says.noSignal; return false; }
    const told = await given.json();
    if (!given.ok) { problem = told.message || says.refused; return false; }
    await run("readwrite", (swabs) => {
      told.swabs.forEach((one, place) => {
        const swab = box[place];
        // What has been answered for needs no identity here any more.
        for (const name of ["id_number", "name", "phone"]) delete swab[name];
        swab.state = one.answer === "queued" ? "queued" : "sent";
        swab.oddities = one.oddities;
        swabs.put(swab);
      });
      return swabs.count();
    });
    return true;
  }
  function again() {
    clearTimeout(timer);
    // Apart from each other, so that a thousand phones do not come back in one second.
    timer = setTimeout(send, pause * (0.5 + Math.random()));
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  }

  // --- The screen ---------------------------------------------------------------------------------
  function say(text, isBad) {
    const line = part("says");
    line.textContent = text;
    line.classList.toggle("bad", Boolean(isBad));
  }
  async function draw() {
    part("tube").textContent = tube ? tube.code.replace(/(\d{4})(?=\d)/g, "$1 ") : "—";
    const fill = part("fill");
    fill.textContent = tube ? tube.members.length + " / " + tube.size : "";
    fill.classList.toggle("full", Boolean(tube) && tube.members.length >= tube.size);
    part("asks").textContent = !tube ? says.noTube : tube.members.length >= tube.size ? says.scanTube : says.scanPerson;
    if (!store) return;
    const mine = (await all()).filter((one) => one.round === facts.round);
    const left = mine.filter((one) => one.state === "waiting").length;
    const queued = mine.filter((one) => one.state === "queued").length;
    const signal = page.querySelector(".signal");
    signal.classList.toggle("off", left > 0 && !problem);
    signal.classList.toggle("bad", Boolean(problem));
    part("signal").textContent = problem || (left ? says.waiting : says.upToDate);
    part("counts").textContent = says.waiting + " " + left + " · " + says.sent + " " + (mine.length - left - queued) +
      (queued ? " · " + facts.answers.queued + " " + queued : "");
    part("outbox").replaceChildren(...mine.slice(-KEEP_SHOWN).reverse().map(line));
  }
  function line(one) {
    const row = document.createElement("li");
    const time = new Date(one.taken_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const state = { waiting: says.waiting, sent: says.sent, queued: facts.answers.queued }[one.state];
    for (const [tag, text, name] of [["span", time, "muted"], ["span", one.shown + " → " + one.tube.slice(-5), ""], ["span", state, "tag " + { waiting: "proposed", sent: "done", queued: "late" }[one.state]]]) {
      const cell = document.createElement(tag);
      cell.textContent = text;
      cell.className = name;
      row.append(cell);
    }
    if (one.oddities && one.oddities.length) {
      const why = document.createElement("span");
      why.className = "why";
      why.textContent = one.oddities.map((kind) => facts.oddities[kind] || kind).join(" · ");
      row.append(why);
    }
    return row;
  }
  function remember() {
    setup.tube = tube;
    try { localStorage.setItem("sizao-table-" + facts.round, JSON.stringify(setup)); } catch (fault) { /* only a comfort */ }
  }
  function read(name) {
    try { return JSON.parse(localStorage.getItem(name)); } catch (fault) { return null; }
  }
  function cookie(name) {
    const found = document.cookie.split("; ").find((one) => one.startsWith(name + "="));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  part("scan").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value;
    input.value = "";
    scanned(text);
    input.focus();
  });
  part("walk-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    await take({ name: form.elements.name.value.trim(), phone: form.elements.phone.value.trim() }, says.walkIn);
    form.reset();
    form.closest("details").open = false;
    input.focus();
  });
  for (const site of facts.sites) {
    const option = document.createElement("option");
    option.value = site.id;
    option.textContent = site.name;
    part("site").append(option);
  }
  part("site").value = setup.site || "";
  part("table-number").value = setup.table || "";
  part("site").addEventListener("change", (event) => { setup.site = event.target.value; remember(); });
  part("table-number").addEventListener("change", (event) => { setup.table = event.target.value.replace(/\D/g, ""); remember(); });
  addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());

  open().then((opened) => { store = opened; if (navigator.storage && navigator.storage.persist) navigator.storage.persist(); return draw(); })
    .then(send)
    .catch(() => say(says.noStore, true));
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(page.dataset.worker, { scope: "/testing/" })
      .then(() => navigator.serviceWorker.ready)
      .then((ready) => ready.active.postMessage({ keep: location.href }))
      .catch(() => { /* without it the page works as long as it stays open */ });
  }
  draw();
  input.focus();
})();
