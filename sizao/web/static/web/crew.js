// A crew's page: the trips of a shift, door by door. The list is fetched when there is a signal and kept on this device
// until the shift is over; what the crew does is kept and sent by the outbox, with the moment at which it was done.
(() => {
  "use strict";
  const page = document.querySelector("[data-crew]");
  if (!page) return;
  const facts = JSON.parse(document.getElementById("crew-facts").textContent);
  const says = facts.says, outboxes = window.sizaoOutbox;
  const part = (name) => document.querySelector("[data-" + name + "]");
  const MEMORY = "sizao-crew-" + facts.round + "-" + facts.account;
  const OLD_MS = 30 * 60 * 1000, AGAIN_MS = 60 * 1000, FEVER_C = 37.3;
  const [COLDEST, HOTTEST] = facts.temperature;
  let kept = forgetOld(outboxes.read(MEMORY)), outbox = null, open = null;

  // --- The list ---------------------------------------------------------------------------------

  // After the shift nobody's name stays on this device; counted by its own clock from when the list came, since that
  // may differ from the platform's.
  function forgetOld(held) {
    if (held && held.list && held.forget_at > Date.now()) return held;
    if (held) try { localStorage.removeItem(MEMORY); } catch (fault) { /* nothing is kept then */ }
    return null;
  }
  async function fetchList() {
    try {
      const given = await fetch(facts.list, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (!given.ok || given.redirected) return;
      const told = await given.json();
      told.came_at = Date.now();
      told.forget_at = told.list ? told.came_at + (new Date(told.list.until) - new Date(told.read_at)) : 0;
      kept = told.list ? told : null;
      if (told.list) outboxes.remember(MEMORY, told);
      else forgetOld({});
    } catch (fault) { /* the list that is kept stays */ }
    draw();
  }

  // --- What was done: what the platform knows, and what still waits here --------------------------

  async function done() {
    const mine = outbox && outbox.ready ? (await outbox.mine()).filter((one) => one.state !== "refused") : [];
    return (trip, leg, kind) => mine.filter((one) => one.trip === trip && (one.leg || null) === leg && one.kind === kind).pop();
  }
  async function keep(act) {
    try {
      await outbox.put(Object.assign({ key: outboxes.newKey(), happened_at: new Date().toISOString() }, act));
    } catch (fault) {
      say(says.noStore, true);
      return;
    }
    open = null;
    say(says.added);
    await draw();
    outbox.send();
  }

  // --- Drawing ----------------------------------------------------------------------------------

  const clock = (moment) => new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  function make(name, text, className) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  }
  function button(text, act, className) {
    const made = make("button", text, className || "big");
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }
  function say(text, isBad) {
    part("says").textContent = text;
    part("says").classList.toggle("bad", Boolean(isBad));
  }
  async function draw() {
    kept = forgetOld(kept);
    const list = kept && kept.list;
    const isOld = list && Date.now() - kept.came_at > OLD_MS;
    part("plate").textContent = list ? list.vehicle : "";
    part("list-of").textContent = list ? says.listOf + " " + clock(kept.came_at) + (isOld ? " · " + says.listOld : "") : says.noShift;
    part("list-of").classList.toggle("old", Boolean(isOld));
    const known = await done();
    const trips = list ? list.trips : [];
    const drawn = [];
    let blocked = false; // nobody gets in before the vehicle is clean
    for (const trip of trips) {
      drawn.push(drawTrip(trip, known, blocked));
      blocked = blocked || wants(trip, known);
    }
    if (list && !trips.length) drawn.push(make("p", says.noTrips, "empty"));
    if (!open) part("trips").replaceChildren(...drawn);
    await outboxes.draw(page, outbox, says, facts.answers, facts.oddities, told);
  }
  // Somebody was in it, and it has not been disinfected.
  function wants(trip, known) {
    const used = trip.doors.some((door) => door.boarded_at || known(trip.trip, door.leg, "boarded"));
    return used && !trip.disinfected_at && !known(trip.trip, null, "disinfected");
  }
  function drawTrip(trip, known, blocked) {
    const box = make("section", "", "trip");
    const title = make("h2", clock(trip.planned_start_at) + " – " + clock(trip.planned_end_at));
    title.append(make("span", facts.states[trip.state], "tag trip-" + trip.state));
    box.append(title);
    const out = trip.set_out_at || known(trip.trip, null, "set_out");
    if (blocked && !out) box.append(make("p", says.disinfectFirst, "late-text"));
    const isClean = trip.disinfected_at || known(trip.trip, null, "disinfected");
    const steps = make("div", "", "steps");
    if (!out && !blocked) steps.append(button(facts.acts.set_out, () => keep({ trip: trip.trip, kind: "set_out" }), "big primary"));
    box.append(steps);
    for (const door of trip.doors) box.append(drawDoor(trip, door, known, out && !blocked));
    const after = make("div", "", "steps");
    const isOver = trip.doors.every((door) => isOut(trip, door, known));
    if (out && isOver && !isClean) after.append(button(facts.acts.disinfected, () => keep({ trip: trip.trip, kind: "disinfected" }), "big primary"));
    if (out && isOver && !known(trip.trip, null, "returned")) after.append(button(facts.acts.returned, () => keep({ trip: trip.trip, kind: "returned" })));
    box.append(after);
    return box;
  }
  const isOut = (trip, door, known) => Boolean(
    door.ended_at || known(trip.trip, door.leg, "arrived") || known(trip.trip, door.leg, "handed_over") || known(trip.trip, door.leg, "not_boarded"));
  function drawDoor(trip, door, known, isOpen) {
    const box = make("article", "", "door" + (isOut(trip, door, known) ? " over" : ""));
    box.append(make("h3", door.rank + ". " + door.name));
    const what = make("p", facts.kinds[door.kind] + (door.needs.length ? " · " + door.needs.map((one) => facts.needs[one]).join(" · ") : ""));
    box.append(what);
    if (door.door) box.append(make("p", says.pickUp + " " + clock(door.planned_pick_up_at) + " · " + door.door));
    box.append(make("p", says.to + " " + (door.to || facts.kinds.home) + (door.due_at ? " · " + says.due + " " + clock(door.due_at) : "")));
    if (door.phone) {
      const call = make("a", says.call + " " + door.phone, "button");
      call.href = "tel:" + door.phone;
      box.append(call);
    }
    const did = (kind, field) => known(trip.trip, door.leg, kind) || (field && door[field]);
    const steps = make("div", "", "steps");
    const add = (kind, how, className) => steps.append(button(facts.acts[kind], how, className));
    const tell = (kind, more) => keep(Object.assign({ trip: trip.trip, leg: door.leg, kind }, more));
    if (isOpen && !isOut(trip, door, known)) {
      const boarded = did("boarded", "boarded_at");
      if (!boarded && !did("at_door", "at_door_at")) add("at_door", () => tell("at_door"), "big primary");
      if (!boarded) {
        add("boarded", () => ask(box, boardForm(tell)), did("at_door", "at_door_at") ? "big primary" : "big");
        add("not_boarded", () => ask(box, refuseForm(tell)));
      } else add("arrived", () => tell("arrived"), "big primary");
    }
    if (did("arrived", "arrived_at") && !did("handed_over", "handed_over_at")) add("handed_over", () => ask(box, handForm(tell)), "big primary");
    box.append(steps);
    return box;
  }

  // --- Forms at a door --------------------------------------------------------------------------

  function ask(box, form) {
    open = form;
    for (const other of page.querySelectorAll(".check")) other.remove();
    box.append(form);
    const first = form.querySelector("input, select");
    if (first) first.focus();
  }
  function form(submit) {
    const made = make("form", "", "check");
    made.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
    return made;
  }
  function field(text, input) {
    const label = make("label");
    if (input.type === "checkbox") label.append(input, text); else label.append(text, input);
    return label;
  }
  function input(type, attributes) {
    return Object.assign(document.createElement("input"), { type }, attributes || {});
  }
  function boardForm(tell) {
    const identity = input("checkbox"), temperature = input("text", { inputMode: "decimal", maxLength: 5 });
    const none = input("checkbox"), symptoms = new Map();
    const many = make("div", "", "many");
    for (const [code, word] of Object.entries(facts.symptoms)) {
      const box = input("checkbox");
      box.addEventListener("change", () => { if (box.checked) none.checked = false; });
      symptoms.set(code, box);
      many.append(field(word, box));
    }
    none.addEventListener("change", () => { if (none.checked) symptoms.forEach((box) => { box.checked = false; }); });
    const made = form(() => {
      const chosen = [...symptoms].filter(([, box]) => box.checked).map(([code]) => code);
      const degrees = temperature.value.trim() ? Number(temperature.value.replace(",", ".")) : null;
      if (!identity.checked) return say(says.needsIdentity, true);
      if (degrees !== null && !(degrees >= COLDEST && degrees <= HOTTEST)) return say(says.wrongTemperature, true);
      if (!none.checked && !chosen.length) return say(says.needsSymptoms, true);
      if ((degrees !== null && degrees >= FEVER_C || chosen.includes("fever")) && !made.dataset.told) {
        made.dataset.told = "1"; // said once; a case's vehicle may carry them all the same
        return say(says.feverish, true);
      }
      tell("boarded", { identity_checked: true, temperature_c: degrees, symptoms: chosen });
    });
    made.append(field(says.identity, identity), field(says.temperature, temperature), field(says.noSymptoms, none), many,
      submitButton(facts.acts.boarded));
    return made;
  }
  function refuseForm(tell) {
    const why = document.createElement("select"), note = input("text", { maxLength: 60 });
    why.append(new Option("—", ""), ...Object.entries(facts.reasons).map(([code, word]) => new Option(word, code)));
    const made = form(() => {
      if (!why.value) return say(says.needsReason, true);
      tell("not_boarded", { reason: why.value, note: note.value.trim() });
    });
    made.append(field(says.why, why), field("", note), submitButton(facts.acts.not_boarded));
    return made;
  }
  function handForm(tell) {
    const receiver = input("text", { maxLength: 60 });
    const made = form(() => {
      if (!receiver.value.trim()) return say(says.needsReceiver, true);
      tell("handed_over", { receiver: receiver.value.trim() });
    });
    made.append(field(says.receiver, receiver), submitButton(facts.acts.handed_over));
    return made;
  }
  function submitButton(text) {
    const made = make("button", says.save + " · " + text, "big primary");
    made.type = "submit";
    return made;
  }

  function told(one) {
    const trip = kept && kept.list && kept.list.trips.find((other) => other.trip === one.trip);
    const door = trip && trip.doors.find((other) => other.leg === one.leg);
    return [one.happened_at, facts.acts[one.kind] + (door ? " · " + door.rank + "." : "")];
  }

  outbox = outboxes.open({
    database: "sizao-crew", store: "acts", round: facts.round, atOnce: facts.atOnce, address: facts.send, says,
    body: (acts) => ({
      acts: acts.map((one) => ({
        key: one.key, trip: one.trip, leg: one.leg, kind: one.kind, happened_at: one.happened_at,
        identity_checked: one.identity_checked, temperature_c: one.temperature_c, symptoms: one.symptoms,
        reason: one.reason, receiver: one.receiver, note: one.note,
      })),
    }),
    told: (answer) => answer.acts,
    // What was found of a person need not stay on this device once it was sent.
    settle: (item) => { for (const name of ["temperature_c", "symptoms", "receiver", "note"]) delete item[name]; },
    changed: async () => { await draw(); },
  });
  outbox.opening.then(outbox.send).then(fetchList).catch(() => { say(says.noStore, true); fetchList(); });
  setInterval(fetchList, AGAIN_MS);
  addEventListener("online", fetchList);
  outboxes.keepPage(page.dataset.worker);
  draw();
})();
