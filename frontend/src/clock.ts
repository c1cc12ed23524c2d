/** The house's clock in the browser: the server's time at load, running at the scenario's rate. */

import { t } from "./i18n";

let atLoad = Date.now();
let rate = 1;
let loadedAt = performance.now();

export function setClock(ms: number, newRate: number): void {
  atLoad = ms;
  rate = newRate;
  loadedAt = performance.now();
}

export function nowMs(): number {
  return atLoad + (performance.now() - loadedAt) * rate;
}

export function clockRate(): number {
  return rate;
}

const zone = "Asia/Shanghai";
const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

function split(ms: number): Record<string, string> {
  const found = Object.fromEntries(parts.formatToParts(ms).map((part) => [part.type, part.value]));
  // Some locales pad them even when asked for plain numbers.
  for (const name of ["day", "month"]) found[name] = String(Number(found[name]));
  return found;
}

/** "08:05", in the city's time. */
export function clockTime(ms: number, seconds = false): string {
  const p = split(ms);
  return `${p.hour}:${p.minute}${seconds ? `:${p.second}` : ""}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "7月3日" (or "3 Jul" in English), as the server writes it. */
function shortDay(p: Record<string, string>): string {
  return document.documentElement.lang.startsWith("en") ? `${p.day} ${MONTHS[Number(p.month) - 1]}` : `${p.month}月${p.day}日`;
}

/** "7月3日 08:05" (or "3 Jul 08:05"). */
export function shortMoment(ms: number): string {
  const p = split(ms);
  return `${shortDay(p)} ${p.hour}:${p.minute}`;
}

/** "2026年7月3日 08:05:09" (or "3 Jul 2026 08:05:09"). */
export function fullMoment(ms: number, seconds = false): string {
  const p = split(ms);
  const day = document.documentElement.lang.startsWith("en") ? `${shortDay(p)} ${p.year}` : `${p.year}年${shortDay(p)}`;
  return `${day} ${clockTime(ms, seconds)}`;
}

/** "12分钟前". */
export function ago(ms: number): string {
  const s = Math.max(0, Math.round((nowMs() - ms) / 1000));
  if (s < 10) return t("just now");
  if (s < 60) return t("{n} s ago", { n: s });
  if (s < 3600) return t("{n} min ago", { n: Math.floor(s / 60) });
  if (s < 86400) return t("{n} h ago", { n: Math.floor(s / 3600) });
  return t("{n} d ago", { n: Math.floor(s / 86400) });
}

/** "2小时5分": a length of time, two units at most. */
export function duration(seconds: number): string {
  const s = Math.abs(Math.round(seconds));
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600), Math.floor(s / 60)];
  if (d > 0) return t("{d} d {h} h", { d, h: h % 24 });
  if (h > 0) return t("{h} h {m} min", { h, m: m % 60 });
  if (m > 0) return t("{m} min", { m });
  return t("{s} s", { s });
}
