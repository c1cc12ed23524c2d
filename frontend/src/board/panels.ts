/** The other panels: figures, incidents, work by region, what happened, the table of stations. */

import { ago, clockTime, shortMoment } from "../clock";
import { el, link } from "../dom";
import { t } from "../i18n";
import { getJson } from "../net";
import { alarmValue, mainSeries, ROMAN, valueText } from "./format";
import type { BoardNews, Store } from "./store";

export function drawFigures(store: Store, box: HTMLElement): void {
  const set = (name: string, text: string): void => {
    const place = box.querySelector(`[data-figure="${name}"]`);
    if (place && place.textContent !== text) place.textContent = text;
  };
  const alarms = [...store.alarms.values()];
  const total = store.stations.size;
  let silent = 0;
  for (const station of store.stations.values()) if (station.silent) silent += 1;
  set("alarms", String(alarms.length));
  set("unacknowledged", String(alarms.filter((alarm) => !alarm.acknowledged).length));
  set("stations", `${total - silent}/${total}`);
  set("incidents", String(store.incidents.size));
}

export function drawIncidents(store: Store, panel: HTMLElement, list: HTMLElement): void {
  panel.hidden = store.incidents.size === 0;
  const incidents = [...store.incidents.values()].sort((a, b) => b.at - a.at);
  list.replaceChildren(
    ...incidents.map((incident) => {
      const row = el("li");
      row.append(
        incident.level
          ? el("span", `chip sev sev-${incident.level}`, t("level {n}", { n: ROMAN[incident.level] ?? "" }))
          : el("span", "chip", t("no response yet")),
        link(`/incidents/${incident.id}/`, incident.title),
        el("span", "soft small", shortMoment(incident.at)),
      );
      if (incident.exercise) row.append(el("span", "chip exercise", t("exercise")));
      return row;
    }),
  );
}

interface Count {
  code: string;
  name: string;
  open: number;
  overdue: number;
  closed: number;
}

/** Work by region; hidden where the reader may not see work, or there is none. */
export async function drawCounts(source: string, panel: HTMLElement, body: HTMLElement): Promise<void> {
  let rows: Count[];
  try {
    const data = await getJson<Count[] | { rows: Count[] }>(source);
    rows = Array.isArray(data) ? data : data.rows;
  } catch {
    panel.hidden = true;
    return;
  }
  rows = rows.filter((row) => row.open + row.closed > 0);
  panel.hidden = rows.length === 0;
  body.replaceChildren(
    ...rows.map((row) => {
      const late = el("td", row.overdue ? "num strong late" : "num", String(row.overdue));
      return el(
        "tr", "", "",
        el("td", "", "", link(`/work/regions/?region=${row.code}`, row.name)),
        el("td", "num", String(row.open)), late, el("td", "num", String(row.closed)),
      );
    }),
  );
}

export function drawHappenings(store: Store, list: HTMLElement): void {
  const rows = store.happenings.slice(0, 80).map((news) => {
    const row = el("li", news.alarm ? `sev-${news.alarm.severity}` : "");
    const time = el("time", "", clockTime(news.at));
    time.title = `${shortMoment(news.at)} · ${ago(news.at)}`;
    const [text, href] = sentence(store, news);
    row.append(time, href ? link(href, text) : el("span", "", text));
    return row;
  });
  list.replaceChildren(...rows);
  if (!rows.length) list.append(el("li", "soft", t("Nothing has happened yet.")));
}

/** What happened, in the reader's language, and where it can be looked at. */
function sentence(store: Store, news: BoardNews): [string, string] {
  const { alarm, incident, item, closure } = news;
  const station = store.stations.get(Number(news.data.station_id))?.name ?? String(news.data.code ?? "");
  const value = alarm ? alarmValue(alarm) : "";
  const what = alarm ? `${alarm.station || alarm.region} ${alarm.rule}` : "";
  const level = ROMAN[Number(news.data.level)] ?? "";
  const title = incident?.title ?? item?.title ?? "";
  const region = item?.region ?? incident?.region ?? "";
  const inIncident = incident ? `/incidents/${incident.id}/` : "";
  const place = closure?.place ?? "";
  const ofClosure = closure ? `/work/${closure.id}/` : "";
  const ofWork = item ? `/work/${item.id}/` : "";
  switch (news.name) {
    case "warn.alarm.raised":
      return [t("Alarm: {what} {value}", { what, value }), `/alarms/${alarm?.id}/`];
    case "warn.alarm.cleared":
      return [t("Cleared: {what}", { what }), `/alarms/${alarm?.id}/`];
    case "warn.alarm.acknowledged":
      return [t("Acknowledged: {what}", { what }), `/alarms/${alarm?.id}/`];
    case "command.incident.opened":
      return [t("Incident opened: {title}", { title }), inIncident];
    case "command.level.declared":
      return [t("{title}: level {level} response, {n} tasks", { title, level, n: Number(news.data.tasks) }), inIncident];
    case "command.incident.closed":
      return [t("Incident closed: {title}", { title }), inIncident];
    case "command.closure.ordered":
      return [t("To be closed to traffic: {place}", { place }), ofClosure];
    case "command.closure.closed":
      return [t("Closed to traffic: {place}", { place }), ofClosure];
    case "command.closure.ended":
      return [news.data.opened ? t("Open again: {place}", { place }) : t("Closing called off: {place}", { place }), ofClosure];
    case "work.item.submit":
      return [t("{region} handed in: {title}", { region, title }), ofWork];
    case "work.item.verify":
      return [t("{region} verified and closed: {title}", { region, title }), ofWork];
    case "work.item.return":
      return [t("{region} sent back: {title}", { region, title }), ofWork];
    case "observe.station.silent":
      return [t("No data from {station}", { station }), `/stations/${news.data.station_id}/`];
    case "observe.station.back":
      return [t("{station} reports again", { station }), `/stations/${news.data.station_id}/`];
    case "simulate.run.failed":
      return [t("No new forecast of water: {area}", { area: news.run?.area ?? "" }), `/forecasts/${news.data.run_id}/`];
    default:
      return [news.name, ""];
  }
}

/** The same as the map, for who cannot see it or whose browser cannot draw it. */
export function drawTable(store: Store, body: HTMLElement): void {
  const worst = store.severities();
  const ranked = [...store.stations.values()].sort(
    (a, b) => (worst.get(a.id) ?? 9) - (worst.get(b.id) ?? 9) || (mainSeries(b)?.value ?? -1) - (mainSeries(a)?.value ?? -1),
  );
  const labels = [...(body.closest("table")?.querySelectorAll("th") ?? [])].map((th) => th.textContent ?? "");
  body.replaceChildren(
    ...ranked.slice(0, 300).map((station) => {
      const series = mainSeries(station);
      const severity = worst.get(station.id);
      const state = severity
        ? el("span", `chip sev sev-${severity}`, t("alarm {n}", { n: ROMAN[severity] ?? "" }))
        : station.silent
          ? el("span", "chip", t("no data"))
          : el("span", "soft", t("normal"));
      const cells = [
        el("td", "", "", link(`/stations/${station.id}/`, station.name)),
        el("td", "soft", station.region),
        el("td", "num", series ? valueText(series, store.quantities) : "—"),
        el("td", "soft nowrap", series?.at ? shortMoment(series.at) : "—"),
        el("td", "", "", state),
      ];
      cells.forEach((cell, place) => (cell.dataset.label = labels[place] ?? ""));
      return el("tr", severity ? `sev-${severity}` : "", "", ...cells);
    }),
  );
}
