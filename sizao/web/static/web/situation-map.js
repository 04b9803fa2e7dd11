// Counties on local boundaries: MapLibre where there is WebGL, else ECharts. No tiles, no glyphs.
// A look says what a county's number, outline and words are; the situation's own look shows cases.
window.sizaoMap = (() => {
  "use strict";
  const STEPS = [[1, "#fbe0cc"], [5, "#f6b98f"], [20, "#e9875a"], [100, "#cb5333"], [300, "#8f2a19"]];
  const NONE = "#f8fafb", HIGH = "#b3261e", MEDIUM = "#e19a2c";
  const casesOf = (county) => county.confirmed + county.asymptomatic;
  const gradeOf = (county) => (county.official_high ? 2 : county.official_medium ? 1 : 0);
  const escape = (text) => { const span = document.createElement("span"); span.textContent = text; return span.innerHTML; };

  function legend(title, none, steps) {
    const spans = steps.map(([from, color], n) => {
      const next = steps[n + 1];
      const to = next ? (next[0] - 1 === from ? "" : "–" + (next[0] - 1)) : "+";
      return `<span><i style="background:${color}"></i>${from}${to}</span>`;
    });
    spans.unshift(`<b>${escape(title)}</b><span><i style="background:${NONE}"></i>${escape(none)}</span>`);
    return spans;
  }

  function legendOfCases(words) {
    const spans = legend(words.cases, words.none, STEPS);
    spans.push(`<span><i class="line" style="color:${HIGH}"></i>${escape(words.decided)}: ${escape(words.high)}</span>`);
    spans.push(`<span><i class="line" style="color:${MEDIUM}"></i>${escape(words.decided)}: ${escape(words.medium)}</span>`);
    spans.push(`<span><i class="dot high"></i>${escape(words.proposed)}: ${escape(words.high)}</span>`);
    spans.push(`<span><i class="dot medium"></i>${escape(words.proposed)}: ${escape(words.medium)}</span>`);
    return spans;
  }

  // What sizao proposes stands in dots on the label; what was decided is the outline of the county.
  function proposals(county) {
    const dot = (count, level) => (count ? `<span><i class="dot ${level}"></i>${count}</span> ` : "");
    const dots = dot(county.zones_high, "high") + dot(county.zones_medium, "medium");
    return dots && `<br>${dots}`;
  }

  function described(name, county, words) {
    const rows = county ? [
      [words.cases, casesOf(county)], [words.new, county.new],
      [words.proposed, `${words.high} ${county.zones_high}, ${words.medium} ${county.zones_medium}`],
      [words.decided, `${words.high} ${county.official_high}, ${words.medium} ${county.official_medium}`],
    ] : [[words.cases, 0]];
    return `<b>${escape(name)}</b><br>` + rows.map(([label, value]) => `${escape(label)}: ${escape(String(value))}`).join("<br>");
  }

  const CASES = {
    steps: STEPS, legend: legendOfCases, described, value: casesOf, grade: gradeOf,
    title: (words) => words.cases,
    isLabelled: (county) => casesOf(county) || county.zones_high || county.zones_medium,
    label: (name, county) => `${escape(name)} <b>${casesOf(county)}</b>${proposals(county)}`,
  };

  // The middle of a county's largest ring, weighted by area, so that its label stands inside.
  function middle(feature) {
    const polygons = feature.geometry.type === "Polygon" ? [feature.geometry.coordinates] : feature.geometry.coordinates;
    let best = null;
    for (const [ring] of polygons) {
      let area = 0, x = 0, y = 0;
      for (let n = 0; n + 1 < ring.length; n += 1) {
        const cross = ring[n][0] * ring[n + 1][1] - ring[n + 1][0] * ring[n][1];
        area += cross; x += (ring[n][0] + ring[n + 1][0]) * cross; y += (ring[n][1] + ring[n + 1][1]) * cross;
      }
      if (!best || Math.abs(area) > best.area) best = { area: Math.abs(area), at: [x / (3 * area), y / (3 * area)] };
    }
    return best.at;
  }

  // The counties that hold nearly all there is: a single case far away must not make the rest small.
  function mostAffected(counties, valueOf) {
    const most = 0.95 * counties.reduce((sum, county) => sum + valueOf(county), 0);
    const kept = new Set();
    let sum = 0;
    for (const county of [...counties].sort((one, other) => valueOf(other) - valueOf(one))) {
      if (sum >= most) break;
      sum += valueOf(county);
      kept.add(county.code);
    }
    return kept;
  }

  // Labels that would cover a graver county's label are left out until one zooms in.
  function declutter(markers) {
    const kept = [];
    for (const marker of markers) {
      const element = marker.getElement();
      element.style.visibility = "visible";
      const box = element.getBoundingClientRect();
      const covers = kept.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
      if (covers) element.style.visibility = "hidden";
      else kept.push(box);
    }
  }

  function bounds(features) {
    const box = [180, 90, -180, -90];
    const walk = (part) => {
      if (typeof part[0] === "number") {
        box[0] = Math.min(box[0], part[0]); box[1] = Math.min(box[1], part[1]);
        box[2] = Math.max(box[2], part[0]); box[3] = Math.max(box[3], part[1]);
      } else part.forEach(walk);
    };
    features.forEach((feature) => walk(feature.geometry.coordinates));
    return [[box[0], box[1]], [box[2], box[3]]];
  }

  function hasWebGL() {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") || canvas.getContext("webgl"));
  }

  // --- MapLibre ---------------------------------------------------------------------------------
  function onWebGL(holder, shapes, worker, first, words, look) {
    maplibregl.setWorkerUrl(worker);
    const affected = mostAffected(first, look.value);
    const around = shapes.features.filter((feature) => affected.has(feature.properties.adcode));
    const state = (name, otherwise) => ["coalesce", ["feature-state", name], otherwise];
    const map = new maplibregl.Map({
      container: holder, bounds: bounds(around.length ? around : shapes.features), fitBoundsOptions: { padding: 36 },
      attributionControl: false, dragRotate: false, pitchWithRotate: false, cooperativeGestures: false, preserveDrawingBuffer: true,
      fadeDuration: 0,
      locale: {
        "Map.Title": words.map, "Marker.Title": look.title(words),
        "NavigationControl.ZoomIn": words.zoom_in, "NavigationControl.ZoomOut": words.zoom_out,
      },
      style: {
        version: 8,
        sources: { counties: { type: "geojson", data: shapes, promoteId: "adcode" } },
        layers: [
          { id: "sea", type: "background", paint: { "background-color": "#eef2f5" } },
          { id: "fill", type: "fill", source: "counties", paint: { "fill-color": ["step", state("value", 0), NONE, ...look.steps.flat()] } },
          { id: "border", type: "line", source: "counties", paint: { "line-color": "#c3ccd4", "line-width": 0.8 } },
          { id: "grade", type: "line", source: "counties", paint: {
            "line-color": ["match", state("grade", 0), 2, HIGH, 1, MEDIUM, "rgba(0,0,0,0)"], "line-width": 2.4, "line-offset": 1.2 } },
        ],
      },
    });
    map.touchZoomRotate.disableRotation();
    map.scrollZoom.disable(); // the page scrolls; the buttons and two fingers zoom
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    const centres = new Map(shapes.features.map((feature) => [feature.properties.adcode, { name: feature.properties.name, at: middle(feature) }]));
    let markers = [], counties = new Map(), ready = false, waiting = first;

    function show(list) {
      counties = new Map(list.map((county) => [county.code, county]));
      if (!ready) { waiting = list; return; }
      map.removeFeatureState({ source: "counties" });
      markers.forEach((marker) => marker.remove());
      markers = [];
      for (const county of list) {
        const centre = centres.get(county.code);
        if (!centre) continue;
        map.setFeatureState({ source: "counties", id: county.code }, { value: look.value(county), grade: look.grade(county) });
        if (!look.isLabelled(county)) continue;
        const label = document.createElement("div");
        label.className = "place";
        label.innerHTML = look.label(centre.name, county);
        label.role = "note"; // it can only be read, so it is no button
        label.ariaLabel = label.textContent.trim();
        markers.push(new maplibregl.Marker({ element: label }).setLngLat(centre.at).addTo(map));
      }
      declutter(markers);
    }
    map.on("moveend", () => declutter(markers));
    map.on("load", () => { ready = true; show(waiting); holder.dataset.drawn = "maplibre"; });
    const popup = new maplibregl.Popup({ closeButton: false, maxWidth: "18rem", offset: 8 });
    const tell = (event) => {
      const { adcode, name } = event.features[0].properties;
      popup.setLngLat(event.lngLat).setHTML(look.described(name, counties.get(adcode), words)).addTo(map);
    };
    map.on("mousemove", "fill", tell);
    map.on("click", "fill", tell);
    map.on("mouseleave", "fill", () => popup.remove());
    return { show };
  }

  // --- ECharts, where there is no WebGL ------------------------------------------------------------
  function onCanvas(holder, shapes, first, words, look) {
    window.echarts.registerMap("counties", shapes);
    const affected = mostAffected(first, look.value);
    const [southWest, northEast] = bounds(shapes.features.filter((feature) => !affected.size || affected.has(feature.properties.adcode)));
    const names = new Map(shapes.features.map((feature) => [feature.properties.adcode, feature.properties.name]));
    const chart = window.echarts.init(holder);
    window.addEventListener("resize", () => chart.resize());
    function show(list) {
      const counties = new Map(list.map((county) => [county.code, county]));
      chart.setOption({
        tooltip: { formatter: (at) => look.described(names.get(at.name) || "", counties.get(at.name), words) },
        visualMap: { type: "piecewise", show: false, outOfRange: { color: NONE },
          pieces: look.steps.map(([min, color], n, all) => ({ min, max: all[n + 1] ? all[n + 1][0] - 1 : undefined, color })) },
        series: [{
          type: "map", map: "counties", nameProperty: "adcode", roam: true, animation: false,
          boundingCoords: [[southWest[0], northEast[1]], [northEast[0], southWest[1]]], labelLayout: { hideOverlap: true },
          itemStyle: { borderColor: "#c3ccd4", areaColor: NONE },
          label: { show: false },
          data: list.filter((county) => names.has(county.code)).map((county) => ({
            name: county.code, value: look.value(county),
            label: { show: true, fontSize: 11, formatter: () => `${names.get(county.code)} ${look.value(county)}` },
            itemStyle: look.grade(county) ? { borderColor: look.grade(county) === 2 ? HIGH : MEDIUM, borderWidth: 2 } : {},
          })),
        }],
      }, { notMerge: true });
      holder.dataset.drawn = "echarts";
    }
    return { show };
  }

  return {
    HIGH, MEDIUM, escape, legend,
    async open(picture, counties, words, look = CASES) {
      const holder = document.getElementById("map");
      const address = picture.dataset.boundaries;
      if (!address) { holder.textContent = words.no_map; return { show() {} }; }
      document.getElementById("map-legend").innerHTML = look.legend(words).join("");
      const answer = await fetch(address);
      if (!answer.ok) { holder.textContent = words.no_map; return { show() {} }; }
      const shapes = await answer.json();
      const drawn = hasWebGL() ? onWebGL(holder, shapes, picture.dataset.worker, counties, words, look) : onCanvas(holder, shapes, counties, words, look);
      drawn.show(counties);
      return drawn;
    },
  };
})();
