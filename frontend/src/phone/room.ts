/** How much room the phone has left: said before it is full. */

import { el } from "../dom";
import { t } from "../i18n";

const MB = 1024 * 1024;
const LOW_MB = 60; // some hundred photos
const FULL_MB = 10;

export interface Room {
  free_mb: number;
  used_mb: number;
}

export async function measure(): Promise<Room | undefined> {
  const found = await navigator.storage?.estimate?.().catch(() => undefined);
  if (!found?.quota) return undefined;
  const used = found.usage ?? 0;
  return { free_mb: Math.max(0, found.quota - used) / MB, used_mb: used / MB };
}

/** A notice where there is little room, nothing otherwise. */
export async function room(): Promise<HTMLElement[]> {
  const found = await measure();
  if (!found || found.free_mb >= LOW_MB) return [];
  const free = Math.floor(found.free_mb);
  const text =
    free < FULL_MB
      ? t("This phone is full: {n} MB left. Send what waits before you take more photos.", { n: free })
      : t("Little room on this phone: {n} MB left. Send what waits soon.", { n: free });
  const box = el("div", `notice ${free < FULL_MB ? "bad" : "warn"}`, text);
  box.setAttribute("role", "alert");
  return [box];
}

/** Ask the browser not to clear this by itself when the phone's disk runs low. */
export async function holdOn(): Promise<void> {
  await navigator.storage?.persist?.().catch(() => false);
}
