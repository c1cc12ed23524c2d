/** Sending what is kept, with the same id and bytes each time, until the server has answered. */

import { t } from "../i18n";
import { toast } from "../toast";
import { heard, whoami } from "./session";
import { drafts, type Draft, type Kept, type Problem } from "./store";

interface Receipt {
  state: "WAITING" | "ACCEPTED" | "REFUSED";
  reason: string;
  problems?: Problem[];
  missing: string[];
}

export type Sent = Draft & { kept: boolean };
export const CHANGED = "work-drafts-changed";
const STALL_MS = 60_000;
const SLOWEST_BYTES_PER_MS = 2; // a bad network still brings a photo through
const BUSY = [408, 425, 429, 502, 503, 504, 507];
let sending: Promise<void> | undefined;

/** Nothing goes out now: no network, too busy, a full disk, signed out. */
class Unreachable extends Error {}
/** The server has a fault with this one; others may go. */
class Stuck extends Error {}
class Refused extends Error {
  constructor(
    reason: string,
    readonly problems: Problem[] = [],
  ) {
    super(reason);
  }
}

function changed(): void {
  document.dispatchEvent(new CustomEvent(CHANGED));
}

interface Call {
  url: string;
  method: string;
  csrf: string;
  body?: string | Blob;
  type?: string;
}

async function call({ url, method, csrf, body, type }: Call): Promise<Receipt> {
  const size = typeof body === "string" ? body.length : (body?.size ?? 0);
  let answer: Response, text: string;
  try {
    answer = await fetch(url, {
      method,
      body,
      headers: { ...(type ? { "Content-Type": type } : {}), "X-CSRFToken": csrf },
      signal: AbortSignal.timeout(STALL_MS + size / SLOWEST_BYTES_PER_MS),
    });
    text = await heard(answer).text();
  } catch {
    throw new Unreachable();
  }
  if (answer.ok) return read(text);
  const { code, reason } = said(text);
  if (answer.status === 401 || code === "api.no_csrf_token") {
    throw new Unreachable(t("Sign in again; it is then sent by itself."));
  }
  // The bytes stay the same: a proxy that finds them too many will never take them.
  if (answer.status === 413) throw new Refused(reason || t("The file is too large for the server."));
  if (BUSY.includes(answer.status)) throw new Unreachable(reason);
  // A proxy's page is no word of ours on what was sent.
  if (answer.status >= 500 || !code) throw new Stuck(reason || `HTTP ${answer.status}`);
  throw new Refused(reason);
}

function read(text: string): Receipt {
  try {
    return JSON.parse(text) as Receipt;
  } catch {
    throw new Unreachable(); // the sign-in page of somebody's network
  }
}

/** What the server says of it; nothing where it is not ours, such as a proxy's page. */
function said(text: string): { code: string; reason: string } {
  try {
    const { code = "", message = "", hint = "" } = JSON.parse(text) as Record<string, string>;
    return { code, reason: `${message} ${hint}`.trim() };
  } catch {
    return { code: "", reason: "" };
  }
}

async function deliver(draft: Draft, csrf: string, files: Kept[]): Promise<Receipt> {
  let receipt = await call({
    url: "/api/submissions",
    method: "POST",
    csrf,
    body: draft.body,
    type: "application/json",
  });
  for (const [row, { digest, name }] of draft.files.entries()) {
    if (receipt.state === "REFUSED") break;
    if (!receipt.missing.includes(digest)) continue;
    const held = files.find((file) => file.digest === digest)?.blob;
    const blob = held ?? (await drafts.file(draft, digest));
    if (!blob) throw new Refused(t("A file that belongs to it is no longer on this phone."));
    const url = `/api/submissions/${draft.id}/attachments/${digest}`;
    receipt = await call({
      url: `${url}?name=${encodeURIComponent(name.slice(0, 120))}`,
      method: "PUT",
      csrf,
      body: blob,
      type: "application/octet-stream",
    }).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      throw new Refused(error.message, [{ part: "files", row, text: error.message }]);
    });
  }
  return receipt;
}

