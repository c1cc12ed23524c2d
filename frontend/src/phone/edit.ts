/** A change of an enterprise's file, made on the spot: what the phone saw goes along with what it
 *  wants, so that the office's own changes meanwhile are never written over unseen. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { Position } from "../work/capture";
import { newDraft } from "../work/draft";
import { card, empty, field, heading } from "./parts";
import { mine, state, type Enterprise } from "./state";
import { handOver, positionField } from "./tasks";

type Value = string | number | null;
type Values = Record<string, Value>;
const FIELDS: [string, string, number][] = [
  ["name", t("Name"), 120],
  ["address", t("Address"), 200],
  ["legal_person", t("Legal person"), 60],
  ["employees", t("Employees"), 7],
];

/** The file as this phone knows it: what it took along, and its own changes on their way. */
async function known(one: Enterprise): Promise<{ values: Values; after: string | null }> {
  const { name, address, legal_person, employees, lon, lat } = one;
  const values: Values = { name, address, legal_person, employees, lon, lat };
  let after: string | null = null;
  for (const draft of await mine()) {
    if (draft.subject !== `enterprise/${one.id}` || draft.move !== "edit") continue;
    if (draft.state === "refused" || draft.settled) continue;
    const { data } = JSON.parse(draft.body) as {
      data: { fields: Record<string, { wanted: Value }> };
    };
    for (const [field, { wanted }] of Object.entries(data.fields)) values[field] = wanted;
    after = draft.id;
  }
  return { values, after };
}

export async function show(main: HTMLElement, id: string): Promise<void> {
  const one = state.parts.enterprises.find((found) => found.id === Number(id));
  if (!one) {
    return main.replaceChildren(
      heading(t("Enterprise"), "#/enterprises"),
      empty(t("This enterprise was not taken along.")),
    );
  }
  const { values, after } = await known(one);
  const inputs = new Map<string, HTMLInputElement>();
  const rows = FIELDS.map(([name, label, most]) => {
    const input = document.createElement("input");
    input.id = input.name = name;
    input.maxLength = most;
    input.value = String(values[name] ?? "");
    if (name === "employees") input.inputMode = "numeric";
    inputs.set(name, input);
    return field(label, input);
  });
  const box = positionField();
  const position = new Position(box.querySelector('[data-part="position-text"]'));
  box
    .querySelector('[data-part="locate"]')
    ?.addEventListener("click", () => void position.locate());
  const error = el("p", "error");
  error.setAttribute("role", "alert");
  const save = button(t("Hand in the change"), "primary big", () => {
    const fields = changed(values, inputs, position);
    error.textContent = Object.keys(fields).length ? "" : t("Nothing was changed.");
    if (error.textContent) return;
    save.setAttribute("disabled", "");
    void handOver(draftOf(one, fields, after), []).then((sent) => {
      if (sent.kept || sent.state === "received") location.hash = "#/queue";
      else save.removeAttribute("disabled");
    });
  });
  const told = el("p", "soft small", t("What the office has changed meanwhile is laid side by side."));
  main.replaceChildren(
    heading(one.name, `#/enterprise/${one.id}`),
    card(t("Correct the file"), ...rows, box, told, error, save),
  );
}

function changed(
  values: Values,
  inputs: Map<string, HTMLInputElement>,
  position: Position,
): Record<string, { seen: Value; wanted: Value }> {
  const fields: Record<string, { seen: Value; wanted: Value }> = {};
  for (const [name, input] of inputs) {
    const text = input.value.trim();
    const wanted = name === "employees" ? (/^\d+$/.test(text) ? Number(text) : null) : text;
    if (wanted !== values[name]) fields[name] = { seen: values[name] ?? null, wanted };
  }
  const { found } = position;
  if (found) {
    fields.lon = { seen: values.lon ?? null, wanted: found.lon };
    fields.lat = { seen: values.lat ?? null, wanted: found.lat };
  }
  return fields;
}

function draftOf(one: Enterprise, fields: object, after: string | null) {
  return newDraft({
    account: state.holder!.account,
    subject: `enterprise/${one.id}`,
    title: t("Change: {name}", { name: one.name }),
    move: "edit",
    files: [],
    asked: {
      handed_in: "prevent.edit",
      after,
      data: { enterprise: one.id, seen_at: one.changed_at, fields },
    },
  });
}
