/** Whose phone this is, what was taken along, and when it was last heard of the server. */

import { t } from "../i18n";
import { CHANGED, flush } from "../work/send";
import { heard, whoami, type Me } from "../work/session";
import { carried, drafts, holder, isFull, wipe, type Carried, type Draft, type Holder } from "../work/store";

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
  path?: string; // of its region; none in what an older page took along
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
  standard: number | null; // whose checklist; null: the enterprise's own
  people?: Person[]; // whom it names; none in what an older page took along
}

export interface Person {
  id: number;
  name: string;
  office?: string;
}

/** Who may go along on a visit, and in which regions with all that lies below them. */
export interface Inspector extends Person {
  paths: string[];
}

/** A region on this phone, as old as it is. */
export interface Carrying extends Place {
  at: number;
  bytes: number;
  enterprises: number;
  trouble: string; // why it could not be renewed, in the server's words
}

interface Parts {
  tasks: Task[];
  plans: Plan[];
  enterprises: Enterprise[];
  hazards: OpenHazard[];
  checklists: Checklist[];
  inspectors: Inspector[];
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
const OF_A_REGION = ["region", "enterprises", "hazards", "inspectors"];

function nothing(): Parts {
  return { tasks: [], plans: [], enterprises: [], hazards: [], checklists: [], inspectors: [] };
}

/** "" until the server was asked; "none" where it cannot be reached; "out": sign in again. */
export type Contact = "" | "here" | "none" | "out";

export const state = {
  holder: undefined as Holder | undefined,
  me: undefined as Me | undefined,
  contact: "" as Contact,
  parts: nothing(),
  regions: [] as Carrying[],
  shell: "" as "" | "kept" | "failed", // whether the page opens without a network
  lost: [] as string[], // regions that went because one may not see them any more
  at: {} as Record<string, number>, // when each part was last heard of
  bytes: 0,
};
let syncing: Promise<void> | undefined;

function tell(): void {
  document.dispatchEvent(new CustomEvent(STATE_CHANGED));
}

/** Told by any answer, not only by the next look. */
export function signedOut(): void {
  if (state.contact === "out") return;
  state.contact = "out";
  tell();
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
  const all = state.holder ? await carried.of(state.holder.account) : [];
  const troubles = new Map(state.regions.map((one) => [one.code, one.trouble]));
  const regions = new Map<string, Carrying>();
  for (const one of all.filter((found) => found.part.startsWith("region@"))) {
    const [place] = one.rows as Place[];
    if (!place) continue;
    const trouble = troubles.get(place.code) ?? "";
    regions.set(place.code, { ...place, at: one.at, bytes: 0, enterprises: 0, trouble });
  }
  state.at = {};
  state.bytes = 0;
  // The latest first: of a firm in two regions that overlap, the newer file is shown.
  for (const one of all.sort((a, b) => b.at - a.at)) {
    const { name, code } = split(one.part);
    state.at[one.part] = one.at;
    state.bytes += one.bytes;
    const place = regions.get(code);
    if (place) place.bytes += one.bytes;
    if (place && name === "enterprises") place.enterprises = (one.rows as Enterprise[]).length;
    if (code) merge(parts, name, one.rows as { id: number }[]);
    else Object.assign(parts, { [name]: one.rows });
  }
  state.parts = parts;
  state.regions = [...regions.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  tell();
}

function split(part: string): { name: string; code: string } {
  const [name = "", code = ""] = part.split("@");
  return { name, code };
}

function merge(parts: Parts, name: string, rows: { id: number }[]): void {
  // The same person may come with two regions, each with what they may there: both hold.
  if (name === "inspectors") parts.inspectors = [...parts.inspectors, ...(rows as Inspector[])];
  if (name !== "enterprises" && name !== "hazards") return;
  const known = new Set(parts[name].map(({ id }) => id));
  const more = rows.filter(({ id }) => !known.has(id));
  Object.assign(parts, { [name]: [...parts[name], ...more] });
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

/** The same, but not what is under way already: that may have asked before the network changed. */
export async function syncAfresh(now = false): Promise<void> {
  await syncing?.catch(() => undefined);
  await sync(now);
}

async function once(now: boolean): Promise<void> {
  const me = await whoami();
  state.contact = me === "out" ? "out" : me ? "here" : "none";
  if (me && me !== "out") await meet(me);
  tell();
  if (state.contact !== "here" || !state.holder) return;
  const before = await unsettled();
  await flush(state.holder.account);
  const all = now || (await unsettled()) < before;
  const old = ({ at }: Carrying) => all || Math.abs(Date.now() - at) > REGION_EVERY_MS;
  const wanted = state.regions.filter(old).map(({ code }) => code);
  for (const code of wanted.length ? wanted : [""]) {
    if (!(await renew(code))) return;
  }
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
  const { inspect: inspects, check: checks } = may;
  state.holder = { key: "holder", account, name, inspects, checks, leaving: false, keepUntil };
  await holder.put(state.holder);
}

/** What has changed of one's tasks and, where one is named, of a region to be carried along.
 *  False where it did not arrive: what was there stays. */
export async function renew(region = ""): Promise<boolean> {
  const { holder: owner, me } = state;
  if (!owner || !me) return false;
  const known = (await carried.of(owner.account)).filter(({ part }) => {
    const { code } = split(part);
    return !code || code === region;
  });
  const have = known.map((one) => `${split(one.part).name}:${one.revision}`).join(",");
  const asked = new URLSearchParams({ region, have });
  const answer = await fetch(`/api/phone/carry?${asked}`, {
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(PATIENCE_MS),
    cache: "no-store",
  })
    .then(heard)
    .catch(() => undefined);
  if (answer && !answer.ok && region) return refused(region, answer);
  // A network that goes away in the middle of it, or a proxy's page in its place.
  const found = answer?.ok
    ? await (answer.json() as Promise<Package>).catch(() => undefined)
    : undefined;
  if (!found) return false;
  try {
    await store(owner.account, region, found, known);
    await hold(me, Date.now() + found.keep_days * DAY_MS);
  } catch (error) {
    if (!isFull(error)) throw error;
    return false; // no room for what is new
  }
  await forgetDone(owner.account);
  await read();
  return true;
}

/** The server will not give this region: one that may not be seen any more goes from the phone. */
async function refused(region: string, answer: Response): Promise<boolean> {
  const { code = "", message = "", hint = "" } = (await answer.json().catch(() => ({}))) as Record<
    string,
    string
  >;
  const there = state.regions.find((one) => one.code === region);
  if (!code || !there || answer.status === 401 || answer.status >= 500) return false;
  if (answer.status === 403 || answer.status === 404) {
    state.lost.push(there.name);
    await letGo(region);
  } else {
    there.trouble = `${message} ${hint}`.trim();
    tell();
  }
  return true;
}

/** A region goes from this phone; what was begun in it stays. */
export async function letGo(region: string): Promise<void> {
  if (!state.holder) return;
  const { account } = state.holder;
  const last = state.regions.every(({ code }) => code === region);
  const gone = (await carried.of(account)).filter(({ part }) => {
    const { name, code } = split(part);
    return code === region || (last && name === "checklists");
  });
  await carried.put([], gone.map((one) => [account, one.part]));
  await read();
}

/** Of a region, what is not in the answer is no longer carried along. */
async function store(
  account: string,
  region: string,
  found: Package,
  known: Carried[],
): Promise<void> {
  const at = Date.now();
  const place = (name: string) => (OF_A_REGION.includes(name) ? `${name}@${region}` : name);
  const fresh = Object.entries(found.parts).map(([name, rest]) => ({
    account,
    part: place(name),
    at,
    ...rest,
  }));
  const same = known
    .filter((one) => found.same.includes(split(one.part).name))
    .map((one) => ({ ...one, at }));
  const stay = new Set([...fresh, ...same].map((one) => one.part));
  const gone = region ? known.filter((one) => !stay.has(one.part)) : [];
  const trouble = state.regions.find(({ code }) => code === region);
  if (trouble) trouble.trouble = "";
  await carried.put([...fresh, ...same], gone.map((one) => [account, one.part]));
}

/** What the server has taken, its own rows show from now on. */
async function forgetDone(account: string): Promise<void> {
  for (const draft of await drafts.of(account)) {
    const old = Date.now() - draft.madeAt > DAY_MS;
    if (draft.state === "received" && draft.settled && old) await drafts.remove(draft);
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

/** Who may inspect there, the holder's own office first. */
export function inspectorsAt(path: string | undefined): Person[] {
  if (!path) return [];
  return state.parts.inspectors.filter(({ paths }) => paths.some((one) => path.startsWith(one)));
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
  await wipe(owner?.account);
  state.holder = undefined;
  state.parts = nothing();
  state.regions = [];
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
