/** The main menu of a wide window: what does not fit stands under 更多; the page's own entry stays in sight. */

import { el } from "./dom";
import { t } from "./i18n";

export function foldMenu(): void {
  const nav = document.querySelector<HTMLElement>(".head nav");
  if (!nav) return;
  const links = [...nav.querySelectorAll<HTMLAnchorElement>("a:not(.search-link)")];
  const sheet = el("div", "sheet");
  const more = el("details", "menu more", "", el("summary", "", t("More")), sheet);
  nav.after(more);
  const fold = (): void => {
    for (const link of links) link.hidden = false;
    sheet.replaceChildren();
    more.hidden = true;
    if (!tooWide(nav)) return;
    more.hidden = false; // needs room itself
    for (const link of [...links].reverse()) {
      if (!tooWide(nav)) break;
      if (link.hasAttribute("aria-current")) continue;
      sheet.prepend(link.cloneNode(true));
      link.hidden = true;
    }
  };
  // The frame's width, not the menu's own, which folding changes.
  new ResizeObserver(fold).observe(nav.parentElement ?? nav);
  void document.fonts.ready.then(fold);
}

/** Never where it is a list that is opened (narrow windows): there entries stand below each other. */
function tooWide(nav: HTMLElement): boolean {
  return getComputedStyle(nav).position !== "absolute" && nav.scrollWidth > nav.clientWidth;
}
