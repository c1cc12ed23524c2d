/** Up and down (or k and j) go through the list, Enter opens: the desk officer's hands stay put. */

const STEPS: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

export function mount(element: HTMLElement): () => void {
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const target = event.target as HTMLElement;
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches("input, select, textarea, summary, [contenteditable]")) return;
    const rows = [...element.querySelectorAll<HTMLElement>(".work-row")];
    const here = rows.indexOf(document.activeElement as HTMLElement);
    const next = rows[here < 0 ? 0 : here + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
