// Receiving at a laboratory: as tubes are scanned, say how many of the list are there, what is too many, what is mistyped.
(() => {
  "use strict";
  const page = document.querySelector("[data-receiving]");
  if (!page) return;
  const facts = JSON.parse(document.getElementById("receiving-facts").textContent);
  const { typed, isTube, isBox } = window.sizaoOutbox;
  const field = page.querySelector("[data-scanned]");
  const count = page.querySelector("[data-count]");
  const boxes = page.querySelector("form.filters");
  const listed = new Set(facts.listed);

  function draw() {
    const codes = [...new Set(field.value.normalize("NFKC").toUpperCase().split(/\s+/).filter(Boolean))];
    const here = new Set(codes);
    const more = codes.filter((code) => isTube(code) && !listed.has(code)).length;
    const wrong = codes.filter((code) => !isTube(code)).length;
    const words = [facts.says.count.replace("{n}", codes.filter((code) => listed.has(code)).length).replace("{all}", listed.size)];
    if (more && listed.size) words.push(facts.says.more.replace("{n}", more));
    if (wrong) words.push(facts.says.wrong.replace("{n}", wrong));
    count.textContent = listed.size ? words.join(" · ") : codes.length || "";
    count.classList.toggle("bad", wrong > 0 || (more > 0 && listed.size > 0));
    for (const item of document.querySelectorAll("[data-list] [data-code]")) item.classList.toggle("here", here.has(item.dataset.code));
  }
  field.addEventListener("input", () => {
    // A box that was scanned among tubes is the next box, when nothing else was scanned yet.
    const only = typed(field.value);
    if (isBox(only)) {
      boxes.elements.box.value = only;
      boxes.submit();
      return;
    }
    draw();
  });
  draw();
})();
