/** What the server says of forecasts of water, and how times and depths are written. No drawing here. */

import { clockTime, duration } from "../clock";
import { t } from "../i18n";

/** A picture of no one time: the greatest depths, or how likely a depth is among an ensemble's members. */
export type Sheet = "max" | `over-${number}`;

export interface Legend {
  label: string;
  day: string;
  night: string;
}

/** A finished run's pictures, cut to the reader's regions by the server. */
export interface Pictures {
  id: number;
  at: number; // what it looks ahead from
  rain: string;
  times: number[];
  sheets: Sheet[]; // what else than its times there is
  key: string; // goes into the addresses: a picture under it never changes
  whole: boolean; // all of the area is the reader's
  corners: [number, number][]; // lon, lat from the north-west, clockwise
}

export interface Area {
  id: number;
  name: string;
  made_up: boolean;
  late_at: number | null; // when the next good forecast is overdue
  underway: { id: number; at: number } | null;
  failed: { id: number; at: number; message: string; hint: string } | null;
  run: Pictures | null;
  hits: number; // places of the reader's that will stand in water
}

export interface Forecasts {
  areas: Area[];
  legend: Legend[];
  likely: Legend[]; // of the sheets that say how likely
}

export function look(): "day" | "night" {
  return document.documentElement.dataset.theme === "dark" ? "night" : "day";
}

/** "14:20（起报后40分钟）". */
export function timeText(run: Pictures, at: number): string {
  const lead = at - run.at;
  const time = clockTime(at);
  return lead ? t("{time} (base time + {lead})", { time, lead: duration(lead / 1000) }) : t("{time} (base time)", { time });
}

/** "最大水深", "水深超过15厘米的可能性". */
export function sheetText(sheet: Sheet): string {
  return sheet === "max" ? t("greatest depth") : t("likelihood of over {n} cm", { n: sheet.slice("over-".length) });
}

export function depthText(metres: number): string {
  return t("{n} m", { n: metres.toFixed(2) });
}

/** "还有25分钟", or that it has come. */
export function leadText(at: number, now: number): string {
  return at > now ? t("in {time}", { time: duration((at - now) / 1000) }) : t("time has come");
}
