/** What is wrong at a visit: the lines of the checklist, and hazards beside it. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { newId } from "../work/digest";
import { card, chip, field, textarea } from "./parts";
import type { Entry } from "./state";
import type { Paper } from "./visit_paper";
import { daysOf, type Result, type Wrong } from "./visits";

const RESULTS: [Result, string][] = [
  ["FINE", t("in order")],
  ["WRONG", t("not in order")],
  ["NONE", t("does not apply")],
];

export function checklist(paper: Paper, redraw: () => void): HTMLElement[] {
  const { list } = paper.seen;
  if (!list) return [];
  const progress = el("p", "soft small");
  const count = () => {
    const n = Object.keys(paper.answers.replies).length;
    progress.textContent = t("{n} of {all} answered", { n, all: list.entries.length });
  };
  const rows = list.entries.map((entry) => line(paper, entry, count));
  const rest = button(t("All others are in order"), "big", () => {
    for (const entry of list.entries) paper.answers.replies[entry.id] ??= "FINE";
    redraw();
    paper.jot();
  });
  return [card(t("Checklist"), progress, el("ul", "phone-lines", "", ...rows), rest)];
}

function line(paper: Paper, entry: Entry, count: () => void): HTMLElement {
  const box = el("li");
  const buttons = RESULTS.map(([result, label]) => {
    const press = button(label, `answer answer-${result.toLowerCase()}`, () => {
      paper.answers.replies[entry.id] = result;
      paper.forgive(`entry/${entry.id}`);
      mark(paper, entry, result);
      paper.jot();
      paint();
    });
    return { result, press };
  });
  const detail = el("div", "stack");
  const paint = () => {
    const given = paper.answers.replies[entry.id];
    for (const { result, press } of buttons)
      press.setAttribute("aria-pressed", String(result === given));
    const wrong = paper.answers.hazards.find((one) => one.key === `entry/${entry.id}`);
    detail.replaceChildren(...(given === "WRONG" && wrong ? hazardForm(paper, wrong) : []));
    count();
  };
  const chips = entry.major ? [chip(t("major hazard"), "overdue")] : [];
  box.append(
    el("div", "", `${entry.number}. ${entry.text} `, ...chips),
    ...[entry.how, entry.basis].filter(Boolean).map((text) => el("div", "soft small", text)),
    el("div", "answers", "", ...buttons.map(({ press }) => press)),
    ...paper.complaint(`entry/${entry.id}`),
    detail,
  );
  paint();
  return box;
}

/** What is not in order is a hazard; what is in order again is none. */
function mark(paper: Paper, entry: Entry, result: Result): void {
  const key = `entry/${entry.id}`;
  const known = paper.answers.hazards.some((one) => one.key === key);
  if (result === "WRONG" && !known) {
    const grade = entry.major ? "MAJOR" : "GENERAL";
    paper.answers.hazards.push({ key, entry: entry.id, what: "", grade, files: [] });
  }
  if (result !== "WRONG") paper.dropHazard(key);
}

/** What is wrong, how grave, with photos. */
function hazardForm(paper: Paper, hazard: Wrong): HTMLElement[] {
  const what = textarea(`what-${hazard.key}`, hazard.what, 500);
  what.placeholder = t("What is wrong, and where");
  what.addEventListener("input", () => {
    hazard.what = what.value;
    paper.forgive(hazard.key);
    paper.jot();
  });
  const grade = document.createElement("select");
  grade.id = `grade-${hazard.key}`;
  for (const [value, label] of [
    ["GENERAL", t("general hazard")],
    ["MAJOR", t("major hazard")],
  ] as const)
    grade.add(new Option(label, value, false, value === hazard.grade));
  grade.addEventListener("change", () => {
    hazard.grade = grade.value as Wrong["grade"];
    paper.forgive(hazard.key);
    paper.jot();
  });
  const about = field(t("Description"), what, hazard.entry === null);
  const why = hazard.entry === null ? paper.complaint(hazard.key) : []; // else at its line
  const photos = paper.photoBox(hazard.key, hazard);
  return [...why, about, field(t("Grade"), grade), photos, further(paper, hazard)];
}

/** What need not be written down, folded: without it the line's basis and the bureau's rule hold. */
function further(paper: Paper, hazard: Wrong): HTMLElement {
  const basis = document.createElement("input");
  const due = document.createElement("input");
  basis.id = `basis-${hazard.key}`;
  basis.maxLength = 300;
  basis.placeholder = paper.seen.list?.entries.find(({ id }) => id === hazard.entry)?.basis ?? "";
  due.id = `due-${hazard.key}`;
  due.type = "date";
  [due.min, due.max] = daysOf(paper.answers);
  basis.value = hazard.basis ?? "";
  due.value = hazard.due_on ?? "";
  const note = () => {
    hazard.basis = basis.value;
    hazard.due_on = due.value || null;
    paper.forgive(hazard.key);
    paper.jot();
  };
  basis.addEventListener("input", note);
  due.addEventListener("input", note);
  const box = document.createElement("details");
  box.open = Boolean(hazard.basis || hazard.due_on);
  box.append(
    el("summary", "", t("Basis and last day (optional)")),
    field(t("Article that it offends"), basis),
    field(t("To be put right by"), due),
  );
  return box;
}

export function beside(paper: Paper): HTMLElement {
  const box = el("div", "stack");
  const paint = () => {
    const own = paper.answers.hazards.filter((one) => one.entry === null);
    const shown = own.map((hazard, n) => {
      const remove = button(t("Remove"), "small", () => {
        paper.dropHazard(hazard.key);
        paint();
        paper.jot();
      });
      const title = el("h3", "", t("Hazard {n}", { n: n + 1 }));
      return el("div", "stack", "", title, ...hazardForm(paper, hazard), remove);
    });
    const add = button(t("Add a hazard"), "big", () => {
      const key = newId();
      paper.answers.hazards.push({ key, entry: null, what: "", grade: "GENERAL", files: [] });
      paint();
      paper.jot();
    });
    box.replaceChildren(...shown, add);
  };
  paint();
  return card(t("Hazards beside the checklist"), box);
}
