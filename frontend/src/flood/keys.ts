/** Space plays, arrows step; before the map, which would move, and not while somebody types. */

import type { Water } from "./water";

export function mountWaterKeys(water: Water): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (!water.isShown || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const target = event.target as HTMLElement;
    const slides = target.matches('input[type="range"]');
    if (!slides && target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const run = {
      " ": target.closest("button, summary, a") ? undefined : () => water.player.toggle(),
      ArrowLeft: slides ? undefined : () => water.player.step(-1),
      ArrowRight: slides ? undefined : () => water.player.step(1),
    }[event.key];
    if (!run) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    run();
  };
  document.addEventListener("keydown", onKey, { capture: true });
  return () => document.removeEventListener("keydown", onKey, { capture: true });
}
