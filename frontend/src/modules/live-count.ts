/** <b data-module="live-count" data-src="/api/…" data-key="open" data-every="15">: a number that
 *  keeps itself right. */

import type { Mount } from "../main";
import { getJson } from "../net";

export const mount: Mount = (element) => {
  const { src, key = "count", every = "15" } = element.dataset;
  if (!src) return undefined;
  const load = async (): Promise<void> => {
    if (document.hidden) return;
    try {
      const data = await getJson<Record<string, unknown>>(src);
      element.textContent = String(data[key] ?? "");
      element.classList.remove("soft");
    } catch {
      element.classList.add("soft"); // what it shows may be old
    }
  };
  const timer = setInterval(() => void load(), Number(every) * 1000);
  return () => clearInterval(timer);
};
