// A sketch of villages, sites and laboratories on local boundaries, drawn on a canvas: thousands of points on any phone.
// The plan draws it once; the board draws it again with each new state ("testing:points").
(() => {
  "use strict";
  const waits = document.querySelector("[data-waits]");
  if (waits) {
    const look = async () => {
      try {
        const told = await (await fetch(waits.dataset.waits, { headers: { Accept: "application/json" } })).json();
        waits.querySelector("[data-waits-said]").textContent = told.said;
        if (told.state === "made" || told.state === "failed") return location.reload();
      } catch { /* asked again below */ }
      setTimeout(look, 2500);
    };
    setTimeout(look, 1500);
  }

  const holder = document.getElementById("testing-map");
  if (!holder) return;
  const SITE = "#1f4e79", BUSY = "#c2571a", CLOSED = "#b9a27a", LAB = "#6b3fa0", VILLAGE = "#9aa9b5", LINE = "#c3ccd4";
  const canvas = document.createElement("canvas"), says = document.createElement("div"), zoom = document.createElement("div");
  says.className = "says"; says.hidden = true; zoom.className = "zoom";
  holder.append(canvas, says, zoom);
  let points = null, shapes = null, view = null, drawnAt = [];
  const still = { east: 0, north: 0, scale: 1 };

  for (const [sign, factor] of [["+", 1.6], ["−", 1 / 1.6]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign });
    button.addEventListener("click", () => { view.scale *= factor; draw(); });
    zoom.append(button);
  }

  const all = () => [...points.sites.map((one) => one.at), ...points.villages, ...points.laboratories.map((one) => one.at)];
  function fitted() {
    const east = all().map((one) => one[0]), north = all().map((one) => one[1]);
    const low = (values) => values.reduce((a, b) => Math.min(a, b)), high = (values) => values.reduce((a, b) => Math.max(a, b));
    const middle = { east: (low(east) + high(east)) / 2, north: (low(north) + high(north)) / 2 };
    const narrow = Math.cos((middle.north * Math.PI) / 180);
    const wide = Math.max((high(east) - low(east)) * narrow, 0.15), tall = Math.max(high(north) - low(north), 0.15);
    return { ...still, ...middle, narrow, unit: 0.88 * Math.min(holder.clientWidth / wide, holder.clientHeight / tall) };
  }
  const place = ([east, north]) => {
    const k = view.unit * view.scale;
    return [holder.clientWidth / 2 + (east - view.east) * view.narrow * k, holder.clientHeight / 2 - (north - view.north) * k];
  };

  function outline(pen) {
    pen.strokeStyle = LINE; pen.lineWidth = 1;
    for (const { geometry } of shapes ? shapes.features : []) {
      for (const polygon of geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates) {
        for (const ring of polygon) {
          pen.beginPath();
          ring.forEach((one, n) => pen[n ? "lineTo" : "moveTo"](...place(one)));
          pen.stroke();
        }
      }
    }
  }

  function dot(pen, [x, y], radius, fill, edge) {
    pen.beginPath(); pen.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) { pen.fillStyle = fill; pen.fill(); }
    if (edge) { pen.strokeStyle = edge; pen.lineWidth = 1.5; pen.stroke(); }
  }

  function draw() {
    if (!points || !holder.clientWidth) return;
    view = view || fitted();
    const sharp = window.devicePixelRatio || 1;
    canvas.width = holder.clientWidth * sharp; canvas.height = holder.clientHeight * sharp;
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    outline(pen);
    drawnAt = [];
    const few = points.villages.length < 400;
    for (const village of points.villages) dot(pen, place(village), few ? 2.5 : 1.2, VILLAGE);
    for (const site of points.sites) {
      const at = place(site.at), radius = site.size ? 3.5 + 1.6 * Math.sqrt(site.size) : 3;
      if (site.size) dot(pen, at, radius, site.busy ? BUSY : SITE, "#fff");
      else dot(pen, at, radius, null, CLOSED);
      drawnAt.push([at, site]);
    }
    for (const laboratory of points.laboratories) {
      const [x, y] = place(laboratory.at);
      pen.fillStyle = laboratory.busy ? BUSY : LAB; pen.fillRect(x - 6, y - 6, 12, 12);
      pen.strokeStyle = "#fff"; pen.lineWidth = 1.5; pen.strokeRect(x - 6, y - 6, 12, 12);
      drawnAt.push([[x, y], laboratory]);
    }
    holder.dataset.drawn = "canvas";
  }

  function tell(event) {
    const box = holder.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let best = null, near = 18;
    for (const [at, one] of drawnAt) {
      const far = Math.hypot(at[0] - x, at[1] - y);
      if (far < near) { near = far; best = [at, one]; }
    }
    says.hidden = !best;
    if (!best) return;
    says.textContent = `${best[1].name} · ${best[1].said}`;
    says.style.left = `${Math.min(best[0][0] + 10, holder.clientWidth - says.offsetWidth - 6)}px`;
    says.style.top = `${Math.min(best[0][1] + 10, holder.clientHeight - says.offsetHeight - 6)}px`;
  }

  let held = null;
  canvas.addEventListener("pointerdown", (event) => { held = [event.clientX, event.clientY, view && { ...view }]; tell(event); });
  canvas.addEventListener("pointermove", (event) => {
    if (!held || !event.buttons || !view) { tell(event); return; }
    const k = view.unit * view.scale;
    view.east = held[2].east - (event.clientX - held[0]) / (k * view.narrow);
    view.north = held[2].north + (event.clientY - held[1]) / k;
    draw();
  });
  window.addEventListener("pointerup", () => { held = null; });
  window.addEventListener("resize", () => { view = null; draw(); });
  document.addEventListener("testing:points", (event) => { points = event.detail; draw(); });

  const fetched = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  };
  if (holder.dataset.boundaries) fetched(holder.dataset.boundaries).then((found) => { shapes = found; draw(); }).catch(() => {});
  if (holder.dataset.points) fetched(holder.dataset.points).then((found) => { points = found; draw(); }).catch(() => { holder.dataset.drawn = "nothing"; });
})();
