/** How much room the phone has left: said before it is full. */

import { el } from "../dom";
import { t } from "../i18n";
import { fits } from "../work/store";

const MB = 1024 * 1024;
export const LOW_MB = 60; // some hundred photos
const FULL_MB = 10;

const GIB = 1024 * MB;
const TRY_EVERY_MS = 600_000;
let tried = { at: 0, tight: false };

export interface Room {
  free_mb: number;
  used_mb: number;
}

export async function measure(): Promise<Room | undefined> {
  const found = await navigator.storage?.estimate?.().catch(() => undefined);
  if (!found?.quota) return undefined;
  const used = found.usage ?? 0;
  // For privacy newer browsers say a round figure, however little there is.
  if ((found.quota - used) % GIB === 0) return undefined;
  return { free_mb: Math.max(0, found.quota - used) / MB, used_mb: used / MB };
}

/** Where the browser does not say how much is left: whether a few photos would still find room. */
async function tight(): Promise<boolean> {
  if (Math.abs(Date.now() - tried.at) > TRY_EVERY_MS)
    tried = { at: Date.now(), tight: !(await fits(FULL_MB * MB)) };
  return tried.tight;
}

/** A notice where there is little room, nothing otherwise. */
export async function room(): Promise<HTMLElement[]> {
  const found = await measure();
  if (!found && (await tight())) {
    return [notice("bad", t("This phone is nearly full. Send what waits before you take more photos."))];
  }
  if (!found || found.free_mb >= LOW_MB) return [];
  const free = Math.floor(found.free_mb);
  const text =
    free < FULL_MB
      ? t("This phone is full: {n} MB left. Send what waits before you take more photos.", { n: free })
      : t("Little room on this phone: {n} MB left. Send what waits soon.", { n: free });
  return [notice(free < FULL_MB ? "bad" : "warn", text)];
}

function notice(kind: string, text: string): HTMLElement {
  const box = el("div", `notice ${kind}`, text);
  box.setAttribute("role", "alert");
  return box;
}

/** Ask the browser not to clear this by itself when the phone's disk runs low. */
export async function holdOn(): Promise<void> {
  await navigator.storage?.persist?.().catch(() => false);
}
