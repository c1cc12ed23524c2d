/** The one entry: styles, htmx, and a module for each [data-module], mounted on load and after
 *  htmx has swapped something in. The server says what (attributes), the module how. */

import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/components.css";
import "./styles/print.css";
import "./work/work.css";
import "./places/places.css";
import "./prevent/prevent.css";
import "./htmx";
import { mountShell } from "./shell";

/** A module gets its element, and may return what undoes it. */
export type Mount = (element: HTMLElement) => void | (() => void);

const modules: Record<string, () => Promise<{ mount: Mount }>> = {
  board: () => import("./board/board"),
  clock: () => import("./modules/clock"),
  countdown: () => import("./modules/countdown"),
  "forecast-chart": () => import("./modules/forecast-chart"),
  "lead-bars": () => import("./modules/lead-bars"),
  "series-chart": () => import("./modules/series-chart"),
  "mini-map": () => import("./modules/mini-map"),
  "floor-plan": () => import("./prevent/floor-plan"),
  "flood-run": () => import("./flood/run"),
  "phone-left": () => import("./modules/phone-left"),
  "region-map": () => import("./places/region-map"),
  "region-picker": () => import("./modules/region-picker"),
  "live-count": () => import("./modules/live-count"),
  "work-accept": () => import("./work/accept"),
  "work-keys": () => import("./work/keys"),
  "work-outbox": () => import("./work/outbox"),
  "work-proof": () => import("./work/proof"),
};

const mounted = new Map<HTMLElement, () => void>();

function mountAll(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-module]")) void mount(element);
}

async function mount(element: HTMLElement): Promise<void> {
  const load = modules[element.dataset.module ?? ""];
  if (!load || mounted.has(element)) return;
  mounted.set(element, () => undefined);
  const module = await load();
  if (!element.isConnected) return void mounted.delete(element);
  mounted.set(element, module.mount(element) ?? (() => undefined));
}

function sweep(): void {
  for (const [element, undo] of mounted) {
    if (element.isConnected) continue;
    undo();
    mounted.delete(element);
  }
}

mountShell();
mountAll(document);
document.body.addEventListener("htmx:load", (event) => {
  sweep();
  const element = event.target as HTMLElement;
  if (element.matches("[data-module]")) void mount(element);
  mountAll(element);
});
