/** A change of an enterprise's file, made on the spot: what the phone saw goes along with what it
 *  wants, so that the office's own changes meanwhile are never written over unseen. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { toast } from "../toast";
import { Position, tellFull } from "../work/capture";
import { newDraft } from "../work/draft";
import { held } from "../work/held";
import { forms, isFull, type Unfinished } from "../work/store";
import { keyOf, started, type Started, type Value } from "./edits";
import { card, elsewhere, empty, field, heading } from "./parts";
import { state } from "./state";
import { handOver, positionField } from "./tasks";

const FIELDS: [string, string, number][] = [
  ["name", t("Name"), 120],
  ["address", t("Address"), 200],
  ["legal_person", t("Legal person"), 60],
  ["employees", t("Employees"), 7],
];
const MOST_EMPLOYEES = 1_000_000;
type Fields = Record<string, { seen: Value; wanted: Value }>;

export async function show(main: HTMLElement, id: string, signal: AbortSignal): Promise<void> {
  const wait = () =>
    main.replaceChildren(heading(t("Enterprise"), "#/enterprises"), empty(elsewhere()));
  if (state.holder && !(await held(keyOf(Number(id)), signal, wait))) return;
  const form = await started(Number(id));
  if (!form) {
    return main.replaceChildren(
      heading(t("Enterprise"), "#/enterprises"),
      empty(t("This enterprise was not taken along.")),
    );
  }
  new EditForm(main, form).draw();
}

class EditForm {
  private readonly answers: Started;
  private readonly box = positionField();
  private readonly position: Position;
  private readonly error = el("p", "error");
  private kept: Promise<void> = Promise.resolve();
  private over = false;

  constructor(
    private readonly main: HTMLElement,
    private readonly form: Unfinished,
  ) {
    this.answers = form.answers as Started;
    this.position = new Position(this.box.querySelector('[data-part="position-text"]'));
    this.error.setAttribute("role", "alert");
  }

  draw(): void {
    const { enterprise, name, seen, position } = this.answers;
    // Of a file that is no longer carried along, only what was changed is known.
    const shown = FIELDS.filter(([field]) => field in seen);
    const rows = shown.map(([field, label, most]) => this.row(field, label, most));
    const save = button(t("Hand in the change"), "primary big", () => void this.hand(save));
    const drop = button(t("Discard this change"), "big", () => {
      drop.replaceWith(button(t("Discard for good"), "danger big", () => void this.discard()));
    });
    const told = t("What the office has changed meanwhile is laid side by side.");
    this.main.replaceChildren(
      heading(name, `#/enterprise/${enterprise}`),
      ...this.returned(),
      card(t("Correct the file"), ...rows, this.box, el("p", "soft small", told), this.error, save, drop),
    );
    this.box
      .querySelector('[data-part="locate"]')
      ?.addEventListener("click", () => void this.locate());
    this.position.restore(position);
  }

  private row(name: string, label: string, most: number): HTMLElement {
    const input = document.createElement("input");
    input.id = input.name = name;
    input.maxLength = most;
    input.value = this.answers.typed[name] ?? "";
    if (name === "employees") input.inputMode = "numeric";
    input.addEventListener("input", () => {
      this.answers.typed[name] = input.value;
      this.keep();
    });
    return field(label, input);
  }

  /** Why the server refused it. */
  private returned(): HTMLElement[] {
    const { reason, replaces } = this.form;
    if (replaces === undefined) return [];
    const told = t("Nothing is lost. Correct it, then hand in the change again.");
    const text = el("div", "", "", el("strong", "", t("Refused")), el("div", "", reason ?? ""));
    text.append(el("div", "small", told));
    const box = el("div", "notice bad", "", text);
    box.setAttribute("role", "alert");
    return [box];
  }

  private async locate(): Promise<void> {
    await this.position.locate();
    this.answers.position = this.position.found ?? this.answers.position;
    this.keep();
  }

  /** Each stroke at once, one after the other, so that an older state never lands on a newer one. */
  private keep(): void {
    this.error.textContent = "";
    this.kept = this.kept.then(() => this.write());
  }

  private async write(): Promise<void> {
    if (this.over) return;
    try {
      await forms.put(this.form);
    } catch (error) {
      if (isFull(error)) tellFull();
      else toast(t("The phone could not keep this."), "", "bad");
    }
  }

  private lacks(fields: Fields): string {
    const { employees } = fields;
    if (employees && Number.isNaN(employees.wanted))
      return t("Employees: a whole number of at most one million.");
    if (fields.name?.wanted === "") return t("An enterprise needs a name.");
    return Object.keys(fields).length ? "" : t("Nothing was changed.");
  }

  private async hand(press: HTMLElement): Promise<void> {
    const fields = changed(this.answers);
    this.error.textContent = this.lacks(fields);
    if (this.error.textContent) return;
    press.setAttribute("disabled", "");
    await this.kept;
    const sent = await handOver(this.draft(fields), [], this.form.key);
    if (!sent.kept && sent.state !== "received") {
      this.error.textContent = sent.reason;
      return press.removeAttribute("disabled");
    }
    this.over = true;
    if (!sent.kept) await forms.remove(this.form).catch(() => undefined);
    location.hash = "#/queue";
  }

  private async discard(): Promise<void> {
    this.over = true;
    await this.kept;
    await forms.remove(this.form);
    location.hash = `#/enterprise/${this.answers.enterprise}`;
  }

  private draft(fields: Fields) {
    const { enterprise, name, seen_at, after } = this.answers;
    return newDraft({
      account: state.holder!.account,
      subject: `enterprise/${enterprise}`,
      title: t("Change: {name}", { name }),
      move: "edit",
      files: [],
      about: this.answers,
      asked: {
        handed_in: "prevent.edit",
        ...(this.form.replaces ? { replaces: this.form.replaces } : {}),
        after,
        data: { enterprise, seen_at, fields },
      },
    });
  }
}

function changed({ seen, typed, position }: Started): Fields {
  const fields: Fields = {};
  for (const [name] of FIELDS.filter(([field]) => field in seen)) {
    const text = (typed[name] ?? "").trim();
    const wanted = name === "employees" ? count(text) : text;
    if (wanted !== (seen[name] ?? (name === "employees" ? null : "")))
      fields[name] = { seen: seen[name] ?? null, wanted };
  }
  if (position) {
    fields.lon = { seen: seen.lon ?? null, wanted: position.lon };
    fields.lat = { seen: seen.lat ?? null, wanted: position.lat };
  }
  return fields;
}

/** How many; nothing where nothing is written, NaN where it is no such number. */
function count(text: string): number | null {
  if (!text) return null;
  return /^\d+$/.test(text) && Number(text) <= MOST_EMPLOYEES ? Number(text) : NaN;
}
