// A page that is made to be printed offers it.
for (const link of document.querySelectorAll("[data-print]")) {
  link.hidden = false;
  link.addEventListener("click", (event) => { event.preventDefault(); print(); });
}
