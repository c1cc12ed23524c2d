/** Keys of the board; not while somebody types. */

import type { AlarmList } from "./alarms";

export function mountKeys(alarms: AlarmList, actions: Record<string, () => void>, help: HTMLDialogElement): void {
  const keys: Record<string, () => void> = {
    j: () => alarms.step(1),
    k: () => alarms.step(-1),
    a: () => {
      const alarm = alarms.current();
      if (alarm) void alarms.acknowledge(alarm);
    },
    o: () => {
      const alarm = alarms.current();
      if (alarm) void alarms.open(alarm);
    },
    f: () => actions.home?.(),
    t: () => actions.table?.(),
    m: () => actions.sound?.(),
    w: () => actions.water?.(),
    l: () => {
      const menu = document.querySelector<HTMLDetailsElement>(".board-tools details");
      if (menu) menu.open = !menu.open;
    },
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A slider takes arrows only.
    if (target.closest("input:not([type=range]), textarea, select, [contenteditable], dialog")) return;
    const run = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!run) return;
    event.preventDefault();
    run();
  });
}
