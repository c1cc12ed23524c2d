/** Whose phone it is, which region it carries, how large that is; signing out. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { heard } from "../work/session";
import { card, fact, facts, field, heading } from "./parts";
import { measure, holdOn, LOW_MB, room } from "./room";
import { leave, letGo, mine, moment, onChange, renew, state, sync, syncAfresh } from "./state";
import type { Carrying, Place } from "./state";
import { unfinishedEdits } from "./edits";
import { unfinished } from "./visits";

const ROOM_PER_BYTE = 2; // of the answer as text, in the phone's database

interface Size {
  region: Place;
  enterprises: number;
  hazards: number;
  checklists: number;
  bytes: number;
}

export async function show(main: HTMLElement, _id: string, signal: AbortSignal): Promise<void> {
  const chooser = el("div", "stack");
  const about = el("div", "stack");
  const draw = async () => about.replaceChildren(...(await holderCard()));
  onChange(() => void draw(), signal);
  main.replaceChildren(heading(t("This phone")), about, chooser, ...(await room()), signOut());
  await draw();
  if (state.holder) choose(chooser);
}

async function holderCard(): Promise<HTMLElement[]> {
  const { holder, parts, regions, at, bytes } = state;
  if (!holder?.name) return [signIn(t("Nobody is signed in on this phone."))];
  const heard = at.tasks ? moment(new Date(at.tasks).toISOString()) : "";
  const used = await measure();
  const renewing = button(t("Renew now"), "big", () => void syncAfresh(true));
  const box = card(
    "",
    facts(
      fact(t("Signed in"), holder.name),
      fact(t("Taken along"), regions.length ? t("{n} regions", { n: regions.length }) : t("my tasks only")),
      fact(
        t("Contents"),
        t("{n} tasks", { n: parts.tasks.length }),
        regions.length ? t("{n} enterprises", { n: parts.enterprises.length }) : "",
        regions.length ? t("{n} checklists", { n: parts.checklists.length }) : "",
      ),
      fact(t("Size"), size(bytes)),
      fact(t("As of"), heard),
      fact(t("Room left"), used ? `${Math.floor(used.free_mb)} MB` : ""),
    ),
    el("p", "soft small", t("Goes from this phone at sign-out, or after a week without a network.")),
    renewing,
  );
  const out = state.contact === "out" ? [signIn(t("Your sign-in has ended."))] : [];
  return [...out, ...notices(), box, ...regions.map(regionCard)];
}

/** What one would not otherwise notice: a region that went, a page that will not open offline. */
function notices(): HTMLElement[] {
  const lost = state.lost.map((name) =>
    t("You may no longer see {name}; it went from this phone. Visits begun there stay.", { name }),
  );
  const shell = state.shell === "failed" ? [t("This page cannot be kept on the phone: without a network it will not open. Make room and open it again.")] : [];
  return [...shell, ...lost].map((text) => el("div", "notice warn", text));
}

/** One region on this phone: how old, how large; to be renewed or put away by itself. */
function regionCard(one: Carrying): HTMLElement {
  const renewing = button(t("Renew"), "", () => {
    renewing.setAttribute("disabled", "");
    void renew(one.code)
      .catch(() => false)
      .then((arrived) => {
        renewing.removeAttribute("disabled");
        if (!arrived) renewing.textContent = t("Did not arrive; try again.");
      });
  });
  const away = button(t("Put away"), "", () => void letGo(one.code));
  const about = t("{n} enterprises, {size}, as of {time}", {
    n: one.enterprises,
    size: size(one.bytes),
    time: moment(new Date(one.at).toISOString()),
  });
  const trouble = one.trouble ? [el("p", "error", one.trouble)] : [];
  const presses = el("div", "answers two", "", renewing, away);
  return card(one.full_name || one.name, el("p", "soft small", about), ...trouble, presses);
}

export function signIn(why: string): HTMLElement {
  const link = document.createElement("a");
  link.className = "button primary";
  link.href = "/sign-in/?next=/phone/";
  link.textContent = t("Sign in");
  return el("div", "notice warn", "", el("span", "", why), link);
}

function size(bytes: number): string {
  const kilo = Math.ceil(bytes / 1000);
  return kilo < 1000 ? `${kilo} KB` : `${(kilo / 1000).toFixed(1)} MB`;
}

