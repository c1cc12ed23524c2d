/** Values as people read them. */

import type { Quantity, Series, Station } from "./store";

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

export function valueText(series: Series, quantities: Record<string, Quantity>): string {
  const quantity = quantities[series.quantity];
  return `${number(series.value, quantity?.decimals ?? 1)} ${quantity?.unit ?? ""}`.trim();
}

export const ROMAN = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"];
