/** <span class="suggest" data-module="region-picker" data-src="/api/regions?permission=…"><input
 *  type="text" role="combobox"><input type="hidden" name="region"></span>: find a region by name or
 *  code; the hidden input gets its code. Asks `data-src&q=…` for [{code, name, full_name}]; opened
 *  without text it offers where the reader begins. `data-submits`: choosing sends the form. */

import { el } from "../dom";
import { t } from "../i18n";
import type { Mount } from "../main";
import { getJson } from "../net";

interface Region {
  code: string;
  name: string;
  full_name: string;
}

let pickers = 0;

export const mount: Mount = (element) => {
  const input = element.querySelector<HTMLInputElement>('input:not([type="hidden"])');
  const hidden = element.querySelector<HTMLInputElement>('input[type="hidden"]');
  if (!input || !hidden) return undefined;
  const list = el("ul", "options");
  const id = `regions-${++pickers}`;
  list.id = id;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  element.append(list);
  input.setAttribute("aria-controls", id);
  let found: Region[] = [];
  let at = -1;
  let asked = 0;
  let settled = input.value;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const close = (): void => {
    asked += 1; // what is still on its way comes too late
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const draw = (): void => {
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    const rows = found.map((region, place) => {
      const row = el("li", "", region.full_name, el("span", "soft small mono", ` ${region.code}`));
      row.id = `${id}-${place}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(place === at));
      row.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(region);
      });
      return row;
    });
    list.replaceChildren(...(rows.length ? rows : [el("li", "soft", t("Nothing found"))]));
    const row = rows[at];
    if (row) input.setAttribute("aria-activedescendant", row.id);
    row?.scrollIntoView({ block: "nearest" });
  };
  const settle = (text: string, code: string): void => {
    input.value = settled = text;
    input.setCustomValidity("");
    const changed = hidden.value !== code;
    hidden.value = code;
    close();
    if (!changed) return;
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
    if ("submits" in element.dataset) hidden.form?.requestSubmit();
  };
  const take = (region: Region): void => settle(region.full_name, region.code);
  const ask = async (): Promise<void> => {
    const turn = ++asked;
    const text = input.value === settled ? "" : input.value.trim();
    const source = element.dataset.src ?? "";
    try {
      const answer = await getJson<Region[]>(`${source}${source.includes("?") ? "&" : "?"}q=${encodeURIComponent(text)}`);
      if (turn !== asked || document.activeElement !== input) return;
      found = answer;
      at = text && found.length ? 0 : -1;
      draw();
    } catch {
      close();
    }
  };
  const move = (by: number): void => {
    if (list.hidden) return void ask();
    at = Math.max(0, Math.min(found.length - 1, at + by));
    draw();
  };
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => void ask());
  // What is typed is not yet a choice; the form's own "change" waits for it.
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), 150);
  });
  input.addEventListener("blur", () => {
    clearTimeout(timer);
    const text = input.value.trim();
    close();
    if (!text) settle("", "");
    else if (input.value !== settled) hidden.value = ""; // the server takes a name or code as typed
  });
  input.addEventListener("keydown", (event) => {
    const region = found[at];
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Enter" && !list.hidden && region) take(region);
    else return;
    event.preventDefault();
  });
  return () => clearTimeout(timer);
};
