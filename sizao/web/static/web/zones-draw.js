// An outline drawn corner by corner on local boundaries; what is drawn stands as GeoJSON in the form, and is sent with it.
(() => {
  "use strict";
  const holder = document.getElementById("zone-map"), field = document.getElementById("zone-outline");
  if (!holder || !window.maplibregl) { if (holder) holder.hidden = true; return; }
  // An outline that stands already is where redrawing begins.
  let corners = [];
  try { corners = JSON.parse(field.value).coordinates[0].slice(0, -1); } catch (fault) { corners = []; }
  maplibregl.setWorkerUrl(holder.dataset.worker);

  const ring = () => [...corners, corners[0]];
  const drawn = () => ({ type: "FeatureCollection", features: [
    ...(corners.length > 2 ? [{ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring()] } }] : []),
    ...corners.map((at) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } })),
  ] });
  const spread = (shapes) => {
    const all = shapes.features.filter((one) => one.geometry.type !== "Point").flatMap((one) => one.geometry.coordinates.flat(one.geometry.type === "Polygon" ? 1 : 2));
    return all.reduce(([[west, south], [east, north]], [x, y]) => [[Math.min(west, x), Math.min(south, y)], [Math.max(east, x), Math.max(north, y)]], [[180, 90], [-180, -90]]);
  };

  // The county asked for, where the outlines know it; else all of them.
  const near = (shapes) => {
    const mine = shapes.features.filter((one) => holder.dataset.area && String(one.properties.adcode) === holder.dataset.area.slice(0, 6));
    return mine.length ? { features: mine } : shapes;
  };

  async function open() {
    const shapes = holder.dataset.boundaries ? await (await fetch(holder.dataset.boundaries)).json() : null;
    const map = new maplibregl.Map({
      container: holder, attributionControl: false, dragRotate: false, fadeDuration: 0,
      ...(corners.length > 2 ? { bounds: spread(drawn()), fitBoundsOptions: { padding: 40 } } : shapes ? { bounds: spread(near(shapes)), fitBoundsOptions: { padding: 20 } } : { center: [114.5, 38], zoom: 8 }),
      style: { version: 8,
        sources: { ...(shapes ? { counties: { type: "geojson", data: shapes } } : {}), drawn: { type: "geojson", data: drawn() } },
        layers: [
          { id: "ground", type: "background", paint: { "background-color": "#f8fafb" } },
          ...(shapes ? [{ id: "border", type: "line", source: "counties", paint: { "line-color": "#9aa9b5" } }] : []),
          { id: "inside", type: "fill", source: "drawn", filter: ["==", "$type", "Polygon"], paint: { "fill-color": "#c2571a", "fill-opacity": 0.25 } },
          { id: "corners", type: "circle", source: "drawn", filter: ["==", "$type", "Point"], paint: { "circle-radius": 5, "circle-color": "#c2571a" } },
        ] },
    });
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    const show = () => {
      map.getSource("drawn").setData(drawn());
      field.value = corners.length > 2 ? JSON.stringify({ type: "Polygon", coordinates: [ring()] }) : "";
    };
    map.on("click", (event) => { corners.push([Number(event.lngLat.lng.toFixed(6)), Number(event.lngLat.lat.toFixed(6))]); show(); });
    document.getElementById("zone-undo").addEventListener("click", () => { corners.pop(); show(); });
    map.on("load", () => { holder.dataset.drawn = "maplibre"; });
  }
  open().catch(() => { holder.hidden = true; });
})();
