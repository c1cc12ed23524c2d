/** The phone's own page: everything on it works without a network.
 *
 *  It comes from the service worker, the same for everybody; what it shows is in this phone's
 *  database. Screens are chosen by the part of the address behind "#". */

import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";
import "../work/work.css";
import "./phone.css";
import { el } from "../dom";
import { t } from "../i18n";
import * as edit from "./edit";
import * as enterprises from "./enterprises";
import * as mine from "./mine";
import { register } from "./newer";
import { icon } from "./parts";
import * as queue from "./queue";
import { SIGNED_OUT } from "../work/session";
import { mine as drafts, onChange, open, signedOut, state, STATE_CHANGED, sync, syncAfresh } from "./state";
import * as tasks from "./tasks";
import * as visit from "./visit";

type Screen = (main: HTMLElement, id: string, signal: AbortSignal) => Promise<void> | void;

const SCREENS: Record<string, Screen> = {
  tasks: tasks.list,
  task: tasks.show,
  enterprises: enterprises.list,
  enterprise: enterprises.show,
  edit: edit.show,
  visit: visit.show,
  queue: queue.show,
  mine: mine.show,
};
const TABS: [string, string, string, string[]][] = [
  ["tasks", "inbox", t("Tasks"), ["tasks", "task"]],
  ["enterprises", "building", t("Enterprises"), ["enterprises", "enterprise", "visit", "edit"]],
  ["queue", "download", t("To be sent"), ["queue"]],
  ["mine", "phone", t("This phone"), ["mine"]],
];
const EVERY_MS = 15_000; // as long as something waits
const SELDOM = 4; // and every so many times where nothing does
const forever = new AbortController().signal;
let shown = new AbortController();

function route(): { name: string; id: string } {
  const [name = "", id = ""] = location.hash.replace(/^#\/?/, "").split("/");
  return name in SCREENS ? { name, id } : { name: "tasks", id: "" };
}

async function draw(): Promise<void> {
  shown.abort();
  shown = new AbortController();
  const { name, id } = route();
  for (const tab of document.querySelectorAll<HTMLElement>(".phone-tabs a")) {
    const here = tab.dataset.screens?.split(" ").includes(name);
    if (here) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  const main = document.querySelector<HTMLElement>("main")!;
  window.scrollTo(0, 0);
  if (!state.holder?.name && name !== "mine") {
    const why = state.contact === "none" ? t("Sign in once with a network.") : t("Sign in first.");
    return main.replaceChildren(mine.signIn(why));
  }
  await SCREENS[name]!(main, id, shown.signal);
}

function frame(): void {
  const status = el("span", "phone-status");
  status.setAttribute("role", "status");
  const head = el("header", "phone-head", "", icon("brand"), el("b", "", t("Anlan")), status);
  const nav = el("nav", "phone-tabs");
  nav.setAttribute("aria-label", t("Screens"));
  for (const [name, drawing, label, screens] of TABS) {
    const link = document.createElement("a");
    link.href = `#/${name}`;
    link.dataset.screens = screens.join(" ");
    link.append(icon(drawing), el("span", "", label), ...(name === "queue" ? [el("i", "badge")] : []));
    nav.append(link);
  }
  const main = el("main", "phone-main");
  main.id = "main";
  document.body.prepend(head, main, nav);
}

async function tellStatus(): Promise<void> {
  const waiting = (await drafts()).filter((draft) => draft.state !== "received").length;
  const badge = document.querySelector<HTMLElement>(".phone-tabs .badge")!;
  badge.textContent = waiting ? String(waiting) : "";
  const status = document.querySelector<HTMLElement>(".phone-status")!;
  const words = {
    "": t("connecting"),
    here: t("online"),
    none: t("offline"),
    out: t("sign in again"),
  };
  status.textContent = words[state.contact];
  status.dataset.contact = state.contact;
}

/** A full phone cannot keep the page: said, for otherwise it shows only where there is no network. */
function watchShell(found: ServiceWorkerRegistration): void {
  const coming = found.installing;
  const told = () => {
    if (coming && coming.state !== "redundant" && !found.active) return;
    state.shell = found.active ? "kept" : "failed";
    document.dispatchEvent(new CustomEvent(STATE_CHANGED));
  };
  coming?.addEventListener("statechange", told);
  told();
}

async function start(): Promise<void> {
  frame();
  const found = await register();
  if (found) watchShell(found);
  await open();
  let who = state.holder?.name;
  onChange(() => {
    void tellStatus();
    // Signed in or out meanwhile: another screen.
    if (who === state.holder?.name) return;
    who = state.holder?.name;
    void draw();
  }, forever);
  window.addEventListener("hashchange", () => void draw());
  window.addEventListener("online", () => void syncAfresh());
  window.addEventListener("offline", () => void syncAfresh());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void sync();
  });
  document.addEventListener(SIGNED_OUT, signedOut);
  let turn = 0;
  setInterval(() => {
    turn += 1;
    if (document.visibilityState !== "visible") return;
    void drafts().then((all) => {
      if (turn % SELDOM === 0 || all.some((draft) => !draft.settled)) void sync();
    });
  }, EVERY_MS);
  await draw();
  await tellStatus();
  await sync();
}

void start();
