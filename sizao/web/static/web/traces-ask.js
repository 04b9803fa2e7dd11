// The form that asks a trace: fields that a question does not need are put away, and what would be asked is said anew
// whenever the question, the purpose or the case changes.
(() => {
  "use strict";
  const form = document.querySelector("[data-ask]");
  if (!form) return;
  const said = form.querySelector("[data-said]");
  let latest = 0;

  function putAway() {
    const question = new FormData(form).get("question");
    for (const part of form.querySelectorAll("[data-only]")) part.hidden = !part.dataset.only.split(" ").includes(question);
    for (const part of form.querySelectorAll("[data-not]")) part.hidden = part.dataset.not.split(" ").includes(question);
  }

  async function say() {
    const given = new FormData(form);
    const address = new URL(form.action, location.href);
    for (const name of ["question", "purpose", "case"]) address.searchParams.set(name, given.get(name) || "");
    address.searchParams.set("part", "said");
    const asked = ++latest;
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const told = await answer.text();
      // An answer that was overtaken by a later question says nothing any more.
      if (answer.ok && asked === latest) said.innerHTML = told;
    } catch {
      // Without the net the form can still be sent; the server checks it again.
    }
  }

  form.addEventListener("change", () => { putAway(); say(); });
  putAway();
})();
