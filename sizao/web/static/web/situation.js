// The situation page: when the day moves, only the parts that changed are fetched and put in place.
(() => {
  "use strict";
  const picture = document.getElementById("picture");
  const read = (id, within = document) => JSON.parse(within.querySelector("#" + id).textContent);
  const words = read("words");
  let drawing = read("drawing");
  let map = null;
  let underway = null;

  window.sizaoCurve.draw(drawing.curve, words);
  window.sizaoMap.open(picture, drawing.counties, words).then((drawn) => { map = drawn; map.show(drawing.counties); });

  async function show(day) {
    if (underway) underway.abort();
    underway = new AbortController();
    const address = new URL(picture.dataset.partsAddress, location.href);
    address.search = location.search;
    address.searchParams.set("day", day);
    try {
      const answer = await fetch(address, { signal: underway.signal });
      if (!answer.ok) { location.assign(location.href); return; } // signed out, or refused: the page itself says why
      place(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch (fault) {
      if (fault.name !== "AbortError") throw fault;
    }
  }

  function place(parts) {
    for (const part of parts.querySelectorAll("[data-part]")) {
      document.querySelector(`#picture [data-part="${part.dataset.part}"]`).replaceChildren(...part.childNodes);
    }
    drawing = read("drawing", parts);
    window.sizaoCurve.draw(drawing.curve, words);
    if (map) map.show(drawing.counties);
    picture.dataset.day = new URL(location.href).searchParams.get("day");
  }

  document.addEventListener("day:chosen", (event) => { event.preventDefault(); show(event.detail.day); });
})();
