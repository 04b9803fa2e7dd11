// Where a case was, hour by hour: places on local boundaries, MapLibre where there is WebGL, else ECharts.
// Times come as the clocks there showed them and are counted as if they were UTC, so that no browser shifts them.
(() => {
  "use strict";
  const words = JSON.parse(document.getElementById("words").textContent);
  const picture = document.getElementById("picture"), holder = document.getElementById("map");
  const said = document.querySelector("[data-hour-said]"), hours = document.querySelector("[data-hours]");
  const range = document.querySelector("[data-hour-range]"), play = document.querySelector("[data-hour-play]");
  const HOUR = 3600_000, STEP_MS = 450, CLOSEST_ZOOM = 12, COUNTY_ZOOM = 8.5, APART = 0.06;
  const NOW = "#b3261e", BEFORE = "#f0b7a8", BEFORE_EDGE = "#b5472f", LATER_EDGE = "#9aa7b2";
  const at = (clock) => Date.parse(clock + "Z");
  const two = (number) => String(number).padStart(2, "0");
  const told = (ms) => { const d = new Date(ms); return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${two(d.getUTCHours())}:00`; };
  const filled = (text, facts) => text.replace(/\{(\w+)\}/g, (gap, name) => facts[name] ?? gap);
  const escape = (text) => { const span = document.createElement("span"); span.textContent = text; return span.innerHTML; };

  async function fetched(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.message || words.failed);
    return body;
  }

  // The middle of a county's bounding box: enough for a place of which nothing but the county is known.
  function middles(shapes) {
    const found = new Map();
    for (const { properties, geometry } of shapes ? shapes.features : []) {
      const box = [180, 90, -180, -90];
      const walk = (part) => {
        if (typeof part[0] !== "number") { part.forEach(walk); return; }
        box[0] = Math.min(box[0], part[0]); box[1] = Math.min(box[1], part[1]);
        box[2] = Math.max(box[2], part[0]); box[3] = Math.max(box[3], part[1]);
      };
      walk(geometry.coordinates);
      found.set(properties.adcode, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
    }
    return found;
  }

  // Places of one county without a position of their own stand in a spiral around its middle, marked as such.
  function positioned(spots, shapes) {
    const centres = middles(shapes), there = new Map();
    return spots.map((spot, number) => {
      if (spot.at) return { ...spot, number, vague: false };
      const centre = centres.get(spot.county);
      if (!centre) return { ...spot, number, at: null, vague: true };
      const turn = there.get(spot.county) || 0;
      there.set(spot.county, turn + 1);
      const angle = turn * 2.4, far = APART * Math.sqrt(turn);
      return { ...spot, number, at: [centre[0] + far * Math.cos(angle), centre[1] + far * Math.sin(angle)], vague: true };
    });
  }

  // The counties in which places lie, by name, with their middles: so that the sketch says where it is.
  function countiesOf(drawn, shapes) {
    const centres = middles(shapes), wanted = new Set(drawn.map((spot) => spot.county));
    const found = shapes ? shapes.features.filter(({ properties }) => wanted.has(properties.adcode)) : [];
    return found.map(({ properties }) => [properties.name, centres.get(properties.adcode)]);
  }

  function statesAt(stays, n_spots, hour) {
    const states = Array(n_spots).fill(0); // 0 later, 1 before, 2 now
    const here = [];
    for (const stay of stays) {
      if (at(stay.from) < hour + HOUR && at(stay.to) > hour) { states[stay.spot] = 2; here.push(stay); }
      else if (at(stay.to) <= hour && states[stay.spot] === 0) states[stay.spot] = 1;
    }
    return { states, here };
  }

  function hasWebGL() {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") || canvas.getContext("webgl"));
  }

  const boundsOf = (spots) => spots.reduce(
    ([[west, south], [east, north]], { at: [x, y] }) => [[Math.min(west, x), Math.min(south, y)], [Math.max(east, x), Math.max(north, y)]],
    [[180, 90], [-180, -90]],
  );
  const describe = (spot) => `<b>${escape(spot.name)}</b><br>${escape([spot.kind, spot.area].filter(Boolean).join(" · "))}${spot.vague ? "<br>" + escape(words.by_county) : ""}`;

  function onWebGL(drawn, shapes, names, first) {
    maplibregl.setWorkerUrl(picture.dataset.worker);
    const features = (states) => ({
      type: "FeatureCollection",
      features: drawn.map((spot) => ({
        type: "Feature", geometry: { type: "Point", coordinates: spot.at },
        properties: { number: spot.number, state: states[spot.number], vague: spot.vague },
      })),
    });
    const map = new maplibregl.Map({
      container: holder, bounds: boundsOf(drawn), fitBoundsOptions: { padding: 40, maxZoom: drawn.some((spot) => spot.vague) ? COUNTY_ZOOM : CLOSEST_ZOOM }, attributionControl: false,
      dragRotate: false, pitchWithRotate: false, fadeDuration: 0, preserveDrawingBuffer: true,
      locale: { "Map.Title": words.map, "NavigationControl.ZoomIn": words.zoom_in, "NavigationControl.ZoomOut": words.zoom_out },
      style: {
        version: 8,
        sources: {
          ...(shapes ? { counties: { type: "geojson", data: shapes } } : {}),
          spots: { type: "geojson", data: features(first) },
        },
        layers: [
          { id: "ground", type: "background", paint: { "background-color": "#f8fafb" } },
          ...(shapes ? [{ id: "border", type: "line", source: "counties", paint: { "line-color": "#c3ccd4", "line-width": 1 } }] : []),
          { id: "spots", type: "circle", source: "spots", layout: { "circle-sort-key": ["get", "state"] }, paint: {
            "circle-radius": ["match", ["get", "state"], 2, 10, 6],
            "circle-color": ["match", ["get", "state"], 2, NOW, 1, BEFORE, "#ffffff"],
            "circle-stroke-color": ["match", ["get", "state"], 2, NOW, 1, BEFORE_EDGE, LATER_EDGE],
            "circle-stroke-width": 2, "circle-opacity": ["case", ["get", "vague"], 0.55, 1] } },
        ],
      },
    });
    map.touchZoomRotate.disableRotation();
    map.scrollZoom.disable(); // the page scrolls; the buttons and two fingers zoom
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    let ready = false, waiting = first, labels = [];
    const show = (states) => {
      waiting = states;
      if (!ready) return;
      map.getSource("spots").setData(features(states));
      labels.forEach((label) => label.remove());
      labels = drawn.filter((spot) => states[spot.number] === 2).map((spot) => {
        const element = Object.assign(document.createElement("div"), { className: "place", textContent: spot.name, role: "note", ariaLabel: spot.name });
        return new maplibregl.Marker({ element, anchor: "top", offset: [0, 12] }).setLngLat(spot.at).addTo(map);
      });
    };
    for (const [name, centre] of names) {
      const element = Object.assign(document.createElement("div"), { className: "county-name", textContent: name, role: "note", ariaLabel: name });
      new maplibregl.Marker({ element, anchor: "bottom", offset: [0, -14] }).setLngLat(centre).addTo(map);
    }
    map.on("load", () => { ready = true; show(waiting); holder.dataset.drawn = "maplibre"; });
    const popup = new maplibregl.Popup({ closeButton: false, maxWidth: "18rem", offset: 10 });
    const tell = (event) => popup.setLngLat(event.lngLat).setHTML(describe(drawn.find((spot) => spot.number === event.features[0].properties.number))).addTo(map);
    map.on("mousemove", "spots", tell);
    map.on("click", "spots", tell);
    map.on("mouseleave", "spots", () => popup.remove());
    return show;
  }

  function onCanvas(drawn, shapes, names, first) {
    if (shapes) window.echarts.registerMap("counties", shapes);
    const chart = window.echarts.init(holder);
    window.addEventListener("resize", () => chart.resize());
    const [[west, south], [east, north]] = boundsOf(drawn);
    const margin = Math.max(0.05, 0.2 * Math.max(east - west, north - south));
    const frame = shapes
      ? { geo: { map: "counties", roam: true, boundingCoords: [[west - margin, north + margin], [east + margin, south - margin]], itemStyle: { areaColor: "#f8fafb", borderColor: "#c3ccd4" }, emphasis: { disabled: true }, silent: true } }
      : { xAxis: { type: "value", scale: true, show: false }, yAxis: { type: "value", scale: true, show: false } };
    const color = [["#ffffff", LATER_EDGE], [BEFORE, BEFORE_EDGE], [NOW, NOW]];
    const show = (states) => {
      chart.setOption({
        ...frame, animation: false, tooltip: { formatter: (point) => (point.seriesIndex === 1 ? describe(drawn[point.dataIndex]) : "") },
        series: [{
          type: "scatter", coordinateSystem: shapes ? "geo" : "cartesian2d", symbolSize: 1, silent: true,
          data: names.map(([name, value]) => ({ value, label: { show: true, formatter: name, position: "top", distance: 12, color: "#5a6774" } })),
        }, {
          type: "scatter", coordinateSystem: shapes ? "geo" : "cartesian2d",
          data: drawn.map((spot) => ({
            value: spot.at, symbolSize: states[spot.number] === 2 ? 18 : 11,
            itemStyle: { color: color[states[spot.number]][0], borderColor: color[states[spot.number]][1], borderWidth: 2, borderType: spot.vague ? "dashed" : "solid" },
            label: { show: states[spot.number] === 2, formatter: spot.name, position: "bottom", color: "#1b2733", fontSize: 11 },
          })),
        }],
      });
      holder.dataset.drawn = "echarts";
    };
    show(first);
    return show;
  }

  function legend(hasVague) {
    const marks = [["now", words.here_now], ["before", words.was_here], ["later", words.not_yet], ...(hasVague ? [["vague", words.by_county]] : [])];
    document.querySelector("[data-hour-legend]").innerHTML = marks.map(([mark, text]) => `<span><i class="${mark}"></i>${escape(text)}</span>`).join("");
  }

  function steer(stays, spots, show) {
    const start = Math.floor(Math.min(...stays.map((stay) => at(stay.from))) / HOUR) * HOUR;
    const end = Math.max(...stays.map((stay) => at(stay.to)));
    const busiest = stays.reduce((one, other) => (other.others > one.others ? other : one));
    range.max = Math.max(0, Math.ceil((end - start) / HOUR) - 1);
    range.value = Math.floor((at(busiest.from) - start) / HOUR);
    const move = () => {
      const hour = start + Number(range.value) * HOUR;
      const { states, here } = statesAt(stays, spots.length, hour);
      show(states);
      const time = told(hour);
      const lines = here.map((stay) => filled(words.at, { time, place: spots[stay.spot].name, n: stay.others }));
      said.textContent = lines.join(" · ") || filled(words.nowhere, { time });
      range.setAttribute("aria-valuetext", said.textContent);
    };
    let timer = null;
    const stop = () => { clearInterval(timer); timer = null; play.textContent = "▶"; play.title = words.play; play.setAttribute("aria-label", words.play); play.setAttribute("aria-pressed", "false"); };
    const go = () => {
      if (range.value === range.max) range.value = 0;
      play.textContent = "⏸"; play.title = words.stop; play.setAttribute("aria-label", words.stop); play.setAttribute("aria-pressed", "true");
      timer = setInterval(() => { if (range.value === range.max) { stop(); return; } range.stepUp(); move(); }, STEP_MS);
    };
    play.addEventListener("click", () => (timer ? stop() : go()));
    range.addEventListener("input", () => { if (timer) stop(); move(); });
    stop();
    hours.hidden = false;
    move();
  }

  async function open() {
    const [data, shapes] = await Promise.all([
      fetched(picture.dataset.places), picture.dataset.boundaries ? fetched(picture.dataset.boundaries).catch(() => null) : null,
    ]);
    if (!data.stays.length) { holder.textContent = words.no_places; holder.dataset.drawn = "nothing"; return; }
    const spots = positioned(data.spots, shapes);
    const drawn = spots.filter((spot) => spot.at);
    const nothing = Array(spots.length).fill(0);
    let show = () => {};
    if (drawn.length) show = (hasWebGL() ? onWebGL : onCanvas)(drawn, shapes, countiesOf(drawn, shapes), nothing);
    else { holder.hidden = true; holder.dataset.drawn = "nothing"; }
    legend(drawn.some((spot) => spot.vague));
    steer(data.stays, spots, show);
  }
  open().catch((fault) => { holder.textContent = fault.message || words.failed; holder.dataset.drawn = "nothing"; });
})();
