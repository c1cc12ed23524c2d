/** Which layers the map shows; kept in the browser. */

import { el } from "../dom";
import { t } from "../i18n";
import type { BoardMap, Layer } from "./map";

const KEY = "anlan.board-layers";

export function mountLayers(box: HTMLElement, layers: Layer[], map: BoardMap): void {
  const shown = new Set<string>(read());
  const apply = (): void => {
    map.setStations(!shown.has("-stations"));
    map.setSites([...shown].filter((code) => !code.startsWith("-")));
    localStorage.setItem(KEY, JSON.stringify([...shown]));
  };
  box.append(
    check(t("stations and values"), !shown.has("-stations"), "", (on) => {
      if (on) shown.delete("-stations");
      else shown.add("-stations");
      apply();
    }),
  );
  for (const group of new Set(layers.map((layer) => layer.group))) {
    box.append(el("p", "soft small", group));
    for (const layer of layers.filter((one) => one.group === group))
      box.append(
        check(layer.label, shown.has(layer.code), layer.colour, (on) => {
          if (on) shown.add(layer.code);
          else shown.delete(layer.code);
          apply();
        }),
      );
  }
  apply();
}

function check(label: string, on: boolean, colour: string, onChange: (on: boolean) => void): HTMLElement {
  const input = document.createElement("input");
  input.type = "checkbox";
  input.checked = on;
  input.addEventListener("change", () => onChange(input.checked));
  const row = el("label", "check", "", input);
  if (colour) {
    const dot = el("i", "dot");
    dot.style.background = colour;
    row.append(dot);
  }
  row.append(label);
  return row;
}

function read(): string[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]") as string[];
  } catch {
    return [];
  }
}
