/** A visit, written down with no network: checklist, hazards, earlier hazards, photos, position,
 *  signature, voice note. Each stroke is kept at once; finishing makes one submission of it. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { toast } from "../toast";
import { Files, Position } from "../work/capture";
import { newId } from "../work/digest";
import { newDraft } from "../work/draft";
import { forms, type Kept, type Unfinished } from "../work/store";
import { SignaturePad } from "./signature";
import { VoiceNote } from "./voice";
import { card, chip, empty, fact, facts, field, heading, part, picker, textarea } from "./parts";
import { positionField, handOver } from "./tasks";
import { hazardsOf, moment, state, type Checklist, type Enterprise, type Entry } from "./state";

type Result = "FINE" | "WRONG" | "NONE";
interface Wrong {
  key: string; // "entry/12", or one's own for a hazard beside the checklist
  entry: number | null;
  what: string;
  grade: "GENERAL" | "MAJOR";
  files: string[]; // digests
}
interface Answers {
  id: string;
  enterprise: number;
  plan: number | null;
  version: number | null;
  started_at: string;
  replies: Record<number, Result>;
  hazards: Wrong[];
  rechecks: Record<number, { passed: boolean; note: string }>;
  position: Position["found"];
  signature: string;
  voice: string;
}

const RESULTS: [Result, string][] = [
  ["FINE", t("in order")],
  ["WRONG", t("not in order")],
  ["NONE", t("does not apply")],
];
const MOST_FILES = 20; // the server takes no more of one submission

function keyOf(id: string): string {
  return `${state.holder!.account}/visit/${id}`;
}

/** Begin one; the checklist is the one in force when it was taken along. */
export async function begin(one: Enterprise, plan: number | null): Promise<string> {
  const list = state.parts.checklists.find((found) => found.standard === one.standard);
  const answers: Answers = {
    id: newId(),
    enterprise: one.id,
    plan,
    version: list?.id ?? null,
    started_at: new Date().toISOString(),
    replies: {},
    hazards: [],
    rechecks: {},
    position: null,
    signature: "",
    voice: "",
  };
  await forms.put({ key: keyOf(answers.id), note: "", files: [], answers });
  return answers.id;
}

/** Visits on this phone that are not finished, the latest first. */
export async function unfinished(): Promise<{ id: string; enterprise: number; at: string }[]> {
  if (!state.holder) return [];
  const found = await forms.of(`${state.holder.account}/visit/`);
  const all = found.map((form) => form.answers as Answers);
  return all.reverse().map(({ id, enterprise, started_at: at }) => ({ id, enterprise, at }));
}

export async function show(main: HTMLElement, id: string, signal: AbortSignal): Promise<void> {
  const form = await forms.get(keyOf(id));
  const answers = form?.answers as Answers | undefined;
  const one = state.parts.enterprises.find((found) => found.id === answers?.enterprise);
  if (!form || !answers || !one) {
    main.replaceChildren(
      heading(t("Visit"), "#/enterprises"),
      empty(t("This visit is finished, or its enterprise was not taken along.")),
    );
    return;
  }
  new VisitForm(main, form, answers, one, signal).draw();
}

