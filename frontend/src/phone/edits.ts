/** A change of an enterprise's file: what it is made of, and how a refused one is a draft again. */

import { newId } from "../work/digest";
import { drafts, forms, type Draft, type Unfinished } from "../work/store";
import { mine, state, type Enterprise } from "./state";

export type Value = string | number | null;
export type Values = Record<string, Value>;
export interface Started {
  enterprise: number;
  name: string;
  at: string;
  seen: Values; // what stood before the eyes: the office's own changes are compared with it
  seen_at: string;
  after: string | null; // the change of one's own that this one goes on from
  typed: Record<string, string>;
  position: { lon: number; lat: number; accuracy_m: number } | null;
}
/** The bytes that were sent, read again. */
interface Body {
  after: string | null;
  data: {
    enterprise: number;
    seen_at: string;
    fields: Record<string, { seen: Value; wanted: Value }>;
  };
}

export function keyOf(enterprise: number): string {
  return `${state.holder!.account}/edit/${enterprise}`;
}

/** The file as this phone knows it: what it took along, and its own changes on their way. */
async function known(one: Enterprise): Promise<{ seen: Values; after: string | null }> {
  const { name, address, legal_person, employees, lon, lat } = one;
  const seen: Values = { name, address, legal_person, employees, lon, lat };
  let after: string | null = null;
  for (const draft of await mine()) {
    if (draft.subject !== `enterprise/${one.id}` || draft.move !== "edit") continue;
    if (draft.state === "refused" || draft.settled) continue;
    const { data } = JSON.parse(draft.body) as Body;
    for (const [field, { wanted }] of Object.entries(data.fields)) seen[field] = wanted;
    after = draft.id;
  }
  return { seen, after };
}

function typed(values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([field, value]) => [field, String(value ?? "")]),
  );
}

/** The one that was begun, or a new one of what the phone knows; nothing where it knows nothing. */
export async function started(enterprise: number): Promise<Unfinished | undefined> {
  const kept = await forms.get(keyOf(enterprise));
  const one = state.parts.enterprises.find((found) => found.id === enterprise);
  if (kept || !one) return kept;
  const { seen, after } = await known(one);
  const answers: Started = {
    enterprise,
    name: one.name,
    at: new Date().toISOString(),
    seen,
    seen_at: one.changed_at,
    after,
    typed: typed(seen),
    position: null,
  };
  return { key: keyOf(enterprise), under: newId(), note: "", files: [], answers };
}

/** Changes on this phone that are not handed in. */
export async function unfinishedEdits(): Promise<(Started & { returned: boolean })[]> {
  if (!state.holder) return [];
  const found = await forms.of(`${state.holder.account}/edit/`);
  return found.map(({ answers, replaces }) => ({
    ...(answers as Started),
    returned: replaces !== undefined,
  }));
}

/** A refused change is a draft again with its reason; false where it is gone (another page of ours
 *  was quicker). What was begun meanwhile of the same file stays as it was typed. */
export async function reopenEdit(draft: Draft): Promise<boolean> {
  const { data } = JSON.parse(draft.body) as Body;
  const before = (draft.about as Started | undefined) ?? read(draft);
  const begun = await forms.get(keyOf(data.enterprise));
  const { reason, id: replaces } = draft;
  const form = begun ?? { key: keyOf(data.enterprise), under: newId(), note: "", files: [] };
  const answers = begun ? joined(begun.answers as Started, before) : before;
  return drafts.reopen(draft, { ...form, answers, replaces, reason });
}

function joined(begun: Started, before: Started): Started {
  const untouched = Object.entries(begun.typed).filter(
    ([field, text]) => text === String(begun.seen[field] ?? ""),
  );
  const again = untouched.map(([field, text]) => [field, before.typed[field] ?? text]);
  return {
    ...before,
    typed: { ...begun.typed, ...Object.fromEntries(again) },
    position: begun.position ?? before.position,
  };
}

/** Of one that an older page handed in: what it changed is all that is known. */
function read(draft: Draft): Started {
  const { after, data } = JSON.parse(draft.body) as Body;
  const of = (which: "seen" | "wanted") =>
    Object.fromEntries(Object.entries(data.fields).map(([field, pair]) => [field, pair[which]]));
  const { lon, lat } = of("wanted");
  return {
    enterprise: data.enterprise,
    name: draft.title,
    at: new Date(draft.madeAt).toISOString(),
    seen: of("seen"),
    seen_at: data.seen_at,
    after,
    typed: typed(of("wanted")),
    position: lon && lat ? { lon: Number(lon), lat: Number(lat), accuracy_m: 0 } : null,
  };
}
