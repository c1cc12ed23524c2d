/** The frame: menu on a phone, menus that close, theme, keys, forms on their way. */

import { setClock } from "./clock";
import { foldMenu } from "./menu";
import { mountSending } from "./sending";

export function mountShell(): void {
  const { now, rate } = document.body.dataset;
  if (now) setClock(Date.parse(now), Number(rate ?? 1));
  navToggle();
  foldMenu();
  closeMenus();
  themeSwitch();
  printing();
  goingBack();
  keys();
  mountSending();
}

function printing(): void {
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-print]")) window.print();
  });
}

/** Back to a form that was refused, with all that was typed; without scripts it is a link. */
function goingBack(): void {
  const back = document.querySelector("[data-back]");
  back?.addEventListener("click", (event) => {
    event.preventDefault();
    history.back();
  });
}

function navToggle(): void {
  const button = document.querySelector<HTMLButtonElement>(".nav-toggle");
  const nav = document.querySelector<HTMLElement>(".head nav");
  button?.addEventListener("click", () => {
    const open = nav?.classList.toggle("open") ?? false;
    button.setAttribute("aria-expanded", String(open));
  });
}

function closeMenus(): void {
  const close = (except: Node | null): void => {
    for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]"))
      if (!except || !menu.contains(except)) menu.open = false;
  };
  document.addEventListener("click", (event) => close(event.target as Node));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(null);
  });
}

function themeSwitch(): void {
  const root = document.documentElement;
  document.querySelector("[data-theme-switch]")?.addEventListener("click", () => {
    const dark = root.dataset.theme !== "dark";
    root.dataset.theme = dark ? "dark" : "light";
    // Read by the server, so that the next page does not flash in the other colours.
    document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
    document.dispatchEvent(new CustomEvent("themechange"));
  });
}

function keys(): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "/") {
      const search = document.querySelector<HTMLInputElement>(".head .search input");
      if (!search?.offsetParent) return;
      event.preventDefault();
      search.focus();
    }
  });
}
