// Packing boxes, and handing them over. A scan says by itself what it is: a box (B and twelve digits) or a tube (twelve
// digits). What was done is kept and sent by the outbox, with the moment at which it was done.
(() => {
  "use strict";
  const page = document.querySelector("[data-boxes]");
  if (!page) return;
  const facts = JSON.parse(document.getElementById("boxes-facts").textContent);
  const says = facts.says;
  const packs = page.dataset.boxes === "pack";
  const outboxes = window.sizaoOutbox;
  const part = (name) => page.querySelector("[data-" + name + "]");
  const input = part("input");
  const memory = "sizao-" + page.dataset.boxes + "-" + facts.round;
  const setup = outboxes.read(memory) || {};
  let box = (packs && setup.box) || null; // {code, tubes}
  let outbox = null;

  const spoken = (code) => [code.slice(0, 4), code.slice(4, 8), code.slice(8)].join(" ");

  function scanned(raw) {
    const text = outboxes.typed(raw);
    if (!text) return;
    if (text.startsWith("B")) return outboxes.isBox(text) ? (packs ? openBox(text) : handOver(text)) : say(says.wrongBox, true);
    if (!packs) return say(says.noBox, true);
    if (!outboxes.isTube(text)) return say(says.wrongTube, true);
    putIn(text);
  }
  function openBox(code) {
    if (box && box.code === code) return say(says.scanTubes);
    if (box && box.tubes.length) return say(says.closeFirst, true);
    box = { code, tubes: [] };
    remember();
    draw();
    say(says.scanTubes);
  }
  async function putIn(tube) {
    if (!box) return say(says.noBox, true);
    if (box.tubes.includes(tube)) return say(says.twice, true);
    if (!(await keep({ act: "put_in", box: box.code, tube, site: Number(setup.site) || null }))) return;
    box.tubes.push(tube);
    remember();
    draw();
    say(says.added);
  }
  async function close() {
    if (!box || !box.tubes.length) return say(says.emptyBox, true);
    if (!(await keep({ act: "closed", box: box.code, site: Number(setup.site) || null, count: box.tubes.length }))) return;
    box = null;
    remember();
    draw();
    say(says.closed);
  }
  async function handOver(code) {
    if (!setup.kind) return say(says.noKind, true);
    const facts = { act: "handed_over", box: code, kind: setup.kind, vehicle: setup.vehicle || "", giver: setup.giver || "" };
    if (!(await keep(facts))) return;
    draw();
    say(says.added + " " + spoken(code));
  }
  async function keep(act) {
    try {
      await outbox.put(Object.assign({ key: outboxes.newKey(), happened_at: new Date().toISOString() }, act));
    } catch (fault) {
      say(says.noStore, true);
      return false;
    }
    outbox.send();
    return true;
  }

  function say(text, isBad) {
    const line = part("says");
    line.textContent = text;
    line.classList.toggle("bad", Boolean(isBad));
  }
  async function draw() {
    if (packs) {
      part("box").textContent = box ? spoken(box.code) : "—";
      part("fill").textContent = box ? box.tubes.length : "";
      part("asks").textContent = box ? says.scanTubes : says.noBox;
      part("close").disabled = !box || !box.tubes.length;
      part("tubes").replaceChildren(...(box ? box.tubes : []).slice().reverse().map((tube) => {
        const item = document.createElement("li");
        item.textContent = spoken(tube);
        return item;
      }));
    } else {
      for (const button of page.querySelectorAll("[data-kind]")) {
        button.setAttribute("aria-pressed", String(button.dataset.kind === setup.kind));
      }
      part("asks").textContent = setup.kind ? says.noBox : says.noKind;
    }
    await outboxes.draw(page, outbox, says, facts.answers, facts.oddities, told);
  }
  function told(one) {
    const what = one.kind ? facts.kinds[one.kind] : facts.acts[one.act];
    const words = one.tube ? one.tube.slice(-5) + " → " + one.box.slice(-5) : spoken(one.box) + (one.count ? " (" + one.count + ")" : "");
    return [one.happened_at, what + " · " + words + (one.vehicle ? " · " + one.vehicle : "")];
  }
  function remember() {
    setup.box = box;
    outboxes.remember(memory, setup);
  }

  part("scan").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value;
    input.value = "";
    scanned(text);
    input.focus();
  });
  if (packs) {
    for (const site of facts.sites) {
      const option = document.createElement("option");
      option.value = site.id;
      option.textContent = site.name;
      part("site").append(option);
    }
    // Where there is one site only, nobody need say at which.
    if (!setup.site && facts.sites.length === 1) setup.site = String(facts.sites[0].id);
    part("site").value = setup.site || "";
    part("site").addEventListener("change", (event) => { setup.site = event.target.value; remember(); });
    part("close").addEventListener("click", () => { close(); input.focus(); });
  } else {
    for (const button of page.querySelectorAll("[data-kind]")) {
      button.addEventListener("click", () => { setup.kind = button.dataset.kind; remember(); draw(); input.focus(); });
    }
    for (const name of ["vehicle", "giver"]) {
      part(name).value = setup[name] || "";
      part(name).addEventListener("input", (event) => { setup[name] = event.target.value.trim(); remember(); });
    }
  }
  outbox = outboxes.open({
    database: "sizao-boxes", store: "acts", round: facts.round, atOnce: facts.atOnce, address: facts.send, says,
    body: (acts) => ({
      acts: acts.map((one) => ({
        key: one.key, act: one.act, box: one.box, happened_at: one.happened_at, tube: one.tube, kind: one.kind,
        vehicle: one.vehicle, giver: one.giver, site: one.site,
      })),
    }),
    told: (answer) => answer.acts,
    settle: () => { /* a box has no secret */ },
    changed: draw,
  });
  outbox.opening.then(outbox.send).catch(() => say(says.noStore, true));
  outboxes.keepPage(page.dataset.worker);
  draw();
  input.focus();
})();
