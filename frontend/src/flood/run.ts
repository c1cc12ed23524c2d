/** <section data-module="flood-run" data-src="/api/forecasts/7" data-outlines="/places/outlines/">:
 *  one run on a map of its own, with time slider and the depth at a click. */

import { el } from "../dom";
import { t } from "../i18n";
import type { Mount } from "../main";
import { canDraw, makeMap, maplibre, recolour, type Box } from "../map";
import { getJson } from "../net";
import "./flood.css";
import type { Forecasts } from "./forecast";
import { mountWaterKeys } from "./keys";
import { drawPoint } from "./point";
import { Water } from "./water";

export const mount: Mount = (element) => {
  const undo: (() => void)[] = [];
  void start(element, undo).catch(() => element.append(el("p", "empty", t("The data could not be loaded."))));
  return () => undo.forEach((one) => one());
};

async function start(element: HTMLElement, undo: (() => void)[]): Promise<void> {
  if (!canDraw()) return void element.append(el("p", "empty", t("This browser cannot draw maps.")));
  const { src = "", outlines = "" } = element.dataset;
  const data = await getJson<Forecasts>(src);
  const run = data.areas[0]?.run;
  if (!run) return;
  const canvas = element.appendChild(el("div", "water-canvas"));
  const [[west, north], , [east, south]] = run.corners as [[number, number], unknown, [number, number]];
  const map = await makeMap(canvas, [west, south, east, north] as Box, outlines);
  if (!element.isConnected) return map.remove();
  const water = new Water(map, data);
  element.append(water.bar.element);
  // The strip took its room from the map.
  map.resize();
  map.fitBounds([west, south, east, north], { padding: 12, animate: false });
  water.take(data.areas);
  water.setShown(true);
  water.player.seek(0);
  let popup: maplibre.Popup | undefined;
  map.on("click", ({ lngLat }) => {
    if (!water.covers(lngLat.lng, lngLat.lat)) return;
    const body = el("div", "station-popup");
    void drawPoint(body, run.id, lngLat.lng, lngLat.lat).then((found) => {
      popup?.remove();
      if (found) popup = new maplibre.Popup({ maxWidth: "22rem", focusAfterOpen: false }).setLngLat(lngLat).setDOMContent(body).addTo(map);
    });
  });
  const onTheme = (): void => recolour(map);
  document.addEventListener("themechange", onTheme);
  undo.push(
    mountWaterKeys(water),
    () => water.end(),
    () => document.removeEventListener("themechange", onTheme),
    () => map.remove(),
  );
}
