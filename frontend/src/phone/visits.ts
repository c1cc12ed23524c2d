/** What a visit is made of, how one is begun, and how a refused one becomes a draft again. */

import { t } from "../i18n";
import { newId } from "../work/digest";
import { drafts, forms, type Draft, type Kept, type Problem } from "../work/store";
import { hazardsOf, pending, state, type Checklist, type Enterprise, type OpenHazard, type Person, type Plan } from "./state";

export type Result = "FINE" | "WRONG" | "NONE";
export interface Wrong {
  key: string; // "entry/12", or one's own for a hazard beside the checklist
  entry: number | null;
  what: string;
  grade: "GENERAL" | "MAJOR";
  basis?: string; // what an older page wrote down has neither of the two
  due_on?: string | null;
  files: string[]; // digests
}
/** What stood before the eyes: it stays with the visit, whatever the phone carries later. */
export interface Facing {
  one: Enterprise;
  list: Checklist | null;
  hazards: OpenHazard[];
  plan?: Plan;
  came?: Person[]; // of one that was handed in: who had been ticked
}
export interface Answers {
  id: string;
  enterprise: number;
  plan: number | null;
  kind?: string; // none where an older page began it
  led?: boolean; // by a principal leader
  came?: Person[]; // who goes along; none where an older page began it
  absent?: number[]; // in an older page's: of those whom the plan names, who did not come
  version: number | null;
  started_at: string;
  finished_at?: string; // of one that was finished and comes back
  replies: Record<number, Result>;
  hazards: Wrong[];
  rechecks: Record<number, { passed: boolean; note: string }>;
  position: { lon: number; lat: number; accuracy_m: number } | null;
  signature: string;
  voice: string;
  facing?: Facing;
  bad?: Record<string, string>; // why, by "entry/12", a hazard's key, "again/7", "with/3" or a file's digest
}

export interface Begun {
  id: string;
  enterprise: number;
  name: string;
  at: string;
  returned: boolean;
}

export function keyOf(id: string): string {
  return `${state.holder!.account}/visit/${id}`;
}

export const KINDS: Record<string, string> = {
  INSPECT: t("inspection"),
  RECHECK: t("re-check"),
  SERVICE: t("service visit"),
};

function planned(item: number | null): Plan | undefined {
  return state.parts.plans.find((found) => found.item === item);
}

/** The server takes the plan's anyway; where nothing is known of it, it is an inspection. */
export function kindOf({ kind, plan }: Answers): string {
  return kind ?? planned(plan)?.kind ?? "INSPECT";
}

/** Those whom a plan names beside whoever holds this phone, if it names them together. */
export function alongside(plan: Plan | undefined): Person[] {
  const mine = ({ id }: Person) => String(id) === state.holder?.account;
  const people = plan?.people ?? [];
  return people.some(mine) ? people.filter((one) => !mine(one)) : [];
}

/** Who goes along: at first whom the plan names together with whoever holds this phone. */
export function cameOf(answers: Answers, plan: Plan | undefined): Person[] {
  answers.came ??= alongside(plan).filter(({ id }) => !answers.absent?.includes(id));
  return answers.came;
}

function facing(one: Enterprise, version: number | null, plan: Plan | undefined): Facing {
  const list = state.parts.checklists.find((found) => found.id === version) ?? null;
  return { one, list, hazards: hazardsOf(one.id), ...(plan && { plan }) };
}

/** Begin one, or go on with what another page of ours has begun there meanwhile; the checklist is
 *  the one in force when it was taken along. */
export async function begin(one: Enterprise, kind: string, plan?: Plan): Promise<string> {
  const begun = (await unfinished()).find(({ enterprise }) => enterprise === one.id);
  if (begun) return begun.id;
  const standard = plan?.standard ?? one.standard;
  const list = state.parts.checklists.find((found) => found.standard === standard);
  const answers: Answers = {
    id: newId(),
    enterprise: one.id,
    plan: plan?.item ?? null,
    kind,
    version: list?.id ?? null,
    started_at: new Date().toISOString(),
    replies: {},
    hazards: [],
    rechecks: {},
    position: null,
    signature: "",
    voice: "",
    facing: facing(one, list?.id ?? null, plan),
  };
  await forms.put({ key: keyOf(answers.id), under: answers.id, note: "", files: [], answers });
  return answers.id;
}

/** From when until when a hazard of the visit can be ordered to be put right: a year at most. */
export function daysOf({ finished_at: finished }: Answers): [string, string] {
  const at = finished ? new Date(finished) : new Date();
  return [dayOf(at), dayOf(new Date(at.getFullYear(), at.getMonth(), at.getDate() + 365))];
}

