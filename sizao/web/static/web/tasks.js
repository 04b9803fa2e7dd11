// Tells when a queue that stayed open, or came back from the browser's memory, is old.
"use strict";
(() => {
  const list = document.querySelector("[data-made-at]");
  const told = document.querySelector("[data-old-list]");
  if (!list || !told) return;
  const madeAt = Date.parse(list.dataset.madeAt);
  const oldAfter = Number(list.dataset.oldAfterHours) * 3_600_000;
  const look = () => {
    told.hidden = Date.now() - madeAt < oldAfter && navigator.onLine;
  };
  look();
  setInterval(look, 60_000);
  for (const event of ["pageshow", "online", "offline"]) window.addEventListener(event, look);
})();
