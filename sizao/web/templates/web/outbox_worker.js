// Keeps pages of work, such as that at the table, while there is no signal. They are asked for first and taken from the
// store only when nobody answers; nothing that was sent is ever taken from here.
const STORE = {{ store|safe }};
const PAGES = new RegExp({{ pages|safe }});
const FILES = {{ files|safe }};
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  if (event.data && event.data.keep) event.waitUntil(keep(event.data.keep));
});
self.addEventListener("fetch", (event) => {
  const request = event.request;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  const isDesk = request.mode === "navigate" && PAGES.test(address.pathname);
  if (isDesk || FILES.includes(address.pathname)) event.respondWith(answer(request));
});
async function keep(address) {
  const store = await caches.open(STORE);
  const given = await fetch(address, { credentials: "same-origin" });
  if (given.ok && !given.redirected) await store.put(address, given);
}
async function answer(request) {
  const store = await caches.open(STORE);
  try {
    const given = await fetch(request);
    if (given.ok && !given.redirected) await store.put(request, given.clone());
    // Who may not see a page any more does not keep it either.
    else if (given.status === 403 || given.status === 404) await store.delete(request, { ignoreVary: true });
    return given;
  } catch (fault) {
    // What differs by language or session was kept for this very device.
    const kept = await store.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw fault;
  }
}
