/** What this phone still holds, what has arrived and what was refused; a button to try again. */

import { t } from "../i18n";
import { CHANGED, flush } from "./send";
import { drafts, type Draft } from "./store";

const EVERY_MS = 20_000;
const KEEP_MS = 3_600_000;

function label(state: Draft["state"]): string {
  if (state === "received") return t("Received by the server");
  return state === "refused" ? t("Refused") : t("Kept on this phone, not yet sent");
}

export function mount(element: HTMLElement): () => void {
  const account = element.dataset.account ?? "";
  const only = element.dataset.item;
  const watching = new AbortController();
  const { signal } = watching;

  // What the server has, the page itself shows: on the next visit it is forgotten here.
  const forget = async () => {
    for (const draft of await drafts.of(account).catch(() => [])) {
      const old = Date.now() - draft.madeAt > KEEP_MS;
      if (draft.state === "received" && (draft.item === only || old)) await drafts.remove(draft.id);
    }
  };

  const draw = async () => {
    const all = await drafts.of(account).catch(() => []);
    const shown = all.filter((draft) => !only || draft.item === only);
    // It went out while the page was open: the page shows the state before it.
    if (only && shown.some((draft) => draft.state === "received")) return location.reload();
    element.replaceChildren(...(shown.length ? [list(shown)] : []));
  };

  const list = (shown: Draft[]): HTMLElement => {
    const box = document.createElement("ul");
    box.className = "outbox";
    for (const draft of shown) box.append(row(draft));
    return box;
  };

  const row = (draft: Draft): HTMLElement => {
    const line = document.createElement("li");
    line.className = `notice ${{ waiting: "warn", received: "good", refused: "bad" }[draft.state]}`;
    const text = document.createElement("div");
    const head = document.createElement("strong");
    head.textContent = label(draft.state);
    const what = document.createElement("a");
    what.href = `/work/${draft.item}/`;
    what.textContent = draft.title;
    text.append(head, document.createElement("br"), what);
    if (draft.reason) {
      const why = document.createElement("div");
      why.textContent = draft.reason;
      text.append(why);
    }
    line.append(text, button(draft));
    return line;
  };

  const button = (draft: Draft): HTMLElement => {
    const press = document.createElement("button");
    press.type = "button";
    press.className = "small";
    if (draft.state === "waiting") {
      press.textContent = t("Send now");
      press.addEventListener("click", () => void flush(account));
    } else {
      press.textContent = t("Dismiss");
      press.addEventListener("click", () => void drafts.remove(draft.id).then(draw));
    }
    return press;
  };

  document.addEventListener(CHANGED, () => void draw(), { signal });
  window.addEventListener("online", () => void flush(account), { signal });
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void flush(account);
  }, EVERY_MS);
  void forget().then(draw).then(() => flush(account));
  return () => {
    watching.abort();
    clearInterval(timer);
  };
}
