/** The service worker of the phone's pages (/phone/): the shell opens without a network.
 *
 *  It keeps the shell alone, which is the same for everybody and says nothing of anybody. Pages of
 *  an account, answers of the API and files never pass through its cache: what was taken along is
 *  in the database of the page, and goes at sign-out. */

export {}; // a module of its own to the type checker; nothing of it is left in the build

declare const self: ServiceWorkerGlobalScope;
/** Written before this script by the server (web/phone/shell.py). */
declare const SHELL: { version: string; page: string; files: string[] };

const PREFIX = "anlan-phone-";
const CACHE = PREFIX + SHELL.version;

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(clean()));
self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(self.skipWaiting());
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const page = request.mode === "navigate" && pathname === SHELL.page;
  if (page || SHELL.files.includes(pathname)) event.respondWith(kept(request, pathname));
});

/** All of it or nothing: half a shell would open and not work. */
async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = [SHELL.page, ...SHELL.files];
  await cache.addAll(wanted.map((url) => new Request(url, { cache: "reload" })));
}

async function clean(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function kept(request: Request, pathname: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(pathname)) ?? fetch(request);
}
