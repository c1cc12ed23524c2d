/** A visit, written down with no network: checklist, hazards, earlier hazards, photos, position,
 *  signature, voice note. Each stroke is kept at once; finishing makes one submission of it. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { toast } from "../toast";
import { Files, Position, tellFull } from "../work/capture";
import { newId } from "../work/digest";
import { newDraft } from "../work/draft";
import { forms, isFull, type Kept, type Unfinished } from "../work/store";
import { room } from "./room";
import { SignaturePad } from "./signature";
import { VoiceNote } from "./voice";
import { card, chip, empty, fact, facts, field, heading, part, picker, textarea } from "./parts";
import { positionField, handOver } from "./tasks";
import { hazardsOf, moment, state, type Entry, type OpenHazard } from "./state";
import { facingOf, keyOf, type Answers, type Facing, type Result, type Wrong } from "./visits";

const RESULTS: [Result, string][] = [
  ["FINE", t("in order")],
  ["WRONG", t("not in order")],
  ["NONE", t("does not apply")],
];
const MOST_FILES = 20; // the server takes no more of one submission

export async function show(main: HTMLElement, id: string, signal: AbortSignal): Promise<void> {
  const form = await forms.get(keyOf(id));
  const answers = form?.answers as Answers | undefined;
  const seen = answers && facingOf(answers);
  if (!form || !answers || !seen) {
    main.replaceChildren(
      heading(t("Visit"), "#/enterprises"),
      empty(t("This visit is finished, or its enterprise was not taken along.")),
    );
    return;
  }
  new VisitForm(main, form, answers, seen, signal).draw();
}

class VisitForm {
  private readonly one: Facing["one"];
  private readonly list: Facing["list"];
  private readonly room = el("div");
  private readonly progress = el("p", "soft small");
  private readonly error = part("p", "error", "error");
  private readonly photos: Record<string, Files> = {};
  private readonly position: Position;
  private readonly positionBox = positionField();
  private readonly voice: VoiceNote;
  private readonly pad: SignaturePad;
  private kept: Promise<boolean> = Promise.resolve(true);
  private over = false;

  constructor(
    private readonly main: HTMLElement,
    private readonly form: Unfinished,
    private readonly answers: Answers,
    private readonly seen: Facing,
    signal: AbortSignal,
  ) {
    this.one = seen.one;
    this.list = seen.list;
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
      ...this.returned(),
      card("", facing, this.positionBox),
      ...this.checklist(),
      this.others(),
      ...this.earlier(),
      this.room,
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
    void this.tellRoom();
  }

  private async tellRoom(): Promise<void> {
    this.room.replaceChildren(...(await room()));
  }

  /** Why the server refused it: as a whole here, row by row at their places. */
  private returned(): HTMLElement[] {
    const { reason, replaces } = this.form;
    if (replaces === undefined) return [];
    const why = reason ? el("div", "", reason) : el("span");
    const told = t("Nothing is lost. Correct what is marked, then finish the visit again.");
    const text = el("div", "", "", el("strong", "", t("Refused")), why, el("div", "small", told));
    const box = el("div", "notice bad", "", text);
    box.setAttribute("role", "alert");
    return [box];
  }

  /** What is wrong at one place of the form, until something is changed there. */
  private complaint(key: string): HTMLElement[] {
    const why = this.answers.bad?.[key];
    if (!why) return [];
    const shown = el("p", "error", why);
    shown.dataset.bad = key;
    return [shown];
  }

  private forgive(key: string): void {
    if (!this.answers.bad?.[key]) return;
    delete this.answers.bad[key];
    for (const shown of this.main.querySelectorAll<HTMLElement>("[data-bad]"))
      if (shown.dataset.bad === key) shown.remove();
  }

  private async locate(): Promise<void> {
    await this.position.locate();
    this.answers.position = this.position.found ?? this.answers.position;
    await this.keep();
  }

  /** One after the other, so that an older state never lands on a newer one. */
  private keep(): Promise<boolean> {
    this.error.textContent = "";
    this.kept = this.kept.then(() => this.write());
    return this.kept;
  }

  private async write(): Promise<boolean> {
    if (this.over) return true; // a recording that ended with the page brings no visit back
    try {
      await forms.put(this.form);
    } catch (error) {
      if (isFull(error)) return false;
      toast(t("The phone could not keep this."), "", "bad");
    }
    return true;
  }

  /** A few words find room as a rule; where not even they do, it is said. */
  private jot(): void {
    void this.keep().then((kept) => {
      if (!kept) tellFull();
    });
  }

  private checklist(): HTMLElement[] {
    if (!this.list) return [];
    const rows = this.list.entries.map((entry) => this.entry(entry));
    const rest = button(t("All others are in order"), "big", () => {
      for (const entry of this.list!.entries) this.answers.replies[entry.id] ??= "FINE";
      this.draw();
      this.jot();
    });
    return [card(t("Checklist"), this.progress, el("ul", "phone-lines", "", ...rows), rest)];
  }

  private entry(entry: Entry): HTMLElement {
    const box = el("li");
    const buttons = RESULTS.map(([result, label]) => {
      const press = button(label, `answer answer-${result.toLowerCase()}`, () => {
        this.answers.replies[entry.id] = result;
        this.forgive(`entry/${entry.id}`);
        this.mark(entry, result);
        this.jot();
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
      ...this.complaint(`entry/${entry.id}`),
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
      this.forgive(hazard.key);
      this.jot();
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
      this.forgive(hazard.key);
      this.jot();
    });
    const about = field(t("Description"), what, hazard.entry === null);
    const why = hazard.entry === null ? this.complaint(hazard.key) : []; // else at its line
    return [...why, about, field(t("Grade"), grade), this.photoBox(hazard.key, hazard)];
  }

  private others(): HTMLElement {
    const box = el("div", "stack");
    const paint = () => {
      const own = this.answers.hazards.filter((one) => one.entry === null);
      const shown = own.map((hazard, n) => {
        const remove = button(t("Remove"), "small", () => {
          this.dropHazard(hazard.key);
          paint();
          this.jot();
        });
        const title = el("h3", "", t("Hazard {n}", { n: n + 1 }));
        return el("div", "stack", "", title, ...this.wrong(hazard), remove);
      });
      const add = button(t("Add a hazard"), "big", () => {
        const key = newId();
        this.answers.hazards.push({ key, entry: null, what: "", grade: "GENERAL", files: [] });
        paint();
        this.jot();
      });
      box.replaceChildren(...shown, add);
    };
    paint();
    return card(t("Hazards beside the checklist"), box);
  }

  /** Hazards from before: those that are open, and what was said of others meanwhile settled. */
  private earlier(): HTMLElement[] {
    const open = hazardsOf(this.one.id);
    const others = this.seen.hazards.filter((one) => open.every((known) => known.id !== one.id));
    const said = others.filter((one) => one.id in this.answers.rechecks);
    const shown = [...open, ...said];
    if (!shown.length) return [];
    const rows = shown.map((hazard) => this.again(hazard));
    return [card(t("Earlier hazards"), el("ul", "phone-lines", "", ...rows))];
  }

  private again(hazard: OpenHazard): HTMLElement {
    const { rechecks } = this.answers;
    const title = el("div", "", `#${hazard.id} ${hazard.what}`);
    // Who may not re-check sees them; the server would refuse the visit for it.
    if (state.holder?.checks === false && !rechecks[hazard.id])
      return el("li", "", "", title, el("div", "soft small", hazard.state_label));
    const note = textarea(`again-${hazard.id}`, rechecks[hazard.id]?.note ?? "", 300);
    const box = el("div", "stack");
    const set = (passed: boolean) => {
      if (rechecks[hazard.id]?.passed === passed) delete rechecks[hazard.id]; // taken back
      else rechecks[hazard.id] = { passed, note: note.value };
      this.forgive(`again/${hazard.id}`);
      this.jot();
      paint();
    };
    const right = button(t("put right"), "answer answer-fine", () => set(true));
    const not = button(t("not put right"), "answer answer-wrong", () => set(false));
    note.addEventListener("input", () => {
      const given = rechecks[hazard.id];
      if (!given) return;
      given.note = note.value;
      this.jot();
    });
    const paint = () => {
      const given = rechecks[hazard.id];
      right.setAttribute("aria-pressed", String(given?.passed === true));
      not.setAttribute("aria-pressed", String(given?.passed === false));
      box.replaceChildren(...(given ? [field(t("Note"), note, !given.passed)] : []));
    };
    paint();
    const why = this.complaint(`again/${hazard.id}`);
    return el("li", "", "", title, el("div", "answers two", "", right, not), ...why, box);
  }

  private photoBox(key: string, hazard?: Wrong): HTMLElement {
    const thumbs = part("div", "photos", "thumbs");
    const files = (this.photos[key] ??= new Files(thumbs, () => {
      if (hazard) hazard.files = files.list.map((file) => file.digest);
      this.collect();
      void this.tellRoom();
      return this.keep();
    }));
    files.show(thumbs);
    const mine = hazard ? new Set(hazard.files) : this.own();
    files.restore(this.form.files.filter((file) => mine.has(file.digest)));
    const camera = picker(t("Take a photo"), `photo-${key}`, "image/*", true);
    files.listen(camera.querySelector("input")!);
    const why = files.list.flatMap(({ digest }) => this.complaint(digest));
    return el("div", "field", "", camera, thumbs, ...why);
  }

  /** Photos of the place: those that are no hazard's, no signature and no voice. */
  private own(): Set<string> {
    const { hazards, signature, voice } = this.answers;
    const taken = new Set([...hazards.flatMap((one) => one.files), signature, voice]);
    return new Set(this.form.files.map((file) => file.digest).filter((one) => !taken.has(one)));
  }

  private singles: Partial<Record<"voice" | "signature", Kept>> = {};

  private single(name: "voice" | "signature", kept: Kept | undefined): void {
    this.forgive(this.answers[name]);
    this.put(name, kept);
    void this.keep().then((found) => {
      if (found) return;
      this.put(name, undefined);
      this.jot();
      this.draw();
      tellFull();
    });
  }

  private put(name: "voice" | "signature", kept: Kept | undefined): void {
    this.singles[name] = kept;
    this.answers[name] = kept?.digest ?? "";
    this.collect();
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
      this.jot();
    });
    const kept = (digest: string) => this.form.files.find((file) => file.digest === digest);
    this.singles = { voice: kept(this.answers.voice), signature: kept(this.answers.signature) };
    return card(
      t("Conclusion"),
      field(t("Note"), note),
      this.voice.element(this.singles.voice),
      ...this.complaint(this.answers.voice),
      this.pad.element(this.singles.signature),
      ...this.complaint(this.answers.signature),
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
    const sent = await handOver(this.draft(), this.form.files, this.form.key);
    if (!sent.kept && sent.state !== "received") {
      this.error.textContent = sent.reason;
      return press.removeAttribute("disabled");
    }
    this.over = true;
    if (!sent.kept) {
      await forms.remove(this.form).catch(() => undefined);
      toast(t("Received by the server"), this.one.name);
    }
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
      under: this.form.under,
      about: this.seen,
      asked: {
        handed_in: "prevent.visit",
        ...(this.form.replaces ? { replaces: this.form.replaces } : {}),
        note: this.form.note,
        ...(position ?? { lon: null, lat: null, accuracy_m: null }),
        data: {
          enterprise,
          plan,
          version,
          started_at,
          finished_at: this.answers.finished_at ?? new Date().toISOString(),
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
