// The round through a site: choose a room, enter what was seen, next room. What is entered is kept and sent by the
// outbox; the list is that of the moment at which the page was loaded.
(() => {
  "use strict";
  const page = document.querySelector("[data-round]");
  if (!page) return;
  const facts = JSON.parse(document.getElementById("round-facts").textContent);
  const says = facts.says;
  const part = (name) => page.querySelector("[data-" + name + "]");
  const outboxes = window.sizaoOutbox;
  const MINUTE = 60000, HOUR = 60 * MINUTE;
  let session = facts.session, floor = "", current = null, entry = null, outbox = null, mine = [];

  // --- The list -----------------------------------------------------------------------------------
  function keptOf(person) {
    const found = mine.filter((one) => one.person === person && one.session === session && one.day === facts.day);
    return found[found.length - 1] || null;
  }
  function wordOf(one) {
    const kept = keptOf(one.number);
    if (kept && kept.state !== "refused") {
      const word = kept.seen === "seen" ? kept.shown : facts.seen[kept.seen];
      return { text: word, kind: kept.alarming ? "bad" : kept.seen === "no_answer" ? "late" : kept.state === "sent" ? "done" : "kept" };
    }
    if (kept) return { text: facts.answers.refused, kind: "bad" };
    const known = one.latest && one.latest.session === session ? one.latest : null;
    if (!known) return { text: says.unseen, kind: "open" };
    const word = known.seen === "seen" ? (known.temperature === null ? facts.seen.seen : known.temperature.toFixed(1)) : facts.seen[known.seen];
    return { text: word, kind: known.alarming ? "bad" : known.seen === "no_answer" ? "late" : "done" };
  }
  const isLeft = (one) => ["open", "late"].includes(wordOf(one).kind);

  function drawList() {
    const shown = facts.people.filter((one) => !floor || one.building + "/" + one.floor === floor);
    // The order of the list stays that of the walk while one walks: who was missing when it was loaded comes first.
    part("list").replaceChildren(...shown.map(line));
    const left = facts.people.filter(isLeft).length;
    part("left").textContent = left + " / " + facts.people.length + " " + says.left;
    const age = Date.now() - new Date(facts.listedAt).getTime();
    const old = part("age");
    const hour = new Date(facts.listedAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const today = new Date().toLocaleDateString("sv");
    const isLive = page.dataset.live === "1";
    const isOther = isLive && today !== facts.day;
    const isOld = isLive && age > facts.oldAfterHours * HOUR;
    old.textContent = says.listOf + " " + facts.day + " " + hour + (isOther ? " · " + says.listOtherDay : isOld ? " · " + says.listOld : "");
    old.classList.toggle("late-text", isOld || isOther);
  }
  function line(one) {
    const item = document.createElement("li"), button = document.createElement("button"), word = wordOf(one);
    button.type = "button";
    button.className = "room-line " + word.kind;
    for (const [text, name] of [[one.room, "room"], [one.name + (one.age === null ? "" : " · " + one.age + " " + says.years), "who"], [word.text, "state"], [one.needs.join(" · "), "need"]]) {
      const cell = document.createElement("span");
      cell.className = name;
      cell.textContent = text;
      button.append(cell);
    }
    button.addEventListener("click", () => open(one));
    item.append(button);
    return item;
  }

  // --- One room -----------------------------------------------------------------------------------
  function open(one) {
    current = one;
    entry = { temperature: "", symptoms: null, medicines: null, mood: "" };
    part("who").textContent = one.room + "  " + one.name;
    part("needs-known").textContent = one.needs.join(" · ");
    for (const name of ["temperature", "needs", "note"]) part(name).value = "";
    say("");
    drawEntry();
    part("walk").hidden = true;
    part("entry").hidden = false;
    part("entry").scrollIntoView();
    part("who").focus();
  }
  function close() {
    current = entry = null;
    part("entry").hidden = true;
    part("walk").hidden = false;
    drawList();
    part("walk").scrollIntoView();
  }
  function chips(name, words, isOn, press) {
    part(name).replaceChildren(...Object.entries(words).map(([code, word]) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = word;
      chip.setAttribute("aria-pressed", String(isOn(code)));
      chip.addEventListener("click", () => { press(code); drawEntry(); });
      return chip;
    }));
  }
  function drawEntry() {
    const figures = {};
    for (let tenth = 360; tenth <= 374; tenth++) figures[(tenth / 10).toFixed(1)] = (tenth / 10).toFixed(1);
    const set = (code) => { entry.temperature = code; part("temperature").value = code; };
    chips("figures", figures, (code) => entry.temperature === code, set);
    chips("symptoms", Object.assign({ none: page.dataset.none }, facts.symptoms),
      (code) => entry.symptoms !== null && (code === "none" ? !entry.symptoms.length : entry.symptoms.includes(code)),
      (code) => {
        if (code === "none") entry.symptoms = [];
        else if ((entry.symptoms || []).includes(code)) entry.symptoms = entry.symptoms.filter((one) => one !== code);
        else entry.symptoms = (entry.symptoms || []).concat(code);
      });
    chips("medicines", { yes: page.dataset.yes, no: page.dataset.no },
      (code) => entry.medicines === (code === "yes"), (code) => { entry.medicines = code === "yes"; });
    chips("moods", facts.moods, (code) => entry.mood === code, (code) => { entry.mood = entry.mood === code ? "" : code; });
  }
  function say(text, isBad) {
    part("says").textContent = text;
    part("says").classList.toggle("bad", Boolean(isBad));
  }

  async function keep(seen) {
    const look = { key: outboxes.newKey(), person: current.number, room: current.room, at: new Date().toISOString(), day: facts.day, session, seen };
    if (seen === "seen") {
      const text = part("temperature").value.replace(",", ".").trim();
      const figure = text === "" ? null : Number(text);
      if (figure !== null && !(figure >= facts.lowest && figure <= facts.highest)) return say(says.temperature, true);
      const needs = part("needs").value.trim(), note = part("note").value.trim();
      if (figure === null && entry.symptoms === null && entry.medicines === null && !entry.mood && !needs && !note) return say(says.nothing, true);
      Object.assign(look, { temperature: figure, symptoms: entry.symptoms, medicines: entry.medicines, mood: entry.mood, needs, note });
      look.shown = figure === null ? facts.seen.seen : figure.toFixed(1);
      look.alarming = (figure !== null && figure >= facts.feverFrom) || (entry.symptoms || []).some((one) => facts.reported.includes(one));
    } else {
      look.shown = facts.seen[seen];
    }
    try {
      await outbox.put(look);
    } catch (fault) {
      return say(says.noStore, true);
    }
    const alarm = part("alarm");
    alarm.hidden = !look.alarming;
    alarm.textContent = look.alarming ? look.room + " · " + says.fever + " " + says.phone : "";
    close();
    await changed();
    outbox.send();
  }

  // --- The screen ---------------------------------------------------------------------------------
  async function changed() {
    if (!outbox || !outbox.ready) return;
    mine = await outbox.mine();
    drawList();
    await outboxes.draw(page, outbox, says, facts.answers, facts.oddities, (one) => [one.at, one.room + " · " + one.shown]);
  }
  function options(select, words, value, choose) {
    for (const [code, word] of Object.entries(words)) {
      const option = document.createElement("option");
      option.value = code;
      option.textContent = word;
      select.append(option);
    }
    select.value = value;
    select.addEventListener("change", () => { choose(select.value); drawList(); });
  }
  const floors = { "": says.all };
  for (const one of facts.people) floors[one.building + "/" + one.floor] = (one.building + " " + one.floor).trim() + "F";
  options(part("floors"), floors, "", (code) => { floor = code; });
  options(part("sessions"), facts.sessions, session, (code) => { session = code; });
  part("temperature").addEventListener("input", (event) => { entry.temperature = event.target.value; });
  part("keep").addEventListener("click", () => keep("seen"));
  part("no-answer").addEventListener("click", () => keep("no_answer"));
  part("refused").addEventListener("click", () => keep("refused"));
  part("back").addEventListener("click", close);

  outbox = outboxes.open({
    database: "sizao-site-days", store: "looks", round: "site-" + facts.site, atOnce: facts.atOnce, address: facts.send, says,
    body: (box) => ({
      looks: box.map((one) => ({
        key: one.key, person: one.person, at: one.at, session: one.session, seen: one.seen, temperature: one.temperature,
        symptoms: one.symptoms, medicines: one.medicines, mood: one.mood, needs: one.needs, note: one.note,
      })),
    }),
    told: (answer) => answer.looks,
    settle: (look, told) => {
      // What has been answered for is kept by the platform; a refused entry stays whole, to be entered anew.
      if (told.answer !== "refused") for (const name of ["symptoms", "medicines", "mood", "needs", "note"]) delete look[name];
    },
    changed,
  });
  outbox.opening.then(outbox.send).catch(() => { part("alarm").hidden = false; part("alarm").textContent = says.noStore; });
  outboxes.keepPage(page.dataset.worker);
  setInterval(drawList, MINUTE);
  drawList();
})();