function dayOf(at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Visits on this phone that are not finished, the latest first. */
export async function unfinished(): Promise<Begun[]> {
  if (!state.holder) return [];
  const found = await forms.of(`${state.holder.account}/visit/`);
  return found.reverse().map(({ answers, replaces }) => {
    const { id, enterprise, started_at: at, facing: seen } = answers as Answers;
    const name = seen?.one.name ?? known(enterprise)?.name ?? `#${enterprise}`;
    return { id, enterprise, name, at, returned: replaces !== undefined };
  });
}

export function known(enterprise: number): Enterprise | undefined {
  return state.parts.enterprises.find((found) => found.id === enterprise);
}

/** What the visit is of: as it was when it was begun, else as the phone has it. */
export function facingOf({ facing: seen, ...rest }: Answers): Facing | undefined {
  const plan = planned(rest.plan);
  if (seen) return { ...(plan && { plan }), ...seen }; // an older page kept no plan
  const one = known(rest.enterprise);
  return one && facing(one, rest.version, plan);
}

/** The bytes that were sent, read again: all that a visit is. */
interface Body {
  note: string;
  lon: number | null;
  lat: number | null;
  accuracy_m: number | null;
  data: {
    enterprise: number;
    plan: number | null;
    kind?: string;
    version: number | null;
    started_at: string;
    finished_at: string;
    led_by_principal?: boolean;
    alongside?: number[];
    replies: { entry: number; result: Result }[];
    hazards: Omit<Wrong, "key">[];
    rechecks: { hazard: number; passed: boolean; note: string }[];
    files: { digest: string; role: "PHOTO" | "SIGN" | "VOICE" }[];
  };
}

/** A refused visit is a draft again, under a new id, with its reasons at their places.
 *  Its new id, or nothing where it is gone (another page of ours was quicker). */
export async function reopen(draft: Draft): Promise<string | undefined> {
  const body = JSON.parse(draft.body) as Body;
  const { note, data } = body;
  const id = newId();
  const hazards = data.hazards.map((one) => ({
    ...one,
    key: one.entry === null ? newId() : `entry/${one.entry}`,
  }));
  const role = (wanted: string) => data.files.find((file) => file.role === wanted)?.digest ?? "";
  const answers: Answers = {
    id,
    enterprise: data.enterprise,
    plan: data.plan,
    ...(data.kind && { kind: data.kind }),
    led: data.led_by_principal ?? false,
    version: data.version,
    started_at: data.started_at,
    finished_at: data.finished_at,
    replies: Object.fromEntries(data.replies.map(({ entry, result }) => [entry, result])),
    hazards,
    rechecks: Object.fromEntries(data.rechecks.map(({ hazard, ...rest }) => [hazard, rest])),
    position: placeOf(body),
    signature: role("SIGN"),
    voice: role("VOICE"),
    bad: places(draft, hazards, data),
  };
  const seen = (draft.about as Facing | undefined) ?? facingOf(answers);
  if (seen) face(answers, seen);
  if (data.alongside) answers.came = named(data.alongside, seen);
  const files: Kept[] = await drafts.files(draft);
  const { reason, id: replaces } = draft;
  const under = draft.under ?? draft.id;
  const form = { key: keyOf(id), under, note, files, answers, replaces, reason };
  return (await drafts.reopen(draft, form)) ? id : undefined;
}

/** By their numbers, which is all that was sent of them. */
function named(ids: number[], seen: Facing | undefined): Person[] {
  const people = [...(seen?.came ?? []), ...(seen?.plan?.people ?? []), ...state.parts.inspectors];
  return ids.map((id) => people.find((one) => one.id === id) ?? { id, name: `#${id}` });
}

/** The plans by which a visit was handed in on this phone that the server's rows do not show yet. */
export function plansDone(all: Draft[], enterprise: number): Set<number> {
  const visits = pending(all, `enterprise/${enterprise}`).filter(({ move }) => move === "visit");
  return new Set(visits.map(({ body }) => (JSON.parse(body) as Body).data.plan ?? 0));
}

/** What was answered of another checklist cannot stay: its lines are not on the form. */
function face(answers: Answers, seen: Facing): void {
  const lines = new Set(seen.list?.entries.map((entry) => entry.id));
  answers.facing = seen;
  for (const entry of Object.keys(answers.replies).map(Number))
    if (!lines.has(entry)) delete answers.replies[entry];
  for (const hazard of answers.hazards)
    if (hazard.entry !== null && !lines.has(hazard.entry)) hazard.entry = null;
}

function placeOf({ lon, lat, accuracy_m }: Body): Answers["position"] {
  return lon === null || lat === null ? null : { lon, lat, accuracy_m: accuracy_m ?? 0 };
}

/** Where on the form each reason of the server's is shown. */
function places(draft: Draft, hazards: Wrong[], data: Body["data"]): Record<string, string> {
  const key = ({ part, row }: Problem): string | undefined => {
    if (part === "hazards") return hazards[row]?.key;
    if (part === "replies") return data.replies[row] && `entry/${data.replies[row].entry}`;
    if (part === "alongside") return `with/${data.alongside?.[row]}`;
    if (part === "rechecks") return data.rechecks[row] && `again/${data.rechecks[row].hazard}`;
    return draft.files[row]?.digest;
  };
  const found = (draft.problems ?? []).map((problem) => [key(problem) ?? "", problem.text]);
  return Object.fromEntries(found.filter(([place]) => place));
}
