/** Whose phone this is, what was taken along, and when it was last heard of the server. */

import { t } from "../i18n";
import { CHANGED, flush } from "../work/send";
import { whoami, type Me } from "../work/session";
import { carried, drafts, holder, wipe, type Carried, type Draft, type Holder } from "../work/store";

export interface Task {
  id: number;
  kind: string;
  kind_label: string;
  title: string;
  place: string;
  post: string;
  state: string;
  state_label: string;
  due_at: string | null;
  lines: string[];
  photos: number; // what its proof must carry
  position: boolean;
  note: boolean;
  returned: string; // why it was sent back, if it was
  exercise: boolean;
}

export interface Enterprise {
  id: number;
  name: string;
  credit_code: string;
  place: string;
  address: string;
  industry: string;
  standard: number | null;
  standard_name: string;
  colour: number;
  colour_label: string;
  state_label: string;
  legal_person: string;
  employees: number | null;
  people: string[];
  lon: number;
  lat: number;
  changed_at: string;
}

export interface OpenHazard {
  id: number;
  site: number;
  grade: string;
  grade_label: string;
  what: string;
  basis: string;
  state_label: string;
  due_at: string | null;
}

export interface Entry {
  id: number;
  number: number;
  section: string;
  text: string;
  basis: string;
  how: string;
  major: boolean;
}

export interface Checklist {
  id: number; // of the version in force
  standard: number;
  name: string;
  number: number;
  entries: Entry[];
}

export interface Place {
  code: string;
  name: string;
  full_name: string;
}

export interface Plan {
  item: number; // the task that it fulfils
  enterprise: number;
  kind: string;
}

interface Parts {
  region: Place[];
  tasks: Task[];
  plans: Plan[];
  enterprises: Enterprise[];
  hazards: OpenHazard[];
  checklists: Checklist[];
}

interface Package {
  keep_days: number;
  parts: Record<string, { revision: string; bytes: number; rows: unknown }>;
  same: string[]; // those that have not changed since
}

export const STATE_CHANGED = "phone-state-changed";
const PATIENCE_MS = 60_000;
const DAY_MS = 86_400_000;
const REGION_EVERY_MS = 900_000;

function nothing(): Parts {
  return { region: [], tasks: [], plans: [], enterprises: [], hazards: [], checklists: [] };
}

/** "" until the server was asked; "none" where it cannot be reached; "out": sign in again. */
export type Contact = "" | "here" | "none" | "out";

export const state = {
  holder: undefined as Holder | undefined,
  me: undefined as Me | undefined,
  contact: "" as Contact,
  parts: nothing(),
  at: {} as Record<string, number>, // when each part was last heard of
  bytes: 0,
};
let syncing: Promise<void> | undefined;

function tell(): void {
  document.dispatchEvent(new CustomEvent(STATE_CHANGED));
}

/** What the phone knows by itself, before any network. */
export async function open(): Promise<void> {
  const found = await holder.get();
  if (found && Date.now() > found.keepUntil) await wipe();
  else state.holder = found;
  await read();
}

async function read(): Promise<void> {
  const parts = nothing();
  state.at = {};
  state.bytes = 0;
  for (const one of state.holder ? await carried.of(state.holder.account) : []) {
    Object.assign(parts, { [one.part]: one.rows });
    state.at[one.part] = one.at;
    state.bytes += one.bytes;
  }
  state.parts = parts;
  tell();
}

/** Ask who is signed in, send what waits, renew what was taken along. One at a time.
 *
 *  Tasks are asked for each time; the region, which is much more work for the server, now and then,
 *  when something has gone out, and when somebody wants it `now`. */
export function sync(now = false): Promise<void> {
  syncing ??= once(now).finally(() => {
    syncing = undefined;
  });
  return syncing;
}

async function once(now: boolean): Promise<void> {
  const me = await whoami();
  state.contact = me === "out" ? "out" : me ? "here" : "none";
  if (me && me !== "out") await meet(me);
  tell();
  if (state.contact !== "here" || !state.holder) return;
  const before = await unsettled();
  await flush(state.holder.account);
  const old = Date.now() - (state.at.region ?? 0) > REGION_EVERY_MS;
  const whole = now || old || (await unsettled()) < before;
  const region = state.parts.region[0]?.code ?? "";
  await renew(whole ? region : undefined);
}

async function unsettled(): Promise<number> {
  return (await mine()).filter((draft) => !draft.settled).length;
}

