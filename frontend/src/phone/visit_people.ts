/** Who makes a visit beside whoever holds this phone: ticked, found by name or office where many. */

import { el } from "../dom";
import { t } from "../i18n";
import { card, tick } from "./parts";
import { inspectorsAt, state, type Person } from "./state";
import type { Paper } from "./visit_paper";
import { cameOf, kindOf, known } from "./visits";

const MOST_SHOWN = 6; // beside those who are ticked
const BY_TWO = ["INSPECT", "RECHECK"]; // kinds for which the law asks for two

export function companions(paper: Paper): HTMLElement {
  const everybody = offered(paper);
  const rows = el("div", "phone-people");
  const told = el("p", "soft small");
  const alone = el("p", "soft small");
  told.setAttribute("role", "status");
  const count = () => {
    const few = !ticked(paper).length && BY_TWO.includes(kindOf(paper.answers));
    alone.textContent = few ? t("The law asks for two inspectors at least. Tick who goes along.") : "";
  };
  const paint = (text = "") => {
    const first = everybody.filter(({ id }) => ticked(paper).some((one) => one.id === id));
    const fit = everybody.filter((one) => !first.includes(one) && fits(one, text));
    const shown = [...first, ...fit.slice(0, MOST_SHOWN)];
    rows.replaceChildren(...shown.map((one) => choice(paper, one, count)));
    const more = fit.length - MOST_SHOWN;
    told.textContent = more > 0 ? t("{n} more: find them by name or office.", { n: more }) : "";
    if (text && !fit.length) told.textContent = t("Nothing found");
    if (!everybody.length)
      told.textContent = t("Nobody to tick is on this phone. Renew the region with a network.");
  };
  paint();
  count();
  const search = everybody.length > MOST_SHOWN ? [finder(paint)] : [];
  return card(t("Together with"), alone, ...search, rows, told);
}

function ticked({ answers, seen }: Paper): Person[] {
  return cameOf(answers, seen.plan);
}

/** Who is ticked, whom the plan names, then whoever may inspect there; each once. */
function offered(paper: Paper): Person[] {
  const { one, plan } = paper.seen;
  // The file is as it was when the visit was begun; the phone may have renewed its region since.
  const path = known(one.id)?.path ?? one.path;
  const all = [...ticked(paper), ...(plan?.people ?? []), ...inspectorsAt(path)];
  const others = all.filter(({ id }) => String(id) !== state.holder?.account);
  return [...new Map(others.map((person) => [person.id, person])).values()];
}

function fits({ name, office }: Person, text: string): boolean {
  return `${name} ${office ?? ""}`.toLowerCase().includes(text.trim().toLowerCase());
}

function finder(paint: (text: string) => void): HTMLElement {
  const input = document.createElement("input");
  input.type = "search";
  input.autocomplete = "off";
  input.placeholder = t("Name or office");
  input.setAttribute("aria-label", t("Find who goes along"));
  input.addEventListener("input", () => paint(input.value));
  return el("div", "phone-search", "", input);
}

function choice(paper: Paper, person: Person, changed: () => void): HTMLElement {
  const { id, name, office } = person;
  const label = el("span", "", name, ...(office ? [el("span", "soft small", office)] : []));
  const set = (on: boolean) => {
    const others = ticked(paper).filter((one) => one.id !== id);
    paper.answers.came = on ? [...others, { id, name }] : others;
    paper.forgive(`with/${id}`);
    paper.jot();
    changed();
  };
  const here = ticked(paper).some((one) => one.id === id);
  return el("div", "", "", tick([label], here, set), ...paper.complaint(`with/${id}`));
}