/** One try. The draft says afterwards what became of it; nothing is thrown but bugs. */
async function sendOne(draft: Draft, csrf: string, files: Kept[] = []): Promise<"on" | "stop"> {
  draft.tries += 1;
  let next: "on" | "stop" = "on";
  try {
    const receipt = await (draft.state === "received"
      ? call({ url: `/api/submissions/${draft.id}`, method: "GET", csrf })
      : deliver(draft, csrf, files));
    if (receipt.state === "REFUSED") throw new Refused(receipt.reason, receipt.problems);
    // The server has it on its disk, with every file; the phone need not keep them.
    if (receipt.missing.length) throw new Stuck();
    draft.state = "received";
    draft.settled = receipt.state === "ACCEPTED";
    draft.reason = receipt.state === "ACCEPTED" ? receipt.reason : ""; // taken otherwise than asked
  } catch (error) {
    if (error instanceof Refused) {
      draft.state = "refused";
      draft.problems = error.problems;
      draft.settled = true;
    } else if (error instanceof Unreachable) next = "stop";
    else if (!(error instanceof Stuck)) throw error;
    draft.reason = (error as Error).message;
  }
  // Where the phone stores nothing (private window, full), the caller still has it.
  await drafts.update(draft).catch(() => undefined);
  changed();
  return next;
}

async function sendAll(account: string): Promise<void> {
  const open = (await drafts.of(account)).filter((draft) => !draft.settled);
  if (!open.length) return;
  const me = await whoami();
  if (!me) return;
  if (me === "out" || me.account !== account) return tellSignedOut(open);
  const held = new Set<string>();
  for (const { id } of open) {
    // Afresh: another page of ours may have sent or removed it while this one was busy.
    const draft = await drafts.get(id);
    if (!draft || draft.settled || held.has(draft.subject)) continue;
    if ((await sendOne(draft, me.csrf)) === "stop") return;
    // What is about the same thing waits behind one that the server could not take.
    if (draft.state === "waiting") held.add(draft.subject);
  }
}

async function tellSignedOut(open: Draft[]): Promise<void> {
  for (const draft of open.filter((one) => one.state === "waiting")) {
    draft.reason = t("Sign in again; it is then sent by itself.");
    await drafts.update(draft);
  }
  changed();
}

/** Send everything that waits, oldest first; without a network the first stops the later ones. */
export function flush(account: string): Promise<void> {
  sending ??= alone(() => sendAll(account)).finally(() => {
    sending = undefined;
  });
  return sending;
}

/** One page of ours at a time, where the browser can see to that; the server would bear two. */
async function alone(work: () => Promise<void>): Promise<void> {
  if (navigator.locks) await navigator.locks.request("anlan-send", work);
  else await work();
}

/** Keep a submission on the phone; false where the phone stores nothing (private window, full). */
export async function keep(draft: Draft, files: Kept[], form = ""): Promise<boolean> {
  try {
    await drafts.add(draft, files, form);
  } catch {
    return false;
  }
  changed();
  return true;
}

/** One try to send what the phone cannot keep: a private window, or not a byte is left. */
export async function sendUnkept(draft: Draft, files: Kept[]): Promise<Sent> {
  const me = await whoami();
  if (me && me !== "out" && me.account === draft.account) await sendOne(draft, me.csrf, files);
  return { ...draft, kept: false };
}

/** Keep it first, then try to send it; says whether it could be kept. */
export async function handIn(draft: Draft, files: Kept[], form = ""): Promise<Sent> {
  if (!(await keep(draft, files, form))) return sendUnkept(draft, files);
  // One that is on its way already has looked before this one was there.
  await sending;
  await flush(draft.account);
  return { ...((await drafts.get(draft.id)) ?? draft), kept: true };
}

/** What to tell somebody whose submission did not go out. */
export function tellUnsent(sent: Sent): void {
  if (sent.kept) {
    toast(t("No network: kept on this phone."), t("It is sent by itself when the network is back."));
  } else {
    toast(t("Not sent, and this phone cannot keep it."), t("Leave this page open and try again."), "bad");
  }
}
