/** The proof form: photos made small, the position, a note; nothing is lost without a network. */

import { t } from "../i18n";
import { Files, Position } from "./capture";
import { newDraft } from "./draft";
import { handIn, tellUnsent, type Sent } from "./send";
import { forms, type Draft } from "./store";

export class ProofForm {
  private readonly files: Files;
  private readonly position: Position;
  private readonly key: string;

  /** `done` is told what became of it; what was refused stays in the form. */
  constructor(
    private readonly form: HTMLFormElement,
    private readonly done: (sent: Sent) => void,
    private readonly hand = handIn,
  ) {
    this.key = `${form.dataset.account}/${form.dataset.item}`;
    this.files = new Files(this.part("photos"), () => this.keep());
    this.position = new Position(this.part("position-text"));
    this.note.addEventListener("input", () => void this.keep());
    this.part("locate")?.addEventListener("click", () => void this.position.locate());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    void this.restore();
    if (form.dataset.position === "true") void this.position.locate();
  }

  private part(name: string): HTMLElement | null {
    return this.form.querySelector<HTMLElement>(`[data-part="${name}"]`);
  }

  private get note(): HTMLTextAreaElement {
    return this.form.elements.namedItem("note") as HTMLTextAreaElement;
  }

  private say(text: string): void {
    const error = this.part("error");
    if (error) error.textContent = text;
  }

  /** What was being filled in when the page was closed or the battery died. */
  private async restore(): Promise<void> {
    const kept = await forms.get(this.key).catch(() => undefined);
    if (kept) {
      this.files.restore(kept.files);
      if (!this.note.value) this.note.value = kept.note;
    }
    for (const input of this.form.querySelectorAll<HTMLInputElement>("input[type=file]"))
      this.files.listen(input);
  }

  private keep(): Promise<unknown> {
    this.say("");
    const form = { key: this.key, note: this.note.value, files: this.files.list };
    return forms.put(form).catch(() => undefined); // a private window stores nothing
  }

  private lacks(): string {
    const { photos = "0", position, note } = this.form.dataset;
    if (this.files.busy) return t("A photo is still being prepared.");
    if (this.files.photos < Number(photos)) return t("Take a photo first.");
    if (position === "true" && !this.position.found) return t("The position is still missing.");
    return note === "true" && !this.note.value.trim() ? t("Write a note first.") : "";
  }

  private async submit(): Promise<void> {
    const lack = this.lacks();
    this.say(lack);
    if (lack) return;
    const button = this.form.querySelector<HTMLButtonElement>("button[type=submit]");
    if (button) button.disabled = true;
    const sent = await this.hand(this.draft(), this.files.list);
    if (sent.state === "refused") {
      // What was refused is kept in the form, so that it can be put right and sent as a new one.
      await this.keep();
      this.say(sent.reason);
      if (button) button.disabled = false;
      return;
    }
    if (sent.kept) await forms.remove(this.key);
    if (sent.state === "waiting") tellUnsent(sent);
    if (button && !sent.kept) button.disabled = false;
    this.done(sent);
  }

  private draft(): Draft {
    const { item = "", account = "", title = "" } = this.form.dataset;
    return newDraft({
      account,
      subject: `work/${item}`,
      title,
      move: "submit",
      files: this.files.list,
      asked: {
        item_id: Number(item),
        move: "submit",
        note: this.note.value,
        lon: this.position.found?.lon ?? null,
        lat: this.position.found?.lat ?? null,
        accuracy_m: this.position.found?.accuracy_m ?? null,
      },
    });
  }
}

export function mount(element: HTMLElement): void {
  new ProofForm(element as HTMLFormElement, (sent) => {
    if (sent.state === "received") location.reload();
  });
}
