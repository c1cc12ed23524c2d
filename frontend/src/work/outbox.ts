/** What this phone still holds, what has arrived and what was refused; a button to try again. */

import { t } from "../i18n";
import { button, el, link } from "../dom";
import { reopenProof } from "./proof";
import { CHANGED, flush } from "./send";
import { drafts, type Draft } from "./store";

const EVERY_MS = 20_000;
const KEEP_MS = 3_600_000;
const KINDS = { waiting: "warn", received: "good", refused: "bad" };

function label(draft: Draft): string {
  if (draft.state === "waiting") return t("Kept on this phone, not yet sent");
  if (draft.state === "refused") return t("Refused");
  return draft.settled ? t("Received by the server") : t("Received, waits for an earlier step");
}

/** One submission with where it stands and what can be done about it. */
export function row(
  draft: Draft,
  href: string,
  redraw: () => void,
  again?: () => void, // put right what was refused
): HTMLElement {
  const name = href ? link(href, draft.title) : el("span", "", draft.title);
  const text = el("div", "", "", el("strong", "", label(draft)), el("br"), name);
  if (draft.reason) text.append(el("div", "", draft.reason));
  const presses = [];
  if (draft.state === "waiting")
    presses.push(button(t("Send now"), "small", () => void flush(draft.account)));
  if (draft.state === "refused" && again)
    presses.push(button(t("Correct and hand in again"), "small primary", again));
  if (draft.state !== "waiting") presses.push(dismissal(draft, redraw));
  return el("li", `notice ${KINDS[draft.state]}`, "", text, ...presses);
}

/** What was refused exists on this phone alone: one slip of the thumb does not delete it. */
function dismissal(draft: Draft, redraw: () => void): HTMLElement {
  const gone = () => void drafts.remove(draft).then(redraw);
  if (draft.state === "received") return button(t("Dismiss"), "small", gone);
  const ask = button(t("Delete"), "small", () => {
    ask.replaceWith(button(t("Delete for good"), "small danger", gone));
  });
  return ask;
}

/** Keep trying: at once, when the network is back, and now and then. Until the signal says so. */
export function keepSending(account: string, signal: AbortSignal): void {
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void flush(account);
  }, EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  window.addEventListener("online", () => void flush(account), { signal });
  void flush(account);
}

export function mount(element: HTMLElement): () => void {
  const account = element.dataset.account ?? "";
  const only = element.dataset.item ? `work/${element.dataset.item}` : "";
  const watching = new AbortController();
  const { signal } = watching;

  // What the server has, the page itself shows: on the next visit it is forgotten here.
  const forget = async () => {
    for (const draft of await drafts.of(account).catch(() => [])) {
      const old = Date.now() - draft.madeAt > KEEP_MS;
      const done = draft.state === "received" && draft.settled;
      if (done && (draft.subject === only || old)) await drafts.remove(draft);
    }
  };

  const draw = async () => {
    const all = await drafts.of(account).catch(() => []);
    const shown = all.filter((draft) => !only || draft.subject === only);
    // It went out while the page was open: the page shows the state before it.
    if (only && shown.some((one) => one.state === "received" && one.settled)) {
      return location.reload();
    }
    const rows = shown.map((draft) => {
      const proof = draft.move === "submit" && draft.subject === only;
      const again = () => void reopenProof(draft).then(() => location.reload());
      return row(draft, href(draft), () => void draw(), proof ? again : undefined);
    });
    element.replaceChildren(...(rows.length ? [el("ul", "outbox", "", ...rows)] : []));
  };

  document.addEventListener(CHANGED, () => void draw(), { signal });
  void forget()
    .then(draw)
    .then(() => keepSending(account, signal));
  return () => watching.abort();
}

function href(draft: Draft): string {
  return draft.subject.startsWith("work/") ? `/${draft.subject}/` : "/phone/#/queue";
}
