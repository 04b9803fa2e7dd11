// The doors of a day. The list stands in the page and is kept with it; what is done lies in the outbox until the
// platform has answered for it. A door has people, a person has things; one press answers all things that are ticked.
(() => {
  "use strict";
  const page = document.querySelector("[data-doors]");
  const list = page && page.querySelector("[data-list]");
  if (!list) return;
  const facts = JSON.parse(document.getElementById("doors-facts").textContent);
  const says = facts.says, outboxes = window.sizaoOutbox;
  const part = (name) => page.querySelector("[data-" + name + "]");
  const labels = new Map();
  const asking = new Map(); // person → {symptoms, temperature} while "worse" is being filled in
  const advised = new Map(); // person → what to do at once
  const unticked = new Set(); // things somebody has taken the tick from
  const temperatures = new Map();
  const FINAL = new Set(["done", "worse", "refused"]);
  let outbox = null, answered = new Map(), latest = new Map(); // thing → what became of it; → its latest entry

  for (const door of facts.doors) for (const one of door.people) {
    const kinds = new Set(), atDoor = one.things.some((thing) => thing.kind !== "call");
    for (const thing of one.things) {
      labels.set(thing.key, one.name + " · " + thing.label);
      // Ticked at first is what one walk does: one of each kind, and no call where somebody stands at the door.
      if (kinds.has(thing.kind) || (thing.kind === "call" && atDoor)) unticked.add(thing.key);
      kinds.add(thing.kind);
    }
  }
  function make(kind, text, name, more) {
    const made = document.createElement(kind);
    if (text) made.textContent = text;
    if (name) made.className = name;
    return Object.assign(made, more || {});
  }
  const isOpen = (thing) => !FINAL.has(answered.get(thing.key));
  const openOf = (one) => one.things.filter(isOpen);
  const tickedOf = (one) => openOf(one).filter((thing) => !unticked.has(thing.key));

  function draw() {
    const left = facts.doors.filter((door) => door.people.some((one) => openOf(one).length));
    const done = facts.doors.filter((door) => !left.includes(door));
    const focused = document.activeElement && document.activeElement.id;
    list.replaceChildren(...[...left, ...done].map(drawDoor));
    if (facts.doors.length && !left.length) list.prepend(make("p", says.allDone, "clear-good"));
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
    drawAge();
  }
  function drawAge() {
    const made = new Date(facts.madeAt), line = part("age");
    const isOld = Date.now() - made > facts.oldAfterHours * 3600000 || made.toDateString() !== new Date().toDateString();
    line.classList.toggle("old", isOld);
    line.textContent = says.madeAt + " " + made.toLocaleString([], { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" }) +
      (isOld ? " · " + says.old : "");
  }
  function drawDoor(door) {
    const card = make("article", "", "door");
    card.classList.toggle("done", !door.people.some((one) => openOf(one).length));
    const head = make("h3", door.address + " ");
    if (door.isFirst) head.append(make("span", says.first, "tag late"));
    card.append(head, ...door.people.flatMap(drawPerson));
    return card;
  }
  function drawPerson(one) {
    const who = make("div", "", "who");
    who.append(make("b", one.name), ...one.needs.map((need) => make("span", need, "tag")));
    if (one.phone) who.append(make("a", says.call + " " + one.phone, "button call", { href: "tel:" + one.phone }));
    const drawn = [who, ...one.things.map(drawThing)];
    if (advised.has(one.id)) drawn.push(make("p", advised.get(one.id), "advice"));
    if (asking.has(one.id)) drawn.push(...drawWorse(one));
    else if (openOf(one).length) drawn.push(drawTemperature(one), drawActs(one));
    return drawn;
  }
  function drawThing(thing) {
    const line = make("label", "", "thing"), open = isOpen(thing);
    const box = make("input", "", "", { type: "checkbox", checked: open && !unticked.has(thing.key), disabled: !open });
    box.addEventListener("change", () => unticked[box.checked ? "delete" : "add"](thing.key));
    const text = make("span", thing.label);
    if (thing.more) text.append(" · " + thing.more);
    if (thing.late) text.append(" ", make("span", says.since + " " + thing.late, "tag late"));
    const outcome = answered.get(thing.key);
    if (outcome) text.append(" ", make("span", facts.outcomes[outcome], "tag done"));
    else if (thing.tried) text.append(" ", make("span", says.tried + ": " + thing.tried, "tag"));
    text.append(...drawState(latest.get(thing.key)));
    line.classList.toggle("sent", !open);
    line.append(box, text);
    return line;
  }
  // Where what was done has come to: it waits on this phone, the platform has it, or it was refused and why.
  function drawState(entry) {
    if (!entry) return [];
    const [words, name] = { waiting: [says.waiting, "proposed"], refused: [says.refused, "late"] }[entry.state] || [says.sent, "done"];
    const drawn = [" ", make("span", words, "tag state " + name)];
    if (entry.state === "refused" && entry.why) drawn.push(make("span", entry.why, "why"));
    return drawn;
  }
  function drawTemperature(one) {
    const line = make("label", says.temperature, "temperature");
    const input = make("input", "", "", { id: "temperature-" + one.id, inputMode: "decimal", maxLength: 4, value: temperatures.get(one.id) || "" });
    input.addEventListener("input", () => temperatures.set(one.id, input.value.replace(",", ".").trim()));
    line.append(input);
    return line;
  }
  function drawActs(one) {
    const acts = make("div", "", "acts");
    const button = (outcome, name) => {
      const made = make("button", facts.outcomes[outcome], "big " + (name || ""), { type: "button" });
      made.addEventListener("click", () => act(one, outcome));
      return made;
    };
    const worse = make("button", says.worse, "big wide worse", { type: "button" });
    worse.addEventListener("click", () => { asking.set(one.id, new Set()); draw(); });
    acts.append(button("done", "wide primary"), button("nobody"), button("left"), button("refused", "wide"), worse);
    return acts;
  }
  function drawWorse(one) {
    const chosen = asking.get(one.id), grid = make("div", "", "symptoms");
    for (const [code, label] of Object.entries(facts.symptoms)) {
      const made = make("button", label, "big", { type: "button" });
      made.setAttribute("aria-pressed", String(chosen.has(code)));
      made.addEventListener("click", () => {
        chosen[chosen.has(code) ? "delete" : "add"](code);
        made.setAttribute("aria-pressed", String(chosen.has(code)));
      });
      grid.append(made);
    }
    const acts = make("div", "", "acts");
    const report = make("button", says.report, "big wide primary", { type: "button" });
    report.addEventListener("click", () => act(one, "worse"));
    const back = make("button", says.back, "big wide", { type: "button" });
    back.addEventListener("click", () => { asking.delete(one.id); draw(); });
    acts.append(report, back);
    return [drawTemperature(one), grid, acts];
  }

  // Whoever is worse is told by one look; what else is ticked is still to be done. It is told though all is done already.
  function lookOf(one) {
    const open = openOf(one);
    return open.find((thing) => thing.kind === "visit") || open.find((thing) => thing.kind === "call") || open[0] || one.things[0];
  }
  async function act(one, outcome) {
    const read = temperatures.get(one.id), symptoms = asking.get(one.id);
    const temperature = read ? Number(read) : null;
    if (read && !(temperature >= 30 && temperature <= 45)) return say(says.wrongTemperature, true);
    if (outcome === "worse" && !symptoms.size && temperature === null) return say(says.chooseSymptom, true);
    const chosen = outcome === "worse" ? [lookOf(one)] : tickedOf(one);
    if (!chosen.length) return say(says.chooseThing, true);
    const felt = symptoms ? [...symptoms] : [];
    if (temperature !== null && temperature >= facts.feverFrom && !felt.includes("fever")) felt.push("fever");
    const isWorse = outcome === "worse" || (outcome === "done" && felt.length > 0);
    const happened = new Date().toISOString();
    try {
      // What was found is told once, with the first thing; the others are done by the same visit.
      for (const [place, thing] of chosen.entries()) {
        const tells = place === 0;
        await outbox.put({
          key: outboxes.newKey(), happened_at: happened, visit: thing.key, outcome: isWorse && !tells ? "done" : outcome,
          temperature_c: tells ? temperature : null, symptoms: tells && symptoms ? felt : null,
        });
        answered.set(thing.key, isWorse && tells ? "worse" : outcome);
        latest.set(thing.key, { state: "waiting" });
      }
    } catch (fault) {
      return say(says.noStore, true);
    }
    if (isWorse) {
      const found = facts.advice.find((row) => row.symptoms.some((name) => felt.includes(name)));
      if (found) advised.set(one.id, found.text);
    }
    asking.delete(one.id);
    temperatures.delete(one.id);
    say(says.added);
    draw();
    outbox.send();
  }
  function say(text, isBad) {
    const line = part("says");
    line.textContent = text;
    line.classList.toggle("bad", Boolean(isBad));
  }
  async function changed() {
    if (outbox && outbox.ready) {
      const mine = await outbox.mine();
      answered = new Map();
      latest = new Map(mine.map((one) => [one.visit, one]));
      for (const one of mine) if (one.state !== "refused" && !FINAL.has(answered.get(one.visit))) answered.set(one.visit, one.outcome);
    }
    draw();
    await outboxes.draw(page, outbox, says, {}, {}, (one) => [
      one.happened_at, (labels.get(one.visit) || "") + " · " + facts.outcomes[one.outcome],
    ]);
  }

  outbox = outboxes.open({
    database: "sizao-doors", store: "acts", round: facts.round, atOnce: facts.atOnce, address: facts.send, says,
    body: (acts) => ({
      acts: acts.map((one) => ({
        key: one.key, visit: one.visit, happened_at: one.happened_at, outcome: one.outcome,
        temperature_c: one.temperature_c, symptoms: one.symptoms,
      })),
    }),
    told: (answer) => answer.acts,
    // What somebody felt need not stay on the phone once the platform knows it.
    settle: (item, one) => { if (one.answer !== "refused") { item.symptoms = null; item.temperature_c = null; } },
    changed,
  });
  outbox.opening.then(outbox.send).catch(() => say(says.noStore, true));
  outboxes.keepPage(page.dataset.worker);
  // The browser says when it would take the page among the phone's programmes; an iPhone offers it in its own menu.
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    part("install").hidden = false;
    part("install").onclick = () => { part("install").hidden = true; event.prompt(); };
  });
  setInterval(drawAge, 60000);
  draw();
})();
