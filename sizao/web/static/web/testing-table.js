// The page at the table. A scanner is a keyboard that ends with Enter: what was scanned says by itself whether it is a
// tube (twelve digits with two check digits) or a person. What is taken is kept and sent by the outbox.
(() => {
  "use strict";
  const page = document.querySelector("[data-table]");
  if (!page) return;
  const facts = JSON.parse(document.getElementById("table-facts").textContent);
  const says = facts.says;
  const part = (name) => page.querySelector("[data-" + name + "]");
  const input = part("input");
  const outboxes = window.sizaoOutbox;
  const setup = outboxes.read("sizao-table-" + facts.round) || {};
  let tube = setup.tube || null; // {code, kind, size, members}
  let asked = ""; // an identity with a wrong check digit, entered once
  let outbox = null;

  // --- What was scanned ---------------------------------------------------------------------------
  const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  function wrongId(text) {
    if (!/^\d{17}[\dX]$/.test(text)) return false;
    const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(text[place]), 0);
    return "10X98765432"[sum % 11] !== text[17];
  }

  function scanned(raw) {
    const text = outboxes.typed(raw);
    if (!text) return;
    if (/^\d{12}$/.test(text)) return outboxes.isTube(text) ? openTube(text) : say(says.wrongTube, true);
    if (/^B\d{12}$/.test(text)) return say(says.isBox, true);
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
      key: outboxes.newKey(), tube: tube.code, kind: tube.kind, taken_at: new Date().toISOString(), shown,
      site: Number(setup.site) || null, table: Number(setup.table) || null,
    }, who);
    try {
      await outbox.put(swab);
    } catch (fault) {
      return say(says.noStore, true);
    }
    tube.members.push(mark);
    remember();
    draw();
    say(tube.members.length >= tube.size ? says.full : says.added, tube.members.length >= tube.size);
    outbox.send();
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
    await outboxes.draw(page, outbox, says, facts.answers, facts.oddities, (one) => [one.taken_at, one.shown + " → " + one.tube.slice(-5)]);
  }
  function remember() {
    setup.tube = tube;
    outboxes.remember("sizao-table-" + facts.round, setup);
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
  // Where there is one site only, nobody need say at which.
  if (!setup.site && facts.sites.length === 1) setup.site = String(facts.sites[0].id);
  part("site").value = setup.site || "";
  part("table-number").value = setup.table || "";
  part("site").addEventListener("change", (event) => { setup.site = event.target.value; remember(); });
  part("table-number").addEventListener("change", (event) => { setup.table = event.target.value.replace(/\D/g, ""); remember(); });

  outbox = outboxes.open({
    database: "sizao-outbox", store: "swabs", round: facts.round, atOnce: facts.atOnce, address: facts.send, says,
    body: (box) => ({
      swabs: box.map((one) => ({
        key: one.key, tube: one.tube, kind: one.kind, taken_at: one.taken_at, entry: one.entry, id_number: one.id_number,
        name: one.name, phone: one.phone, site: one.site, table: one.table,
      })),
    }),
    told: (answer) => answer.swabs,
    settle: (swab) => {
      // What has been answered for needs no identity here any more.
      for (const name of ["id_number", "name", "phone"]) delete swab[name];
    },
    changed: draw,
  });
  outbox.opening.then(outbox.send).catch(() => say(says.noStore, true));
  outboxes.keepPage(page.dataset.worker);
  draw();
  input.focus();
})();
