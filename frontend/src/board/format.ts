/** Values as people read them. */

import { duration } from "../clock";
import { t } from "../i18n";
import type { Alarm, Quantity, Series, Station } from "./store";

// What a station of a kind is there for, the most telling first.
const MAIN = ["ponding_depth", "water_level", "rain_1h", "rain_5min", "flow", "wind_speed", "rain_day", "temperature"];

/** The series whose value stands beside the station's sign. */
export function mainSeries(station: Station): Series | undefined {
  const rank = (series: Series): number => {
    const place = MAIN.indexOf(series.quantity);
    return place < 0 ? MAIN.length : place;
  };
  return [...station.series].sort((a, b) => rank(a) - rank(b))[0];
}

export function number(value: number | null, decimals: number): string {
  return value === null ? "—" : value.toFixed(decimals);
}

/** An alarm's value as its rule means it: "0.43 m", "1小时5分", "5个测站". */
export function alarmValue(alarm: Alarm): string {
  const { value, means, decimals, unit } = alarm;
  if (value === null) return "";
  if (means === "SILENCE" || means === "NO_FORECAST") return duration(value);
  if (means === "STATIONS") return t("{n} stations", { n: value });
  return `${number(value, decimals)} ${unit}${means === "RATE" ? "/h" : ""}`.trim();
}

export function valueText(series: Series, quantities: Record<string, Quantity>): string {
  const quantity = quantities[series.quantity];
  return `${number(series.value, quantity?.decimals ?? 1)} ${quantity?.unit ?? ""}`.trim();
}

export const ROMAN = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"];
