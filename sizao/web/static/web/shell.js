// The day strip of every screen. A page that can change its day by itself listens for "day:chosen" and
// prevents the default; every other page is simply opened on the new day.
(() => {
  "use strict";
  const menuButton = document.querySelector("[data-menu]");
  if (menuButton) {
    const menu = document.getElementById(menuButton.getAttribute("aria-controls"));
    menuButton.hidden = false;
    menu.classList.add("closed");
    menuButton.addEventListener("click", () => {
      menuButton.setAttribute("aria-expanded", String(!menu.classList.toggle("closed")));
    });
  }

  // An opened part of the menu closes with Escape; it opens by pointing at it or by the keyboard reaching it.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.activeElement.closest(".part")) document.activeElement.blur();
  });

  // Where tabs are wider than the screen, the open one is in sight.
  for (const tab of document.querySelectorAll("main nav [aria-current]")) {
    const row = tab.closest("nav");
    if (row.scrollWidth > row.clientWidth) row.scrollLeft = tab.offsetLeft - row.offsetLeft - 12;
  }

  // A demonstration's sign-in page: choosing an account fills in the form.
  for (const choice of document.querySelectorAll("[data-demo-account]")) {
    choice.addEventListener("click", () => {
      document.querySelector("input[name=login]").value = choice.dataset.demoAccount;
      document.querySelector("input[name=password]").value = document.querySelector("[data-demo-password]").textContent;
      document.querySelector("input[name=login]").form.requestSubmit();
    });
  }

  const strip = document.querySelector("[data-day]");
  if (!strip) return;
  const range = strip.querySelector("[data-day-range]");
  const field = strip.querySelector("[data-day-date]");
  const play = strip.querySelector("[data-day-play]");
  const first = Date.parse(strip.dataset.first + "T00:00:00Z");
  const MS_OF_A_DAY = 86400000;
  let timer = null;

  for (const hidden of strip.querySelectorAll("[hidden]")) hidden.hidden = false;
  const dayAt = (position) => new Date(first + position * MS_OF_A_DAY).toISOString().slice(0, 10);
  const positionOf = (day) => Math.round((Date.parse(day + "T00:00:00Z") - first) / MS_OF_A_DAY);

  function choose(position) {
    const bounded = Math.max(0, Math.min(Number(range.max), position));
    const day = dayAt(bounded);
    range.value = bounded;
    field.value = day;
    range.setAttribute("aria-valuetext", day);
    const event = new CustomEvent("day:chosen", { detail: { day }, cancelable: true });
    if (document.dispatchEvent(event)) {
      const address = new URL(location.href);
      address.searchParams.set("day", day);
      location.assign(address);
    } else {
      keepInAddresses(day);
    }
  }

  // All links and forms of the page carry the day; they follow when it changes without a new page.
  function keepInAddresses(day) {
    const here = new URL(location.href);
    here.searchParams.set("day", day);
    history.replaceState(null, "", here);
    for (const [selector, name] of [["a[href*='day=']", "href"], ["form[action*='day=']", "action"]]) {
      for (const element of document.querySelectorAll(selector)) {
        element.setAttribute(name, element.getAttribute(name).replace(/day=\d{4}-\d{2}-\d{2}/, "day=" + day));
      }
    }
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    play.setAttribute("aria-pressed", "false");
    play.firstElementChild.textContent = "▶";
  }

  function start() {
    if (Number(range.value) >= Number(range.max)) choose(0);
    timer = setInterval(() => {
      if (Number(range.value) >= Number(range.max)) stop();
      else choose(Number(range.value) + 1);
    }, 700);
    play.setAttribute("aria-pressed", "true");
    play.firstElementChild.textContent = "❚❚";
  }

  const canPlay = document.body.classList.contains("plays-days");
  if (!canPlay) play.hidden = true;
  play.addEventListener("click", () => (timer ? stop() : start()));
  // While dragging, only the label moves on pages that must be opened anew.
  range.addEventListener("input", () => {
    if (canPlay) choose(Number(range.value));
    else field.value = dayAt(Number(range.value));
  });
  range.addEventListener("change", () => choose(Number(range.value)));
  field.addEventListener("change", () => field.value && choose(positionOf(field.value)));
  for (const step of strip.querySelectorAll("[data-day-step]")) {
    step.addEventListener("click", () => { if (timer) stop(); choose(Number(range.value) + Number(step.dataset.dayStep)); });
  }
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "[" || event.key === ",") choose(Number(range.value) - 1);
    if (event.key === "]" || event.key === ".") choose(Number(range.value) + 1);
    if (event.key === "p" && canPlay) play.click();
  });
  strip.addEventListener("submit", (event) => { event.preventDefault(); choose(positionOf(field.value)); });
})();
