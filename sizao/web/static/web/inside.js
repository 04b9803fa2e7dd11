// Inside a zone, on a phone: doors at which something waits, and the gate. The list stands in the page and is kept with
// it; what is done lies in the outbox until the platform has answered for it.
(() => {
  "use strict";
  const page = document.querySelector("[data-inside]");
  if (!page) return;
  const facts = JSON.parse(document.getElementById("inside-facts").textContent);
  const says = facts.says, outboxes = window.sizaoOutbox;
  const part = (name) => page.querySelector("[data-" + name + "]");
  const labels = new Map(), FINAL = new Set(["served", "refused"]);
  const refusing = new Set(), asking = new Set(); // requests and homes of which a form stands open
  let outbox = null, answered = new Map(), brought = new Set(), asked = new Map();

  for (const home of facts.homes) for (const one of home.requests) labels.set(one.key, one.label + " " + one.what);
  function make(kind, text, name, more) {
    const made = document.createElement(kind);
    if (text) made.textContent = text;
    if (name) made.className = name;
    return Object.assign(made, more || {});
  }
  function press(text, name, work) {
    const made = make("button", text, "big " + (name || ""), { type: "button" });
    made.addEventListener("click", work);
    return made;
  }
  function say(text, isBad) {
    part("says").textContent = text;
    part("says").classList.toggle("bad", Boolean(isBad));
  }
  const isOpen = (one) => !FINAL.has(answered.get(one.key));
  const nameOf = (home) => home.address || says.home + " " + home.key;

  async function keep(item) {
    try {
      await outbox.put(Object.assign({ key: outboxes.newKey(), happened_at: new Date().toISOString() }, item));
    } catch (fault) {
      say(says.noStore, true);
      return false;
    }
    say(says.added);
    await changed();
    outbox.send();
    return true;
  }

  // --- Doors --------------------------------------------------------------------------------------
  function drawDoors() {
    if (!facts.homes.length) return;
    const isDone = (home) => !home.requests.some(isOpen) && !(home.goodsDue && !brought.has(home.key));
    const ordered = [...facts.homes].sort((a, b) => isDone(a) - isDone(b));
    part("list").replaceChildren(...ordered.map((home) => drawHome(home, isDone(home))));
    if (facts.homes.every(isDone)) part("list").prepend(make("p", says.allDone, "clear-good"));
  }
  function drawHome(home, isDone) {
    const card = make("article", "", "door");
    card.classList.toggle("done", isDone);
    card.append(make("h3", nameOf(home)));
    for (const one of home.people) {
      const who = make("div", "", "who");
      who.append(make("b", one.name), ...one.needs.map((need) => make("span", need, "tag")));
      if (one.place) who.append(make("span", one.place, "tag late"));
      if (one.phone) who.append(make("a", says.call + " " + one.phone, "button call", { href: "tel:" + one.phone }));
      card.append(who);
    }
    card.append(...home.requests.flatMap(drawRequest));
    for (const text of asked.get(home.key) || []) card.append(make("p", text, "tag"));
    card.append(...drawGoods(home), ...drawAsk(home));
    return card;
  }
  function drawRequest(one) {
    const line = make("div", "", "thing-line"), text = make("p", "");
    text.append(make("b", one.label), " " + one.what + " ");
    if (one.due) {
      const due = new Date(one.due), isLate = due < new Date(facts.asOf);
      const told = due.toLocaleString([], { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
      text.append(make("span", (isLate ? says.late + " · " : says.by + " ") + told, isLate ? "tag late" : "tag"));
    }
    const outcome = answered.get(one.key);
    if (outcome) text.append(" ", make("span", facts.outcomes[outcome], "tag done"));
    else if (one.tried) text.append(" ", make("span", says.tried, "tag"));
    line.append(text);
    if (!isOpen(one)) return [line];
    const acts = make("div", "", "acts");
    acts.append(press(facts.outcomes.served, "wide primary", () => serve(one, "served")), press(facts.outcomes.nobody, "", () => serve(one, "nobody")));
    if (!facts.firm.includes(one.kind)) acts.append(press(facts.outcomes.refused, "", () => { refusing.add(one.key); drawDoors(); }));
    line.append(acts);
    if (refusing.has(one.key)) {
      const why = make("input", "", "wide", { maxLength: 60, placeholder: says.why, ariaLabel: says.why });
      line.append(why, press(facts.outcomes.refused, "wide worse", () => {
        if (!why.value.trim()) return say(says.sayWhy, true);
        refusing.delete(one.key);
        return serve(one, "refused", why.value);
      }));
    }
    return [line];
  }
  const serve = (one, outcome, reason) => keep({ act: "serve", request: one.key, outcome, reason: reason || "" });
  function drawGoods(home) {
    const drawn = [];
    if (home.goodsAt) drawn.push(make("p", says.goodsAt + " " + home.goodsAt, "small muted"));
    if (home.goodsDue && !brought.has(home.key)) {
      drawn.push(make("p", says.goodsDue, "tag late"));
      drawn.push(press(says.brought, "wide", () => keep({ act: "ask", home: home.key, kind: "goods", what: says.brought, served: true })));
    }
    return drawn;
  }
  function drawAsk(home) {
    if (!asking.has(home.key)) return [press(says.asks, "wide", () => { asking.add(home.key); drawDoors(); })];
    const kind = make("select"), what = make("input", "", "", { maxLength: 60, placeholder: says.what, ariaLabel: says.what });
    for (const [code, label] of Object.entries(facts.kinds)) kind.append(make("option", label, "", { value: code }));
    return [kind, what,
      press(says.noteIt, "wide primary", () => {
        if (!what.value.trim() && !["care", "waste"].includes(kind.value)) return say(says.sayWhat, true);
        asking.delete(home.key);
        return keep({ act: "ask", home: home.key, kind: kind.value, what: what.value, served: false });
      }),
      press(says.back, "wide", () => { asking.delete(home.key); drawDoors(); })];
  }

  // --- The gate -----------------------------------------------------------------------------------
  function drawGate() {
    const form = part("gate");
    if (!form || form.childElementCount) return;
    const field = (label, input) => { const made = make("label", label); made.append(input); return made; };
    const choice = (words) => {
      const made = make("select");
      for (const [code, label] of words) made.append(make("option", label, "", { value: code }));
      return made;
    };
    const text = (most) => make("input", "", "", { maxLength: most });
    const gate = choice(facts.gates), way = choice(Object.entries(facts.ways)), reason = choice(Object.entries(facts.reasons));
    const bearer = text(60), person = text(40), permit = text(20), told = make("p", "", "small"), acts = make("div", "", "acts");
    const words = form.dataset;
    const isCare = () => way.value === "out" && reason.value === "medical";
    function show() {
      const number = permit.value.replace(/\s/g, "").toUpperCase();
      const found = facts.permits.find((one) => one.number === number), now = new Date();
      const holds = found && new Date(found.from) <= now && now <= new Date(found.until);
      told.textContent = isCare() ? says.careOpen : !number ? "" : holds ? says.holds + " " + found.who + " · " + found.reason : says.holdsNot;
      told.classList.toggle("late-text", Boolean(number) && !holds && !isCare());
      refuse.hidden = isCare();
    }
    async function through(outcome) {
      if (!bearer.value.trim() && !person.value.trim()) return say(says.sayWho, true);
      const kept = await keep({ act: "pass", gate: gate.value, way: way.value, reason: reason.value, outcome, bearer: bearer.value, person: person.value, permit: permit.value, note: "" });
      if (kept) { for (const one of [bearer, person, permit]) one.value = ""; show(); }
      return kept;
    }
    const refuse = press(facts.passed.refused, "wide", () => through("refused"));
    acts.append(press(facts.passed.passed, "wide primary", () => through("passed")), refuse);
    form.append(field(words.gateLabel, gate), field(words.wayLabel, way), field(words.whyLabel, reason), field(words.whoLabel, bearer),
      field(words.numberLabel, person), field(words.permitLabel, permit), told, acts);
    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    show();
  }
  for (const tab of page.querySelectorAll("[data-tab]")) tab.addEventListener("click", () => {
    for (const other of page.querySelectorAll("[data-tab]")) {
      other.setAttribute("aria-selected", String(other === tab));
      page.querySelector("[data-part=" + other.dataset.tab + "]").hidden = other !== tab;
    }
    outboxes.remember("sizao-inside-tab", tab.dataset.tab);
  });

  function drawAge() {
    const made = new Date(facts.madeAt);
    const isOld = Date.now() - made > facts.oldAfterHours * 3600000;
    part("age").classList.toggle("old", isOld);
    part("age").textContent = says.madeAt + " " + made.toLocaleString([], { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" }) + (isOld ? " · " + says.old : "");
  }
  function lineOf(one) {
    if (one.act === "serve") return (labels.get(one.request) || "") + " · " + facts.outcomes[one.outcome];
    if (one.act === "ask") return one.served ? says.brought : facts.kinds[one.kind] + " " + one.what;
    return facts.ways[one.way] + " · " + facts.reasons[one.reason] + " · " + facts.passed[one.outcome];
  }
  async function changed() {
    if (outbox && outbox.ready) {
      const mine = (await outbox.mine()).filter((one) => one.state !== "refused");
      answered = new Map(); brought = new Set(); asked = new Map();
      for (const one of mine) {
        if (one.act === "serve" && !FINAL.has(answered.get(one.request))) answered.set(one.request, one.outcome);
        if (one.act === "ask" && one.served && new Date(one.happened_at) > new Date(facts.madeAt)) brought.add(one.home);
        if (one.act === "ask" && !one.served && new Date(one.happened_at) > new Date(facts.madeAt)) asked.set(one.home, [...(asked.get(one.home) || []), facts.kinds[one.kind] + " " + one.what]);
      }
    }
    drawDoors();
    await outboxes.draw(page, outbox, says, {}, {}, (one) => [one.happened_at, lineOf(one)]);
  }

  outbox = outboxes.open({
    database: "sizao-inside", store: "acts", round: facts.round, atOnce: facts.atOnce, address: facts.send, says,
    body: (acts) => ({ acts: acts.map(({ serial, round, state, oddities, why, ...one }) => one) }),
    told: (answer) => answer.acts,
    // Who went through a gate need not stay on the phone once the platform knows it.
    settle: (item, one) => { if (one.answer !== "refused" && item.act === "pass") { item.bearer = item.person = item.permit = ""; } },
    changed,
  });
  outbox.opening.then(outbox.send).catch(() => say(says.noStore, true));
  outboxes.keepPage(page.dataset.worker);
  if (outboxes.read("sizao-inside-tab") === "gate") page.querySelector("[data-tab=gate]").click();
  setInterval(drawAge, 60000);
  drawAge();
  drawDoors();
  drawGate();
})();
