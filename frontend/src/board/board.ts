/** <main data-module="board">: the duty officer's board. Ties store, map, lists and keys together. */

import "./board.css";
import { shortMoment } from "../clock";
import { el, link } from "../dom";
import { t } from "../i18n";
import type { Mount } from "../main";
import type { Box } from "../map";
import { AlarmList } from "./alarms";
import { mountKeys } from "./keys";
import { mountLayers } from "./layers";
import type { BoardMap, Layer } from "./map";
import { drawCounts, drawFigures, drawHappenings, drawIncidents, drawTable } from "./panels";
import { beep, setSound, soundOn } from "./sound";
import { Store, type Station } from "./store";
import { valueText } from "./format";

function json<T>(id: string): T {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null") as T;
}

export const mount: Mount = (root) => {
  const part = (name: string): HTMLElement =>
    document.querySelector<HTMLElement>(`[data-part="${name}"]`) as HTMLElement;
  const { src = "", feed = "", rain = "", counts = "", outlines = "", tiles = "" } = root.dataset;
  const view = json<{ name: string; box: Box | null }>("board-view");
  const store = new Store(src, feed);
  const alarms = new AlarmList(store, part("alarms"), part("no-alarms"));
  let map: BoardMap | null = null;
  let toggleWater = (): void => undefined;

  store.on("alarms", () => drawFigures(store, part("figures")));
  store.on("stations", () => {
    drawFigures(store, part("figures"));
    part("note").textContent = [...store.stations.values()].some((station) => station.madeUp)
      ? t("Outlines of towns, terrain and stations are generated for the demonstration.")
      : "";
  });
  store.on("incidents", () => {
    drawFigures(store, part("figures"));
    drawIncidents(store, part("incidents-panel"), part("incidents"));
  });
  store.on("happenings", () => drawHappenings(store, part("happenings")));
  store.on("health", () => drawHealth(part("live"), store.health));
  store.on("work", later(1500, () => void drawCounts(counts, part("counts-panel"), part("counts"))));

  const table = part("table");
  const body = table.querySelector("tbody") as HTMLElement;
  const redrawTable = later(1000, () => void (table.hidden || drawTable(store, body)));
  store.on("values", redrawTable);
  store.on("stations", redrawTable);

  alarms.onChoose = (alarm) => {
    const station = store.stations.get(alarm.station_id ?? -1);
    if (alarm.lon !== null && alarm.lat !== null) map?.flyTo(alarm.lon, alarm.lat);
    if (station) map?.show(station);
  };
  store.onRaised = (alarm) => {
    if (soundOn()) beep(alarm.severity);
    document.title = `(${store.alarms.size}) ${document.title.replace(/^\(\d+\) /, "")}`;
  };

  const showTable = (shown: boolean): void => {
    table.hidden = !shown;
    root.querySelector('[data-do="table"]')?.setAttribute("aria-pressed", String(shown));
    if (shown) drawTable(store, body);
  };
  const actions: Record<string, () => void> = {
    table: () => showTable(Boolean(table.hidden)),
    home: () => map?.home(),
    water: () => toggleWater(),
    sound: () => {
      setSound(!soundOn());
      drawSound();
    },
  };
  const drawSound = (): void =>
    root.querySelector('[data-do="sound"]')?.setAttribute("aria-pressed", String(soundOn()));
  for (const button of root.querySelectorAll<HTMLElement>("[data-do]"))
    button.addEventListener("click", () => actions[button.dataset.do ?? ""]?.());
  drawSound();
  mountKeys(alarms, actions, part("help") as HTMLDialogElement);

  const started = store.start().catch(() => {
    part("live").textContent = t("The data could not be loaded.");
  });
  let endRain: (() => void) | undefined;
  let endWater: (() => void) | undefined;
  void startMap().then(async () => {
    // What is not the map waits until the map stands.
    await started;
    const { mountRain } = await import("./rain");
    endRain = mountRain(part("rain"), part("rain-note"), rain);
    await startWater();
  });

  /** Where the page has its button: for who may see forecasts. */
  async function startWater(): Promise<void> {
    const button = root.querySelector<HTMLButtonElement>('[data-do="water"]');
    if (!button) return;
    const { mountWater } = await import("./water");
    const mounted = await mountWater(store, map, {
      button,
      place: part("map").parentElement as HTMLElement,
      panel: part("hits-panel"),
      counts: part("hit-counts"),
      list: part("hits"),
    });
    toggleWater = mounted.toggle;
    endWater = mounted.end;
  }

  async function startMap(): Promise<void> {
    const { BoardMap } = await import("./map");
    const { canDraw } = await import("../map");
    if (!canDraw()) {
      part("map").append(el("p", "empty", t("This browser cannot draw maps.")));
      await started;
      showTable(true);
      return;
    }
    const made = new BoardMap(store, view.box);
    made.onStation = showStation;
    await made.start(part("map"), outlines, tiles, json<Layer[]>("board-layers"));
    map = made;
    void Promise.all([started, made.drawn()]).then(() => performance.mark("board-useful"));
    mountLayers(part("layers"), json<Layer[]>("board-layers"), made);
  }

  /** The popup of a station: its values, and the chart of the most telling one. */
  function showStation(station: Station, box: HTMLElement): void {
    const head = el("div", "bar", "", link(`/stations/${station.id}/`, station.name, "strong"));
    if (station.silent) head.append(el("span", "chip", t("no data")));
    if (station.madeUp) head.append(el("span", "chip made-up", t("generated")));
    const facts = el("dl", "facts small");
    for (const series of station.series) {
      const quantity = store.quantities[series.quantity];
      const when = series.at === null ? "" : ` · ${shortMoment(series.at)}`;
      facts.append(
        el("dt", "", quantity?.label ?? series.quantity),
        el("dd", "", `${valueText(series, store.quantities)}${when}`),
      );
    }
    box.append(head, el("div", "soft small", `${station.region} ${station.code}`), facts);
    const series = station.series[0];
    if (!series) return;
    const chart = el("div", "popup-chart");
    chart.dataset.src = `/api/series/${series.id}/readings`;
    box.append(chart);
    void import("../modules/series-chart").then(({ mount: mountChart }) => mountChart(chart));
  }

  return () => {
    store.end();
    endRain?.();
    endWater?.();
  };
};

function drawHealth(box: HTMLElement, health: string): void {
  box.dataset.health = health;
  box.textContent =
    health === "live" ? t("live") : health === "late" ? t("no answer, connecting again") : t("connection lost, connecting again");
}

/** Calls at most once in so many milliseconds, the last time included. */
function later(ms: number, run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      run();
    }, ms);
  };
}
