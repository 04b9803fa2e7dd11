// Keeps pages of work, such as that at the table, while there is no signal. They are asked for first and taken from the
// store only when nobody answers; nothing that was sent is ever taken from here.
const STORE = {{ store|safe }};
const PAGES = new RegExp({{ pages|safe }});
const FILES = {{ files|safe }};
const PATIENCE_MS = 8000; // a weak signal is no signal to somebody who stands at a door
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(forgetEarlier().then(() => self.clients.claim())));
self.addEventListener("message", (event) => {
  if (event.data && event.data.keep) event.waitUntil(keep(event.data.keep, event.data.passedHere));
});
self.addEventListener("fetch", (event) => {
  const request = event.request;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  const isDesk = request.mode === "navigate" && PAGES.test(address.pathname);
  if (isDesk || FILES.includes(address.pathname)) event.respondWith(answer(request, isDesk));
});
async function forgetEarlier() {
  const mine = STORE.replace(/\d+$/, "");
  const earlier = (await caches.keys()).filter((name) => name.startsWith(mine) && name !== STORE);
  return Promise.all(earlier.map((name) => caches.delete(name)));
}
// A page that came through this script is kept already: to fetch it again would be a second reading of people.
async function keep(address, passedHere) {
  const store = await caches.open(STORE);
  if (passedHere && (await store.match(address, { ignoreVary: true }))) return;
  const given = await fetch(address, { credentials: "same-origin" });
  if (given.ok && !given.redirected) await put(store, address, given);
}
// The page opened last is kept under its bare address too: the icon on the phone opens that one.
async function put(store, address, given) {
  const bare = bareOf(address);
  if (PAGES.test(new URL(bare).pathname)) await store.put(bare, given.clone());
  await store.put(address, given);
}
function bareOf(address) {
  const bare = new URL(address, location.href);
  return bare.origin + bare.pathname;
}
async function answer(request, isDesk) {
  const store = await caches.open(STORE);
  // What differs by language or session was kept for this very device.
  const kept = await store.match(request, { ignoreVary: true });
  try {
    const given = await (kept ? Promise.race([fetch(request), noPatience()]) : fetch(request));
    if (given.ok && !given.redirected) await put(store, request.url, given.clone());
    // Who may not see a page any more, or has to sign in first, does not keep it either.
    else if (given.status === 403 || given.status === 404 || given.type === "opaqueredirect") await forget(store, request, isDesk);
    // Whatever stands before the platform answers in its place while it is down.
    else if (given.status >= 500 && kept) return kept;
    return given;
  } catch (fault) {
    if (kept) return kept;
    throw fault;
  }
}
function noPatience() {
  return new Promise((_, refuse) => setTimeout(() => refuse(new Error("too slow")), PATIENCE_MS));
}
async function forget(store, request, isDesk) {
  await store.delete(request, { ignoreVary: true });
  if (isDesk) await store.delete(bareOf(request.url), { ignoreVary: true });
}