class VisitForm {
  private readonly list: Checklist | undefined;
  private readonly progress = el("p", "soft small");
  private readonly error = part("p", "error", "error");
  private readonly photos: Record<string, Files> = {};
  private readonly position: Position;
  private readonly positionBox = positionField();
  private readonly voice: VoiceNote;
  private readonly pad: SignaturePad;
  private kept: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly main: HTMLElement,
    private readonly form: Unfinished,
    private readonly answers: Answers,
    private readonly one: Enterprise,
    signal: AbortSignal,
  ) {
    this.list = state.parts.checklists.find((list) => list.id === answers.version);
    this.position = new Position(this.positionBox.querySelector('[data-part="position-text"]'));
    this.voice = new VoiceNote((kept) => this.single("voice", kept), signal);
    this.pad = new SignaturePad((kept) => this.single("signature", kept));
  }

  draw(): void {
    const facing = facts(
      fact(t("Begun"), moment(this.answers.started_at)),
      fact(t("Checklist"), this.list ? this.list.name : t("none in force for this enterprise")),
    );
    const finish = button(t("Finish the visit"), "primary big", () => void this.finish(finish));
    this.main.replaceChildren(
      heading(this.one.name, `#/enterprise/${this.one.id}`),
      card("", facing, this.positionBox),
      ...this.checklist(),
      this.others(),
      ...this.earlier(),
      card(t("Photos of the place"), this.photoBox("visit")),
      this.closing(),
      this.error,
      finish,
    );
    this.positionBox
      .querySelector('[data-part="locate"]')
      ?.addEventListener("click", () => void this.locate());
    this.position.restore(this.answers.position);
    if (!this.answers.position) void this.locate();
    this.count();
  }

  private async locate(): Promise<void> {
    await this.position.locate();
    this.answers.position = this.position.found ?? this.answers.position;
    await this.keep();
  }

  /** One after the other, so that an older state never lands on a newer one. */
  private keep(): Promise<unknown> {
    this.error.textContent = "";
    this.kept = this.kept.then(() => forms.put(this.form)).catch((error: unknown) => {
      const full = error instanceof DOMException && error.name === "QuotaExceededError";
      toast(full ? t("The phone is full.") : t("The phone could not keep this."), "", "bad");
    });
    return this.kept;
  }

  private checklist(): HTMLElement[] {
    if (!this.list) return [];
    const rows = this.list.entries.map((entry) => this.entry(entry));
    const rest = button(t("All others are in order"), "big", () => {
      for (const entry of this.list!.entries) this.answers.replies[entry.id] ??= "FINE";
      this.draw();
      void this.keep();
    });
    return [card(t("Checklist"), this.progress, el("ul", "phone-lines", "", ...rows), rest)];
  }

  private entry(entry: Entry): HTMLElement {
    const box = el("li");
    const buttons = RESULTS.map(([result, label]) => {
      const press = button(label, `answer answer-${result.toLowerCase()}`, () => {
        this.answers.replies[entry.id] = result;
        this.mark(entry, result);
        void this.keep();
        paint();
      });
      return { result, press };
    });
    const detail = el("div", "stack");
    const paint = () => {
      const given = this.answers.replies[entry.id];
      for (const { result, press } of buttons)
        press.setAttribute("aria-pressed", String(result === given));
      const wrong = this.answers.hazards.find((one) => one.key === `entry/${entry.id}`);
      detail.replaceChildren(...(given === "WRONG" && wrong ? this.wrong(wrong) : []));
      this.count();
    };
    const chips = entry.major ? [chip(t("major hazard"), "overdue")] : [];
    box.append(
      el("div", "", `${entry.number}. ${entry.text} `, ...chips),
      ...[entry.how, entry.basis].filter(Boolean).map((text) => el("div", "soft small", text)),
      el("div", "answers", "", ...buttons.map(({ press }) => press)),
      detail,
    );
    paint();
    return box;
  }

  /** What is not in order is a hazard; what is in order again is none. */
  private mark(entry: Entry, result: Result): void {
    const key = `entry/${entry.id}`;
    const known = this.answers.hazards.some((one) => one.key === key);
    if (result === "WRONG" && !known) {
      const grade = entry.major ? "MAJOR" : "GENERAL";
      this.answers.hazards.push({ key, entry: entry.id, what: "", grade, files: [] });
    }
    if (result !== "WRONG") this.dropHazard(key);
  }

  private dropHazard(key: string): void {
    this.answers.hazards = this.answers.hazards.filter((one) => one.key !== key);
    delete this.photos[key];
    this.collect();
  }

  /** What is wrong, how grave, with photos. */
  private wrong(hazard: Wrong): HTMLElement[] {
    const what = textarea(`what-${hazard.key}`, hazard.what, 500);
    what.placeholder = t("What is wrong, and where");
    what.addEventListener("input", () => {
      hazard.what = what.value;
      void this.keep();
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
      void this.keep();
    });
    const about = field(t("Description"), what, hazard.entry === null);
    return [about, field(t("Grade"), grade), this.photoBox(hazard.key, hazard)];
  }

  private others(): HTMLElement {
    const box = el("div", "stack");
    const paint = () => {
      const own = this.answers.hazards.filter((one) => one.entry === null);
      const shown = own.map((hazard, n) => {
        const remove = button(t("Remove"), "small", () => {
          this.dropHazard(hazard.key);
          paint();
          void this.keep();
        });
        const title = el("h3", "", t("Hazard {n}", { n: n + 1 }));
        return el("div", "stack", "", title, ...this.wrong(hazard), remove);
      });
      const add = button(t("Add a hazard"), "big", () => {
        const key = newId();
        this.answers.hazards.push({ key, entry: null, what: "", grade: "GENERAL", files: [] });
        paint();
        void this.keep();
      });
      box.replaceChildren(...shown, add);
    };
    paint();
    return card(t("Hazards beside the checklist"), box);
  }

  /** Hazards from before that are open: put right or not. */
  private earlier(): HTMLElement[] {
    const open = hazardsOf(this.one.id);
    if (!open.length) return [];
    const rows = open.map((hazard) => {
      const note = textarea(`again-${hazard.id}`, this.answers.rechecks[hazard.id]?.note ?? "", 300);
      const box = el("div", "stack");
      const set = (passed: boolean) => {
        this.answers.rechecks[hazard.id] = { passed, note: note.value };
        void this.keep();
        paint();
      };
      const right = button(t("put right"), "answer answer-fine", () => set(true));
      const not = button(t("not put right"), "answer answer-wrong", () => set(false));
      note.addEventListener("input", () => {
        const given = this.answers.rechecks[hazard.id];
        if (given) set(given.passed);
      });
      const paint = () => {
        const given = this.answers.rechecks[hazard.id];
        right.setAttribute("aria-pressed", String(given?.passed === true));
        not.setAttribute("aria-pressed", String(given?.passed === false));
        if (given && !box.hasChildNodes()) box.append(field(t("Note"), note, !given.passed));
      };
      paint();
      const title = el("div", "", `#${hazard.id} ${hazard.what}`);
      return el("li", "", "", title, el("div", "answers two", "", right, not), box);
    });
    return [card(t("Earlier hazards"), el("ul", "phone-lines", "", ...rows))];
  }

  private photoBox(key: string, hazard?: Wrong): HTMLElement {
    const thumbs = part("div", "photos", "thumbs");
    const files = (this.photos[key] ??= new Files(thumbs, () => {
      if (hazard) hazard.files = files.list.map((file) => file.digest);
      this.collect();
      return this.keep();
    }));
    files.show(thumbs);
    const mine = hazard ? new Set(hazard.files) : this.own();
    files.restore(this.form.files.filter((file) => mine.has(file.digest)));
    const camera = picker(t("Take a photo"), `photo-${key}`, "image/*", true);
    files.listen(camera.querySelector("input")!);
    return el("div", "field", "", camera, thumbs);
  }

  /** Photos of the place: those that are no hazard's, no signature and no voice. */
  private own(): Set<string> {
    const { hazards, signature, voice } = this.answers;
    const taken = new Set([...hazards.flatMap((one) => one.files), signature, voice]);
    return new Set(this.form.files.map((file) => file.digest).filter((one) => !taken.has(one)));
  }

  private singles: Partial<Record<"voice" | "signature", Kept>> = {};

  private single(name: "voice" | "signature", kept: Kept | undefined): void {
    this.singles[name] = kept;
    this.answers[name] = kept?.digest ?? "";
    this.collect();
    void this.keep();
  }

  /** All files of the visit, each once. */
  private collect(): void {
    const boxes = Object.values(this.photos).flatMap((files) => files.list);
    const singles = Object.values(this.singles).filter((kept) => kept !== undefined);
    const drawn = new Set([...boxes, ...singles].map((file) => file.digest));
    const { signature, voice } = this.answers;
    // Of a part that has not been drawn yet, what was kept stays.
    const rest = this.form.files.filter(
      ({ digest }) => !drawn.has(digest) && (digest === signature || digest === voice),
    );
    const all = new Map([...boxes, ...singles, ...rest].map((file) => [file.digest, file]));
    this.form.files = [...all.values()];
  }

  private closing(): HTMLElement {
    const note = textarea("note", this.form.note, 2000);
    note.addEventListener("input", () => {
      this.form.note = note.value;
      void this.keep();
    });
    const kept = (digest: string) => this.form.files.find((file) => file.digest === digest);
    this.singles = { voice: kept(this.answers.voice), signature: kept(this.answers.signature) };
    return card(
      t("Conclusion"),
      field(t("Note"), note),
      this.voice.element(this.singles.voice),
      this.pad.element(this.singles.signature),
    );
  }

  private count(): void {
    const all = this.list?.entries.length ?? 0;
    const done = Object.keys(this.answers.replies).length;
    this.progress.textContent = t("{n} of {all} answered", { n: done, all });
  }

  private lacks(): string {
    const { replies, hazards, rechecks } = this.answers;
    const left = (this.list?.entries ?? []).filter((entry) => !replies[entry.id]);
    if (left.length) return t("Line {n} of the checklist is not answered.", { n: left[0]!.number });
    if (hazards.some((one) => one.entry === null && !one.what.trim()))
      return t("Describe each hazard beside the checklist.");
    if (Object.values(rechecks).some((one) => !one.passed && !one.note.trim()))
      return t("Write why an earlier hazard is not put right.");
    if (Object.values(this.photos).some((files) => files.busy))
      return t("A photo is still being prepared.");
    if (this.form.files.length > MOST_FILES)
      return t("A visit takes at most {n} files.", { n: MOST_FILES });
    return "";
  }

  private async finish(press: HTMLElement): Promise<void> {
    const lack = this.lacks();
    this.error.textContent = lack;
    if (lack) return this.error.scrollIntoView({ block: "center" });
    press.setAttribute("disabled", "");
    await this.kept;
    const sent = await handOver(this.draft(), this.form.files);
    if (!sent.kept) return press.removeAttribute("disabled");
    await forms.remove(this.form.key);
    location.hash = "#/queue";
  }

  private draft() {
    const { enterprise, plan, version, started_at, replies, hazards, rechecks } = this.answers;
    const { signature, voice, position } = this.answers;
    const entries = new Map((this.list?.entries ?? []).map((entry) => [entry.id, entry]));
    const of = (one: Wrong) => one.what.trim() || entries.get(one.entry ?? 0)?.text || "";
    const roles = { [signature]: "SIGN", [voice]: "VOICE" };
    const inHazards = new Set(hazards.flatMap((one) => one.files));
    return newDraft({
      account: state.holder!.account,
      subject: `enterprise/${enterprise}`,
      title: t("Visit: {name}", { name: this.one.name }),
      move: "visit",
      files: this.form.files,
      asked: {
        handed_in: "prevent.visit",
        note: this.form.note,
        ...(position ?? { lon: null, lat: null, accuracy_m: null }),
        data: {
          enterprise,
          plan,
          version,
          started_at,
          finished_at: new Date().toISOString(),
          replies: Object.entries(replies).map(([entry, result]) => ({
            entry: Number(entry),
            result,
            note: hazards.find((one) => one.entry === Number(entry))?.what.slice(0, 300) ?? "",
          })),
          hazards: hazards.map((one) => ({
            what: of(one),
            grade: one.grade,
            entry: one.entry,
            files: one.files,
          })),
          rechecks: Object.entries(rechecks).map(([hazard, { passed, note }]) => ({
            hazard: Number(hazard),
            passed,
            note,
          })),
          files: this.form.files
            .filter(({ digest }) => !inHazards.has(digest))
            .map(({ digest }) => ({ digest, role: roles[digest] ?? "PHOTO" })),
        },
      },
    });
  }
}
