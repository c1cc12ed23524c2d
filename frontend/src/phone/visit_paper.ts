/** The paper of a visit: what is answered, its photos, signature and voice note. Each stroke is kept
 *  at once, and what the server found wrong stands at its place until something is changed there. */

import { el } from "../dom";
import { t } from "../i18n";
import { toast } from "../toast";
import { Files, tellFull } from "../work/capture";
import { forms, isFull, type Kept, type Unfinished } from "../work/store";
import { part, picker } from "./parts";
import type { Answers, Facing, Wrong } from "./visits";

type Single = "voice" | "signature";

export class Paper {
  readonly error = part("p", "error", "error");
  private readonly photos: Record<string, Files> = {};
  private singles: Partial<Record<Single, Kept>> = {};
  private kept: Promise<boolean> = Promise.resolve(true);
  private over = false;

  /** `redraw` draws all of it anew, `changed` is told that photos came or went. */
  constructor(
    private readonly main: HTMLElement,
    readonly form: Unfinished,
    readonly answers: Answers,
    readonly seen: Facing,
    private readonly redraw: () => void,
    private readonly changed: () => void,
  ) {}

  /** What is wrong at one place of the form, until something is changed there. */
  complaint(key: string): HTMLElement[] {
    const why = this.answers.bad?.[key];
    if (!why) return [];
    const shown = el("p", "error", why);
    shown.dataset.bad = key;
    return [shown];
  }

  forgive(key: string): void {
    if (!this.answers.bad?.[key]) return;
    delete this.answers.bad[key];
    for (const shown of this.main.querySelectorAll<HTMLElement>("[data-bad]"))
      if (shown.dataset.bad === key) shown.remove();
  }

  /** One after the other, so that an older state never lands on a newer one. */
  keep(): Promise<boolean> {
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
  jot(): void {
    void this.keep().then((kept) => {
      if (!kept) tellFull();
    });
  }

  dropHazard(key: string): void {
    this.answers.hazards = this.answers.hazards.filter((one) => one.key !== key);
    delete this.photos[key];
    this.collect();
  }

  photoBox(key: string, hazard?: Wrong): HTMLElement {
    const thumbs = part("div", "photos", "thumbs");
    const files = (this.photos[key] ??= new Files(thumbs, () => {
      if (hazard) hazard.files = files.list.map((file) => file.digest);
      this.collect();
      this.changed();
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

  single(name: Single, kept: Kept | undefined): void {
    this.forgive(this.answers[name]);
    this.put(name, kept);
    void this.keep().then((found) => {
      if (found) return;
      this.put(name, undefined);
      this.jot();
      this.redraw();
      tellFull();
    });
  }

  private put(name: Single, kept: Kept | undefined): void {
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

  /** What was kept of the two that are one each. */
  restoreSingles(): Record<Single, Kept | undefined> {
    const kept = (digest: string) => this.form.files.find((file) => file.digest === digest);
    const { voice, signature } = this.answers;
    const found = { voice: kept(voice), signature: kept(signature) };
    this.singles = found;
    return found;
  }

  get busy(): boolean {
    return Object.values(this.photos).some((files) => files.busy);
  }

  /** All that was written is on the phone. */
  async settled(): Promise<void> {
    await this.kept;
  }

  /** It is handed in: nothing is kept any more. */
  close(): void {
    this.over = true;
  }
}
