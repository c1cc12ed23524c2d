/** Search among the enterprises that were taken along, and the file of one. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { begin, KINDS, plansDone, unfinished } from "./visits";
import { card, chip, empty, fact, facts, field, heading, row } from "./parts";
import { hazardsOf, mine, moment, onChange, state, type Enterprise } from "./state";

const MOST_SHOWN = 60;
let searched = "";

export function find(text: string, all: Enterprise[]): Enterprise[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((one) => {
    const where = `${one.name} ${one.credit_code} ${one.address} ${one.place}`.toLowerCase();
    return words.every((word) => where.includes(word));
  });
}

function colour(one: Enterprise): HTMLElement {
  return chip(one.colour_label, `sev sev-${one.colour}`);
}

export function list(main: HTMLElement, _id: string, signal: AbortSignal): void {
  const input = document.createElement("input");
  input.type = "search";
  input.value = searched;
  input.placeholder = t("Name, credit code or address");
  input.setAttribute("aria-label", t("Search enterprises"));
  input.autocomplete = "off";
  const count = el("p", "soft small");
  count.setAttribute("role", "status");
  const rows = el("ul", "phone-list");
  const draw = () => {
    searched = input.value;
    const { enterprises } = state.parts;
    const found = find(searched, enterprises);
    const shown = found.slice(0, MOST_SHOWN);
    rows.replaceChildren(...shown.map(entry));
    if (!enterprises.length) rows.replaceChildren(nothing());
    const place = state.regions.map(({ name }) => name).join("、");
    const oldest = Math.min(Date.now(), ...state.regions.map(({ at }) => at));
    const since = moment(new Date(oldest).toISOString());
    count.textContent = "";
    if (enterprises.length)
      count.textContent = `${t("{place}: {n} enterprises", { n: found.length, place })} · ${t("as of {time}", { time: since })}`;
    if (found.length > MOST_SHOWN)
      count.textContent += ` · ${t("the first {n} are shown", { n: MOST_SHOWN })}`;
  };
  input.addEventListener("input", draw);
  onChange(draw, signal);
  main.replaceChildren(heading(t("Enterprises")), el("div", "phone-search", "", input), count, rows);
  draw();
}

function nothing(): HTMLElement {
  const link = document.createElement("a");
  link.href = "#/mine";
  link.className = "button primary big";
  link.textContent = t("Choose a region to take along");
  return el("li", "empty", "", el("strong", "", t("No enterprise was taken along.")), link);
}

function entry(one: Enterprise): HTMLElement {
  const open = hazardsOf(one.id).length;
  const chips = [colour(one)];
  if (open) chips.push(chip(t("{n} open hazards", { n: open }), "overdue"));
  return row(`#/enterprise/${one.id}`, one.name, [one.address || one.place], chips);
}

export async function show(main: HTMLElement, id: string): Promise<void> {
  const one = state.parts.enterprises.find((found) => found.id === Number(id));
  if (!one) {
    main.replaceChildren(
      heading(t("Enterprise"), "#/enterprises"),
      empty(t("This enterprise was not taken along.")),
    );
    return;
  }
  const place = [one.place, one.address].filter(Boolean).join(" ");
  const file = facts(
    fact(t("Risk"), colour(one), one.state_label),
    fact(t("Credit code"), el("span", "mono", one.credit_code)),
    fact(t("Address"), place),
    fact(t("Standard"), one.standard_name),
    fact(t("Industry"), one.industry),
    fact(t("Legal person"), one.legal_person),
    fact(t("People"), ...one.people),
  );
  main.replaceChildren(
    heading(one.name, "#/enterprises"),
    ...(await visiting(one)),
    card("", file, ...(state.holder?.inspects ? [correct(one)] : [])),
    hazardCard(one),
  );
}

function correct(one: Enterprise): HTMLElement {
  const link = document.createElement("a");
  link.className = "button";
  link.href = `#/edit/${one.id}`;
  link.textContent = t("Correct the file");
  return link;
}

/** Go on with a visit that was begun here, or begin one. */
async function visiting(one: Enterprise): Promise<HTMLElement[]> {
  const begun = (await unfinished()).filter((visit) => visit.enterprise === one.id);
  const links = begun.map((visit) => {
    const link = document.createElement("a");
    link.className = "button primary big";
    link.href = `#/visit/${visit.id}`;
    const begun = { time: moment(visit.at) };
    link.textContent = visit.returned
      ? t("Correct the refused visit of {time}", begun)
      : t("Go on with the visit of {time}", begun);
    return link;
  });
  if (!state.holder?.inspects || begun.length) return links;
  const plans = state.parts.plans.filter((found) => found.enterprise === one.id);
  if (!plans.length) return ofOneself(one);
  const done = plansDone(await mine(), one.id);
  const buttons = plans.map((plan) => {
    if (done.has(plan.item))
      return el("p", "notice good", t("The planned visit was handed in on this phone."));
    const kind = KINDS[plan.kind] ?? "";
    return starting(t("Begin the planned visit: {kind}", { kind }), () => begin(one, plan.kind, plan));
  });
  return plans.every(({ item }) => done.has(item)) ? [...buttons, ...ofOneself(one)] : buttons;
}

/** On one's own initiative: of which kind, one says. */
function ofOneself(one: Enterprise): HTMLElement[] {
  const kind = document.createElement("select");
  kind.id = "visit-kind";
  for (const [code, label] of Object.entries(KINDS)) kind.add(new Option(label, code));
  const start = starting(t("Begin a visit"), () => begin(one, kind.value));
  return [field(t("Kind of visit"), kind), start];
}

function starting(text: string, begun: () => Promise<string>): HTMLElement {
  const start = button(text, "primary big", () => {
    start.setAttribute("disabled", "");
    void begun().then((visit) => {
      location.hash = `#/visit/${visit}`;
    });
  });
  return start;
}

function hazardCard(one: Enterprise): HTMLElement {
  const open = hazardsOf(one.id);
  if (!open.length) return card(t("Open hazards"), el("p", "soft", t("None is open.")));
  const rows = open.map((hazard) => {
    const late = hazard.due_at !== null && Date.parse(hazard.due_at) < Date.now();
    const chips = [
      chip(hazard.grade_label, hazard.grade === "MAJOR" ? "overdue" : ""),
      chip(hazard.state_label),
    ];
    if (hazard.due_at)
      chips.push(chip(t("until {time}", { time: moment(hazard.due_at) }), late ? "overdue" : ""));
    return el(
      "li",
      "",
      "",
      el("div", "", `#${hazard.id} ${hazard.what}`),
      el("div", "chips", "", ...chips),
      ...(hazard.basis ? [el("div", "soft small", hazard.basis)] : []),
    );
  });
  return card(t("Open hazards"), el("ul", "phone-lines", "", ...rows));
}
