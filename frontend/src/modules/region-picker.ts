/** <span class="suggest" data-module="region-picker" data-src="/api/regions"><input type="search">
 *  <input type="hidden" name="region"></span>: find a region by name or code; the hidden input
 *  gets its code. Asks `data-src?q=…` for [{code, name, full_name?}]. */

import { el } from "../dom";
import { t } from "../i18n";
import type { Mount } from "../main";
import { getJson } from "../net";

interface Region {
  code: string;
  name: string;
  full_name?: string;
}

export const mount: Mount = (element) => {
  const input = element.querySelector<HTMLInputElement>('input:not([type="hidden"])');
  const hidden = element.querySelector<HTMLInputElement>('input[type="hidden"]');
  if (!input || !hidden) return undefined;
  const list = el("ul", "options");
  list.setAttribute("role", "listbox");
  list.hidden = true;
  element.append(list);
  let found: Region[] = [];
  let chosen = -1;
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const draw = (): void => {
    list.hidden = false;
    const rows = found.map((region, place) => {
      const row = el("li", "", region.full_name ?? region.name);
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(place === chosen));
      row.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(region);
      });
      return row;
    });
    list.replaceChildren(...(rows.length ? rows : [el("li", "soft", t("Nothing found"))]));
  };
  const take = (region: Region): void => {
    input.value = region.full_name ?? region.name;
    hidden.value = region.code;
    list.hidden = true;
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const ask = async (): Promise<void> => {
    const turn = ++asked;
    const text = input.value.trim();
    if (!text) return void (list.hidden = true);
    try {
      const answer = await getJson<Region[] | { items: Region[] }>(`${element.dataset.src}?q=${encodeURIComponent(text)}`);
      if (turn !== asked) return;
      found = (Array.isArray(answer) ? answer : answer.items).slice(0, 20);
      chosen = found.length ? 0 : -1;
      draw();
    } catch {
      list.hidden = true;
    }
  };
  input.setAttribute("autocomplete", "off");
  input.addEventListener("input", () => {
    hidden.value = "";
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), 200);
  });
  input.addEventListener("blur", () => (list.hidden = true));
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") chosen = Math.min(found.length - 1, chosen + 1);
    else if (event.key === "ArrowUp") chosen = Math.max(0, chosen - 1);
    else if (event.key === "Escape") return void (list.hidden = true);
    else if (event.key === "Enter") {
      event.preventDefault();
      const region = found[chosen];
      if (region) take(region);
      return;
    } else return;
    event.preventDefault();
    draw();
  });
  return () => clearTimeout(timer);
};
