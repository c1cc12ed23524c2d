/** Forecast water on the board: the button with how much of it, layer and bar, the panel of what is hit. */

import { el } from "../dom";
import { HitPanel } from "../flood/hits";
import type { Area, Forecasts } from "../flood/forecast";
import { mountWaterKeys } from "../flood/keys";
import { drawPoint } from "../flood/point";
import { Water } from "../flood/water";
import { t } from "../i18n";
import { getJson } from "../net";
import type { BoardMap } from "./map";
import type { Store } from "./store";

const KEY = "anlan.board-water";
const SOURCE = "/api/forecasts";
const GATHER_MS = 300;

export interface Parts {
  button: HTMLButtonElement;
  place: HTMLElement; // where the bar goes
  panel: HTMLElement;
  counts: HTMLElement;
  list: HTMLElement;
}

/** Returns what shows or hides it, and what ends it. Without a map (no WebGL) only the panel lives. */
export async function mountWater(
  store: Store,
  board: BoardMap | null,
  parts: Parts,
): Promise<{ toggle: () => void; end: () => void }> {
  const panel = new HitPanel(parts.panel, parts.counts, parts.list);
  let water: Water | null = null;
  let areas: Area[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let undo: (() => void)[] = [];

  const load = async (): Promise<void> => {
    const data = await getJson<Forecasts>(SOURCE).catch(() => null);
    if (!data) return; // the last good one stays, and grows old visibly
    areas = data.areas;
    parts.button.hidden = areas.length === 0;
    drawCount(parts.button, areas);
    if (board?.gl && !water && areas.length) begin(board, data);
    water?.take(areas);
    await panel.take(areas);
  };

  function begin(on: BoardMap, data: Forecasts): void {
    if (!on.gl) return;
    water = new Water(on.gl, data);
    parts.place.append(water.bar.element);
    const running = water;
    undo = [mountWaterKeys(water), () => running.end()];
    on.onGround = (lon, lat) => {
      const run = running.area?.run;
      if (!run || !running.covers(lon, lat)) return;
      const body = el("div", "station-popup");
      void drawPoint(body, run.id, lon, lat).then((found) => found && on.popupAt(lon, lat, body));
    };
    show(localStorage.getItem(KEY) === "on");
  }

  function show(on: boolean): void {
    water?.setShown(on);
    parts.button.setAttribute("aria-pressed", String(on));
    parts.place.classList.toggle("with-water", on);
  }

  panel.onChoose = (hit) => board?.flyTo(hit.lon, hit.lat);
  store.on("forecasts", () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void load();
    }, GATHER_MS);
  });
  await load();
  return {
    toggle: () => {
      if (!water) return;
      const on = !water.isShown;
      localStorage.setItem(KEY, on ? "on" : "off");
      show(on);
      if (on) water.flyTo();
      if (on) water.bar.focus();
    },
    end: () => {
      clearTimeout(timer);
      for (const one of undo) one();
    },
  };
}

/** On the button, so that it is seen with the layer off: how many places of theirs are hit. */
function drawCount(button: HTMLElement, areas: Area[]): void {
  const count = areas.reduce((sum, area) => sum + (area.run ? area.hits : 0), 0);
  const chip = button.querySelector(".water-count") ?? button.appendChild(el("b", "water-count"));
  chip.textContent = count ? t("{n} places", { n: count }) : "";
}
