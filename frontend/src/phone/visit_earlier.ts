/** Earlier hazards of an enterprise, looked at again at a visit. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { card, field, textarea } from "./parts";
import { hazardsOf, state, type OpenHazard } from "./state";
import type { Paper } from "./visit_paper";

/** Hazards from before: those that are open, and what was said of others meanwhile settled. */
export function earlier(paper: Paper): HTMLElement[] {
  const open = hazardsOf(paper.seen.one.id);
  const others = paper.seen.hazards.filter((one) => open.every((known) => known.id !== one.id));
  const said = others.filter((one) => one.id in paper.answers.rechecks);
  const shown = [...open, ...said];
  if (!shown.length) return [];
  const rows = shown.map((hazard) => again(paper, hazard));
  return [card(t("Earlier hazards"), el("ul", "phone-lines", "", ...rows))];
}

function again(paper: Paper, hazard: OpenHazard): HTMLElement {
  const { rechecks } = paper.answers;
  const title = el("div", "", `#${hazard.id} ${hazard.what}`);
  // Who may not re-check sees them; the server would refuse the visit for it.
  if (state.holder?.checks === false && !rechecks[hazard.id])
    return el("li", "", "", title, el("div", "soft small", hazard.state_label));
  const note = textarea(`again-${hazard.id}`, rechecks[hazard.id]?.note ?? "", 300);
  const box = el("div", "stack");
  const set = (passed: boolean) => {
    if (rechecks[hazard.id]?.passed === passed) delete rechecks[hazard.id]; // taken back
    else rechecks[hazard.id] = { passed, note: note.value };
    paper.forgive(`again/${hazard.id}`);
    paper.jot();
    paint();
  };
  const right = button(t("put right"), "answer answer-fine", () => set(true));
  const not = button(t("not put right"), "answer answer-wrong", () => set(false));
  note.addEventListener("input", () => {
    const given = rechecks[hazard.id];
    if (!given) return;
    given.note = note.value;
    paper.jot();
  });
  const paint = () => {
    const given = rechecks[hazard.id];
    right.setAttribute("aria-pressed", String(given?.passed === true));
    not.setAttribute("aria-pressed", String(given?.passed === false));
    box.replaceChildren(...(given ? [field(t("Note"), note, !given.passed)] : []));
  };
  paint();
  const why = paper.complaint(`again/${hazard.id}`);
  return el("li", "", "", title, el("div", "answers two", "", right, not), ...why, box);
}
