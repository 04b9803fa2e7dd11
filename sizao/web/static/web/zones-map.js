// Where the areas of the public list lie: outlines and points on the counties; a press says which it is.
(() => {
  "use strict";
  const holder = document.getElementById("areas-map");
  if (!holder || !window.maplibregl) { if (holder) holder.hidden = true; return; }
  maplibregl.setWorkerUrl(holder.dataset.worker);
  const COLOUR = ["match", ["get", "level"], "high", "#b3261e", "medium", "#b86e00", "#2f7d4f"];

  const corners = (geometry) => geometry.type === "Point" ? [geometry.coordinates] : geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2);
  function spread(shapes) {
    const all = shapes.flatMap((one) => corners(one.geometry));
    const [xs, ys] = [all.map((at) => at[0]), all.map((at) => at[1])];
    return [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]];
  }
  async function open() {
    const areas = await (await fetch(holder.dataset.areas)).json();
    const shown = areas.features.filter((one) => one.geometry && !one.properties.lifted);
    if (!shown.length) { holder.hidden = true; return; }
    const ground = holder.dataset.ground ? await (await fetch(holder.dataset.ground)).json() : null;
    const map = new maplibregl.Map({
      container: holder, attributionControl: false, dragRotate: false, fadeDuration: 0,
      bounds: spread(shown), fitBoundsOptions: { padding: 60, maxZoom: 11 },
      style: { version: 8,
        sources: { ...(ground ? { ground: { type: "geojson", data: ground } } : {}), areas: { type: "geojson", data: { type: "FeatureCollection", features: shown } } },
        layers: [
          { id: "paper", type: "background", paint: { "background-color": "#f8fafb" } },
          ...(ground ? [{ id: "border", type: "line", source: "ground", paint: { "line-color": "#9aa9b5" } }] : []),
          { id: "inside", type: "fill", source: "areas", filter: ["==", "$type", "Polygon"], paint: { "fill-color": COLOUR, "fill-opacity": 0.3 } },
          { id: "outline", type: "line", source: "areas", filter: ["==", "$type", "Polygon"], paint: { "line-color": COLOUR, "line-width": 2 } },
          { id: "point", type: "circle", source: "areas", filter: ["==", "$type", "Point"], paint: { "circle-radius": 7, "circle-color": COLOUR, "circle-stroke-color": "#fff", "circle-stroke-width": 1.5 } },
        ] },
    });
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.on("click", (event) => {
      const [found] = map.queryRenderedFeatures(event.point, { layers: ["inside", "point"] });
      if (!found) return;
      const name = document.createElement("b");
      name.textContent = found.properties.name;
      new maplibregl.Popup({ closeButton: false }).setLngLat(event.lngLat).setDOMContent(name).addTo(map);
    });
    map.on("load", () => { holder.dataset.drawn = "maplibre"; });
  }
  open().catch(() => { holder.hidden = true; });
})();
