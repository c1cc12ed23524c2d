/** A newer page of ours: it takes over at the start, when nothing is being filled in. A page that is
 *  open says that there is one, and stays as it is until somebody wants it. */

import { button, el } from "../dom";
import { t } from "../i18n";

const LOOK_EVERY_MS = 3_600_000;
let wanted = false; // it was asked to take over: then this page is opened anew

/** The service worker, and with it the page that opens without a network. */
export async function register(): Promise<ServiceWorkerRegistration | undefined> {
  if (!("serviceWorker" in navigator)) return undefined;
  const workers = navigator.serviceWorker;
  const url = document.body.dataset.worker ?? "";
  const found = await workers.register(url).catch(() => undefined);
  if (!found) return undefined;
  let led = Boolean(workers.controller); // the very first one is no newer
  workers.addEventListener("controllerchange", () => {
    if (wanted) location.reload();
    else if (led) tell(found); // another page of ours has let it take over
    led = true;
  });
  found.addEventListener("updatefound", () => {
    const coming = found.installing;
    coming?.addEventListener("statechange", () => {
      if (coming.state === "installed" && led) tell(found);
    });
  });
  if (found.waiting && led) takeOver(found);
  look(found);
  return found;
}

function takeOver(found: ServiceWorkerRegistration): void {
  wanted = true;
  if (found.waiting) found.waiting.postMessage("take over");
  else location.reload();
}

/** An app on a phone is seldom opened anew: it asks when it is looked at again. */
function look(found: ServiceWorkerRegistration): void {
  let looked = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || Date.now() - looked < LOOK_EVERY_MS) return;
    looked = Date.now();
    void found.update().catch(() => undefined);
  });
}

function tell(found: ServiceWorkerRegistration): void {
  if (document.querySelector(".phone-newer")) return;
  const text = t("There is a newer version. What you have filled in is kept on this phone.");
  const bar = el("div", "notice phone-newer", "", el("span", "", text));
  bar.setAttribute("role", "status");
  bar.append(button(t("Renew now"), "primary", () => takeOver(found)));
  document.querySelector(".phone-head")?.after(bar);
}
