/** Sending what is kept, with the same id and bytes each time, until the server has answered. */

import { t } from "../i18n";
import { toast } from "../toast";
import { drafts, type Draft } from "./store";

interface Receipt {
  state: "WAITING" | "ACCEPTED" | "REFUSED";
  reason: string;
  missing: string[];
}

export const CHANGED = "work-drafts-changed";
const STALL_MS = 60_000;
let sending: Promise<void> | undefined;

class Unreachable extends Error {}
class Refused extends Error {}

function changed(): void {
  document.dispatchEvent(new CustomEvent(CHANGED));
}

async function call(url: string, method: string, body: BodyInit, type: string): Promise<Receipt> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method,
      body,
      headers: { "Content-Type": type, "X-CSRFToken": document.body.dataset.csrf ?? "" },
      signal: AbortSignal.timeout(STALL_MS),
    });
  } catch {
    throw new Unreachable();
  }
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text) as Receipt;
  // Too busy, a full disk, a proxy's page, signed out: the same again later.
  if (answer.status === 401 || answer.status === 403) {
    throw new Unreachable(t("Sign in again; it is then sent by itself."));
  }
  const reason = said(text);
  if (answer.status >= 500 || [408, 425, 429].includes(answer.status)) {
    throw new Unreachable(reason);
  }
  throw new Refused(reason || `HTTP ${answer.status}`);
}

/** What the server says of it; nothing where it is not ours, such as a proxy's page. */
function said(text: string): string {
  try {
    const { message = "", hint = "" } = JSON.parse(text) as { message?: string; hint?: string };
    return `${message} ${hint}`.trim();
  } catch {
    return "";
  }
}

async function sendOne(draft: Draft): Promise<void> {
  draft.tries += 1;
  try {
    let receipt = await call("/api/submissions", "POST", draft.body, "application/json");
    for (const file of draft.files) {
      if (!receipt.missing.includes(file.digest)) continue;
      const url = `/api/submissions/${draft.id}/attachments/${file.digest}`;
      const named = `${url}?name=${encodeURIComponent(file.name.slice(0, 120))}`;
      receipt = await call(named, "PUT", file.blob, "application/octet-stream");
    }
    if (receipt.state === "REFUSED") throw new Refused(receipt.reason);
    draft.state = "received";
    // The server has it on its disk; the phone need not keep the pictures.
    draft.files = [];
    draft.reason = "";
  } catch (error) {
    if (error instanceof Refused) {
      draft.state = "refused";
      draft.reason = error.message;
    } else if (error instanceof Unreachable) draft.reason = error.message;
    else throw error;
  } finally {
    // Where the phone stores nothing (private window, full), the caller still has it.
    await drafts.put(draft).catch(() => undefined);
    changed();
  }
}

/** Send everything that waits, oldest first; an earlier one that cannot go stops the later ones. */
export function flush(account: string): Promise<void> {
  sending ??= (async () => {
    try {
      for (const draft of await drafts.of(account)) {
        if (draft.state !== "waiting") continue;
        await sendOne(draft);
        if (draft.state === "waiting") break;
      }
    } finally {
      sending = undefined;
    }
  })();
  return sending;
}

/** Keep a submission on the phone first, then try to send it; says whether it could be kept. */
export async function handIn(draft: Draft): Promise<Draft & { kept: boolean }> {
  try {
    await drafts.put(draft);
  } catch {
    await sendOne(draft);
    return { ...draft, kept: false };
  }
  changed();
  await flush(draft.account);
  return { ...((await drafts.get(draft.id)) ?? draft), kept: true };
}

/** What to tell somebody whose submission did not go out. */
export function tellUnsent(sent: { kept: boolean }): void {
  if (sent.kept) {
    toast(t("No network: kept on this phone."), t("It is sent by itself when the network is back."));
  } else {
    toast(t("Not sent, and this phone cannot keep it."), t("Leave this page open and try again."), "bad");
  }
}