/** Regions of one's own, found as one types; the size is told before anything is fetched. */
function choose(box: HTMLElement): void {
  if (!state.me?.may.carry) return;
  const input = document.createElement("input");
  input.type = "search";
  input.autocomplete = "off";
  input.placeholder = t("Town, village or grid");
  const found = el("ul", "phone-list");
  const told = el("div", "stack");
  told.setAttribute("role", "status");
  let last = 0;
  const ask = async () => {
    const mark = ++last;
    const rows = await get<Place[]>(`/api/phone/regions?${new URLSearchParams({ q: input.value })}`);
    if (mark !== last) return;
    if (!rows) return found.replaceChildren(el("li", "empty", t("Needs a network.")));
    found.replaceChildren(...rows.map((place) => choice(place, told)));
  };
  input.addEventListener("input", () => void ask());
  box.replaceChildren(card(t("Take a region along"), field(t("Region"), input), found, told));
  void ask();
}

function choice(place: Place, told: HTMLElement): HTMLElement {
  const press = button(place.full_name || place.name, "phone-choice", () => void tell(place, told));
  return el("li", "", "", press);
}

async function tell(place: Place, told: HTMLElement): Promise<void> {
  told.replaceChildren(el("p", "", t("Working out the size …")));
  told.scrollIntoView({ block: "nearest" });
  const query = new URLSearchParams({ region: place.code });
  const answer = await fetch(`/api/phone/size?${query}`, { cache: "no-store" })
    .then(heard)
    .catch(() => undefined);
  const body = (await answer?.json().catch(() => undefined)) as (Size & Refused) | undefined;
  if (!answer?.ok || !body) {
    const why = body?.message ? `${body.message} ${body.hint ?? ""}` : t("Needs a network.");
    return told.replaceChildren(el("div", "notice warn", why));
  }
  const contents = t("{name}: {n} enterprises, {h} open hazards, {c} checklists, {size}", {
    name: place.name,
    n: body.enterprises,
    h: body.hazards,
    c: body.checklists,
    size: size(body.bytes),
  });
  const go = button(t("Take along"), "primary big", () => {
    go.setAttribute("disabled", "");
    go.textContent = t("Fetching …");
    void holdOn()
      .then(() => renew(place.code))
      .catch(() => false) // the phone is full
      .then((arrived) => {
        const text = arrived ? t("On this phone now.") : t("Did not arrive; try again.");
        told.replaceChildren(el("div", `notice ${arrived ? "good" : "bad"}`, text));
      });
  });
  told.replaceChildren(el("p", "", contents), ...(await fits(body.bytes)), go);
  told.scrollIntoView({ block: "nearest" });
}

/** Said before anything is fetched: that it will be tight, or that it will not fit. */
async function fits(bytes: number): Promise<HTMLElement[]> {
  const left = await measure();
  if (!left) return [];
  const after = left.free_mb - (bytes * ROOM_PER_BYTE) / 1_000_000;
  if (after >= LOW_MB) return [];
  const n = Math.max(0, Math.floor(after));
  const text =
    after < 0
      ? t("There is not enough room on this phone for it.")
      : t("Little room would be left for photos: {n} MB.", { n });
  return [el("div", `notice ${after < 0 ? "bad" : "warn"}`, text)];
}

interface Refused {
  message?: string;
  hint?: string;
}

async function get<T>(url: string): Promise<T | undefined> {
  const answer = await fetch(url, { cache: "no-store" })
    .then(heard)
    .catch(() => undefined);
  return answer?.ok ? ((await answer.json()) as T) : undefined;
}

function signOut(): HTMLElement {
  const box = el("div", "stack");
  const press = button(t("Sign out"), "big", () => void ask());
  const ask = async () => {
    const waiting = (await mine()).filter((draft) => draft.state === "waiting").length;
    const begun = (await unfinished()).length + (await unfinishedEdits()).length;
    if (!waiting && !begun) return void leave();
    const texts = [
      waiting
        ? t("{n} are not sent yet. They stay on this phone until you sign in here again.", { n: waiting })
        : "",
      begun ? t("{n} visits or changes are not finished. They are deleted at sign-out.", { n: begun }) : "",
    ];
    box.replaceChildren(
      ...texts.filter(Boolean).map((text) => el("div", "notice warn", text)),
      button(t("Send now"), "primary big", () => void sync()),
      button(t("Sign out all the same"), "danger big", () => void leave()),
    );
  };
  box.replaceChildren(press);
  return box;
}
