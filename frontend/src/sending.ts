/** While a form is on its way its buttons wait: pressed twice, it would be sent twice. */

type Button = HTMLButtonElement | HTMLInputElement;

const waiting = new Set<Button>();

export function mountSending(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    // What a script sends itself comes back to this page; so do searches and `data-stays` forms.
    if (event.defaultPrevented || form.method !== "post" || "stays" in form.dataset) return;
    const pressed = event.submitter as Button | null;
    // Only afterwards: the name and value of the pressed button go along, of a disabled one not.
    setTimeout(() => wait(form, pressed));
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.method === "post") wait(form, null);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement) goOn(form);
  });
  // Stopped half-way, or answered with a file: whoever changes something may send again.
  document.addEventListener("input", (event) => goOn((event.target as HTMLInputElement).form));
  // Back to a page that the browser has kept as it was when it left.
  addEventListener("pageshow", () => goOn());
}

function wait(form: HTMLFormElement, pressed: Button | null): void {
  const all = [...form.elements] as Button[];
  const buttons = all.filter((one) => one.type === "submit" && !one.disabled);
  for (const button of buttons) {
    button.disabled = true;
    waiting.add(button);
  }
  (pressed ?? buttons[0])?.setAttribute("aria-busy", "true");
}

/** The buttons of one form, or all. */
function goOn(form?: HTMLFormElement | null): void {
  for (const button of waiting) {
    if (form !== undefined && button.form !== form) continue;
    button.disabled = false;
    button.removeAttribute("aria-busy");
    waiting.delete(button);
  }
}
