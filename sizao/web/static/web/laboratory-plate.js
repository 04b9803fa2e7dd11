// A plate fills as its tubes are scanned; a code that is mistyped, or stands there twice, is seen at once.
(() => {
  "use strict";
  const page = document.querySelector("[data-plating]");
  if (!page) return;
  const field = page.querySelector("[data-scanned]");
  const count = page.querySelector("[data-count]");
  const wells = [...document.querySelectorAll("[data-map] td")];
  // ISO 7064 MOD 97-10, as the labels are printed.
  const isTube = (code) => /^\d{12}$/.test(code) && Number(code) % 97 === 1;
  function draw() {
    const codes = field.value.toUpperCase().split(/\s+/).filter(Boolean);
    let wrong = Math.max(0, codes.length - wells.length);
    wells.forEach((well, place) => {
      const code = codes[place] || "";
      const control = code === "PC" || code === "NC";
      const bad = code && !control && (!isTube(code) || codes.indexOf(code) !== place);
      well.textContent = control ? code : code.slice(-6);
      well.className = bad ? "wrong" : control ? "control" : code ? "filled" : "";
      if (bad) wrong += 1;
    });
    count.textContent = codes.length ? `${codes.length} / ${wells.length}` : "";
    count.classList.toggle("bad", wrong > 0);
  }
  field.addEventListener("input", draw);
  draw();
})();
