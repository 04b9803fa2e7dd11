// What a page keeps while there is no signal: things lie in the browser's store until the platform has answered for
// them. They are sent with one request at a time, all that waits, so that a slow line makes requests larger and never
// loses one; sent again they do no harm.
window.sizaoOutbox = (() => {
  "use strict";
  const FIRST_PAUSE_MS = 2000, LONGEST_PAUSE_MS = 60000, LONGEST_WAIT_MS = 60000;

  function cookie(name) {
    const found = document.cookie.split("; ").find((one) => one.startsWith(name + "="));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }
  function newKey() {
    return crypto.randomUUID ? crypto.randomUUID() : Date.now() + "-" + Math.random().toString(36).slice(2);
  }
  // `database` and `store` name the browser's store; `body` writes what is sent of items, `told` reads the answers,
  // `settle` takes out of an item what need not stay; `changed` is called whenever the page should be drawn anew.
  function open(how) {
    const { database, store: name, round, atOnce, address, says, body, told, settle, changed } = how;
    let store = null, sending = false, pause = FIRST_PAUSE_MS, timer = null;
    const outbox = { problem: "", ready: false, put, send, mine };

    function opened() {
      return new Promise((done, failed) => {
        const asking = indexedDB.open(database, 1);
        asking.onupgradeneeded = () => {
          const items = asking.result.createObjectStore(name, { keyPath: "serial", autoIncrement: true });
          items.createIndex("state", "state");
        };
        asking.onsuccess = () => done(asking.result);
        asking.onerror = () => failed(asking.error);
      });
    }
    function run(mode, work) {
      return new Promise((done, failed) => {
        const act = store.transaction(name, mode, mode === "readwrite" ? { durability: "strict" } : {});
        const result = work(act.objectStore(name));
        act.oncomplete = () => done(result.result);
        act.onerror = act.onabort = () => failed(act.error);
      });
    }
    const waiting = () => run("readonly", (items) => items.index("state").getAll("waiting"));
    function put(item) {
      return run("readwrite", (items) => items.put(Object.assign(item, { round, state: "waiting" })));
    }
    async function mine() {
      return store ? (await run("readonly", (items) => items.getAll())).filter((one) => one.round === round) : [];
    }

    async function send() {
      if (sending || !store) return;
      // Two windows of one device do not send one outbox at once.
      if (navigator.locks) return navigator.locks.request(database, { ifAvailable: true }, (held) => held && sendHeld());
      return sendHeld();
    }
    async function sendHeld() {
      sending = true;
      try {
        for (;;) {
          const box = (await waiting()).filter((one) => one.round === round).slice(0, atOnce);
          if (!box.length) break;
          if (!(await sendOne(box))) return again();
          pause = FIRST_PAUSE_MS;
        }
        outbox.problem = "";
      } finally {
        sending = false;
        await changed();
      }
    }
    async function sendOne(box) {
      let given;
      try {
        given = await fetch(address, {
          method: "POST", credentials: "same-origin",
          headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": cookie("csrftoken") },
          body: JSON.stringify(Object.assign({ sent_at: new Date().toISOString() }, body(box))),
          // A line that says nothing is given up; what it may have carried is known by its key when sent again.
          signal: AbortSignal.timeout ? AbortSignal.timeout(LONGEST_WAIT_MS) : undefined,
        });
      } catch (fault) {
        outbox.problem = says.noSignal;
        return false;
      }
      const isJson = (given.headers.get("Content-Type") || "").includes("application/json");
      if (given.redirected || (given.status === 403 && !isJson)) { outbox.problem = says.signIn; return false; }
      if (!isJson || given.status >= 500) { outbox.problem = says.noSignal; return false; }
      const answer = await given.json();
      if (!given.ok) { outbox.problem = answer.message || says.refused; return false; }
      await run("readwrite", (items) => {
        told(answer).forEach((one, place) => {
          const item = box[place];
          item.state = ["queued", "refused"].includes(one.answer) ? one.answer : "sent";
          item.oddities = one.oddities;
          item.why = one.why;
          settle(item, one);
          items.put(item);
        });
        return items.count();
      });
      return true;
    }
    function again() {
      clearTimeout(timer);
      // Apart from each other, so that a thousand phones do not come back in one second.
      timer = setTimeout(send, pause * (0.5 + Math.random()));
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    }

    addEventListener("online", send);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
    outbox.opening = opened().then((found) => {
      store = found;
      outbox.ready = true;
      if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
      return changed();
    });
    return outbox;
  }

  // Say how much waits, and list the latest of it: `line` gives the words of one item.
  async function draw(page, outbox, says, answers, oddities, line) {
    if (!outbox || !outbox.ready) return;
    const part = (name) => page.querySelector("[data-" + name + "]");
    const mine = await outbox.mine();
    const left = mine.filter((one) => one.state === "waiting").length;
    const queued = mine.filter((one) => one.state === "queued").length;
    const refused = mine.filter((one) => one.state === "refused").length;
    const signal = page.querySelector(".signal");
    signal.classList.toggle("off", left > 0 && !outbox.problem);
    // A refused entry is not done: nobody should read a green line and go home.
    signal.classList.toggle("bad", Boolean(outbox.problem) || (!left && refused > 0));
    part("signal").textContent = outbox.problem || (left ? says.waiting : refused ? says.someRefused : says.upToDate);
    part("counts").textContent = says.waiting + " " + left + " · " + says.sent + " " + (mine.length - left - queued - refused) +
      (queued ? " · " + answers.queued + " " + queued : "") + (refused ? " · " + says.refused + " " + refused : "");
    part("outbox").replaceChildren(...mine.slice(-60).reverse().map((one) => row(one, says, answers, oddities, line)));
  }
  function row(one, says, answers, oddities, line) {
    const item = document.createElement("li");
    const state = { waiting: says.waiting, sent: says.sent, queued: answers.queued, refused: says.refused }[one.state];
    const [moment, text] = line(one);
    const time = new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const tag = "tag " + { waiting: "proposed", sent: "done", queued: "late", refused: "late" }[one.state];
    for (const [words, name] of [[time, "muted"], [text, ""], [state, tag]]) {
      const cell = document.createElement("span");
      cell.textContent = words;
      cell.className = name;
      item.append(cell);
    }
    if ((one.oddities && one.oddities.length) || one.why) {
      const why = document.createElement("span");
      why.className = "why";
      // A sentence of the platform's own, or the words for what was odd.
      why.textContent = one.why || one.oddities.map((kind) => oddities[kind] || kind).join(" · ");
      item.append(why);
    }
    return item;
  }
  // Let a script of the browser keep this page itself, so that it opens without a signal; it lies above all it keeps.
  function keepPage(address) {
    if (!("serviceWorker" in navigator)) return;
    navigator.serviceWorker.register(address, { scope: new URL(".", new URL(address, location.href)).pathname })
      .then(() => navigator.serviceWorker.ready)
      .then((ready) => ready.active.postMessage({ keep: location.href, passedHere: Boolean(navigator.serviceWorker.controller) }))
      .catch(() => { /* without it the page works as long as it stays open */ });
  }
  function remember(name, value) {
    try { localStorage.setItem(name, JSON.stringify(value)); } catch (fault) { /* only a comfort */ }
  }
  function read(name) {
    try { return JSON.parse(localStorage.getItem(name)); } catch (fault) { return null; }
  }
  // What was scanned or typed: a Chinese keyboard writes digits and letters in full width as well.
  const typed = (raw) => raw.normalize("NFKC").replace(/\s/g, "").toUpperCase();
  const isTube = (text) => /^\d{12}$/.test(text) && BigInt(text) % 97n === 1n;
  const isBox = (text) => text.startsWith("B") && isTube(text.slice(1));

  return { open, draw, keepPage, remember, read, newKey, typed, isTube, isBox };
})();
