/** A visit as it is handed in: what it still lacks, and the one submission that is made of it. */

import { t } from "../i18n";
import { newDraft } from "../work/draft";
import type { Draft } from "../work/store";
import { state } from "./state";
import type { Paper } from "./visit_paper";
import { cameOf, daysOf, kindOf, type Wrong } from "./visits";

const MOST_FILES = 20; // the server takes no more of one submission
const MOST_PEOPLE = 20;

/** Why it cannot be finished yet; nothing where it can. */
export function lacks(paper: Paper): string {
  const { replies, hazards, rechecks } = paper.answers;
  const left = (paper.seen.list?.entries ?? []).filter((entry) => !replies[entry.id]);
  if (left.length) return t("Line {n} of the checklist is not answered.", { n: left[0]!.number });
  if (hazards.some((one) => one.entry === null && !one.what.trim()))
    return t("Describe each hazard beside the checklist.");
  const [first, last] = daysOf(paper.answers);
  if (hazards.some(({ due_on: due }) => due && (due < first || due > last)))
    return t("The last day to put a hazard right lies within a year from the visit.");
  if (Object.values(rechecks).some((one) => !one.passed && !one.note.trim()))
    return t("Write why an earlier hazard is not put right.");
  if (cameOf(paper.answers, paper.seen.plan).length > MOST_PEOPLE)
    return t("At most {n} people go along.", { n: MOST_PEOPLE });
  if (paper.busy)
    return t("A photo is still being prepared.");
  if (paper.form.files.length > MOST_FILES)
    return t("A visit takes at most {n} files.", { n: MOST_FILES });
  return "";
}

/** All of it as one submission. */
export function draftOf(paper: Paper): Draft {
  const { enterprise, plan, version, started_at, replies, hazards, rechecks } = paper.answers;
  const { signature, voice, position } = paper.answers;
  const came = cameOf(paper.answers, paper.seen.plan).map(({ id, name }) => ({ id, name }));
  const entries = new Map((paper.seen.list?.entries ?? []).map((entry) => [entry.id, entry]));
  const of = (one: Wrong) => one.what.trim() || entries.get(one.entry ?? 0)?.text || "";
  const roles = { [signature]: "SIGN", [voice]: "VOICE" };
  const inHazards = new Set(hazards.flatMap((one) => one.files));
  return newDraft({
    account: state.holder!.account,
    subject: `enterprise/${enterprise}`,
    title: t("Visit: {name}", { name: paper.seen.one.name }),
    move: "visit",
    files: paper.form.files,
    under: paper.form.under,
    about: { ...paper.seen, came },
    asked: {
      handed_in: "prevent.visit",
      ...(paper.form.replaces ? { replaces: paper.form.replaces } : {}),
      note: paper.form.note,
      ...(position ?? { lon: null, lat: null, accuracy_m: null }),
      data: {
        enterprise,
        plan,
        kind: kindOf(paper.answers),
        version,
        started_at,
        finished_at: paper.answers.finished_at ?? new Date().toISOString(),
        alongside: came.map(({ id }) => id),
        led_by_principal: paper.answers.led ?? false,
        replies: Object.entries(replies).map(([entry, result]) => ({
          entry: Number(entry),
          result,
          note: hazards.find((one) => one.entry === Number(entry))?.what.slice(0, 300) ?? "",
        })),
        hazards: hazards.map((one) => ({
          what: of(one),
          grade: one.grade,
          entry: one.entry,
          basis: one.basis?.trim() ?? "",
          due_on: one.due_on || null,
          files: one.files,
        })),
        rechecks: Object.entries(rechecks).map(([hazard, { passed, note }]) => ({
          hazard: Number(hazard),
          passed,
          note,
        })),
        files: paper.form.files
          .filter(({ digest }) => !inHazards.has(digest))
          .map(({ digest }) => ({ digest, role: roles[digest] ?? "PHOTO" })),
      },
    },
  });
}