/** The server says who it is; what somebody else has taken along goes. */
async function meet(me: Me): Promise<void> {
  const left = state.holder?.leaving && state.holder.account === me.account;
  if (left) return leave();
  state.me = me;
  if (state.holder?.account === me.account && !state.holder.leaving) return;
  await wipe();
  await hold(me, Date.now() + DAY_MS);
  await read();
}

async function hold(me: Me, keepUntil: number): Promise<void> {
  const { account, name, may } = me;
  const inspects = may.inspect;
  state.holder = { key: "holder", account, name, inspects, leaving: false, keepUntil };
  await holder.put(state.holder);
}

/** What has changed of one's tasks and, where one is named, of the region to be carried along.
 *  False where it did not arrive: what was there stays. */
export async function renew(region?: string): Promise<boolean> {
  const { holder: owner, me } = state;
  if (!owner || !me) return false;
  const known = await carried.of(owner.account);
  const have = known.map((one) => `${one.part}:${one.revision}`).join(",");
  const asked = new URLSearchParams({ region: region ?? "", have });
  const answer = await fetch(`/api/phone/carry?${asked}`, {
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(PATIENCE_MS),
    cache: "no-store",
  }).catch(() => undefined);
  // A network that goes away in the middle of it, or a proxy's page in its place.
  const found = answer?.ok
    ? await (answer.json() as Promise<Package>).catch(() => undefined)
    : undefined;
  if (!found) return false;
  await store(owner.account, found, known, region !== undefined);
  await hold(me, Date.now() + found.keep_days * DAY_MS);
  await forgetDone(owner.account);
  await read();
  return true;
}

/** `whole`: what is not in the answer is no longer carried along. */
async function store(
  account: string,
  found: Package,
  known: Carried[],
  whole: boolean,
): Promise<void> {
  const at = Date.now();
  const fresh = Object.entries(found.parts).map(([part, rest]) => ({ account, part, at, ...rest }));
  const same = known.filter((one) => found.same.includes(one.part)).map((one) => ({ ...one, at }));
  const stay = new Set([...fresh, ...same].map((one) => one.part));
  const gone = whole ? known.filter((one) => !stay.has(one.part)) : [];
  await carried.put([...fresh, ...same], gone.map((one) => [account, one.part]));
}

/** What the server has taken, its own rows show from now on. */
async function forgetDone(account: string): Promise<void> {
  for (const draft of await drafts.of(account)) {
    const old = Date.now() - draft.madeAt > DAY_MS;
    if (draft.state === "received" && draft.settled && old) await drafts.remove(draft.id);
  }
}

/** What was handed in on this phone about one thing and the server's rows do not show yet. */
export function pending(all: Draft[], subject: string): Draft[] {
  const heard = state.at.tasks ?? 0;
  return all.filter(
    (draft) =>
      draft.subject === subject &&
      draft.state !== "refused" &&
      (!draft.settled || draft.madeAt > heard),
  );
}

export function hazardsOf(site: number): OpenHazard[] {
  return state.parts.hazards.filter((hazard) => hazard.site === site);
}

export async function mine(): Promise<Draft[]> {
  return state.holder ? drafts.of(state.holder.account) : [];
}

/** Sign out: the phone forgets at once; the server is told now, or when it can be reached. */
export async function leave(): Promise<void> {
  const { holder: owner } = state;
  await wipe();
  state.holder = undefined;
  state.parts = nothing();
  const me = await whoami();
  if (me && me !== "out") {
    const body = new URLSearchParams({ csrfmiddlewaretoken: me.csrf });
    await fetch("/people/sign-out/", { method: "POST", body, redirect: "manual" });
  } else if (!me && owner) {
    // No network: whoever opens this page next finds nothing, and is told to sign in.
    await holder.put({ ...owner, name: "", leaving: true, keepUntil: Date.now() + DAY_MS });
    state.holder = { ...owner, name: "", leaving: true };
  }
  state.me = undefined;
  state.contact = me ? "out" : "none";
  tell();
}

export function onChange(redraw: () => void, signal: AbortSignal): void {
  document.addEventListener(STATE_CHANGED, redraw, { signal });
  document.addEventListener(CHANGED, redraw, { signal });
}

/** "2026-07-03T08:05:00Z" as officials write it. */
export function moment(iso: string | null): string {
  if (!iso) return "";
  const at = new Date(iso);
  const two = (n: number) => String(n).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return t("{m}-{d} {time}", { m: at.getMonth() + 1, d: at.getDate(), time });
}
