/** The proof form: photos made small, the position, a note; nothing is lost without a network. */

import { t } from "../i18n";
import { Files, Position } from "./capture";
import { newId } from "./digest";
import { newDraft } from "./draft";
import { handIn, tellUnsent, type Sent } from "./send";
import { drafts, forms, isFull, type Draft, type Unfinished } from "./store";

function keyOf(account: string, item: string): string {
  return `${account}/${item}`;
}

/** A refused proof is a form again, with its photos and the reason; false where it is gone. */
export async function reopenProof(draft: Draft): Promise<boolean> {
  const { note, item_id } = JSON.parse(draft.body) as { note: string; item_id: number };
  const key = keyOf(draft.account, String(item_id));
  const { id: replaces, reason } = draft;
  const files = await drafts.files(draft);
  const begun = await forms.get(key);
  if (!begun) {
    const under = draft.under ?? draft.id;
    return drafts.reopen(draft, { key, under, note, files, replaces, reason });
  }
  // Another was begun meanwhile: the photos of both.
  const more = files.filter(({ digest }) => begun.files.every((file) => file.digest !== digest));
  await forms.put({
    ...begun,
    note: begun.note || note,
    files: [...begun.files, ...more],
    replaces,
    reason,
  });
  await drafts.remove(draft);
  return true;
}

export class ProofForm {
  private readonly files: Files;
  private readonly position: Position;
  private readonly key: string;
  private under = newId();
  private replaces: string | undefined;
  private restored: Promise<void>;

  /** `done` is told what became of it; what was refused stays in the form. */
  constructor(
    private readonly form: HTMLFormElement,
    private readonly done: (sent: Sent) => void,
    private readonly hand = handIn,
  ) {
    this.key = keyOf(form.dataset.account ?? "", form.dataset.item ?? "");
    this.files = new Files(this.part("photos"), () => this.keep());
    this.position = new Position(this.part("position-text"));
    this.note.addEventListener("input", () => void this.keep());
    this.part("locate")?.addEventListener("click", () => void this.position.locate());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.restored = this.restore();
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
      this.under = kept.under;
      this.replaces = kept.replaces;
      if (kept.reason) this.say(t("Refused: {why}", { why: kept.reason }));
      this.files.restore(kept.files);
      if (!this.note.value) this.note.value = kept.note;
    }
    for (const input of this.form.querySelectorAll<HTMLInputElement>("input[type=file]"))
      this.files.listen(input);
  }

  private unfinished(): Unfinished {
    const { key, under, replaces } = this;
    const form = { key, under, note: this.note.value, files: this.files.list };
    return replaces ? { ...form, replaces } : form;
  }

  /** False where the phone is full; that a private window stores nothing is no reason to stop. */
  private async keep(): Promise<boolean> {
    this.say("");
    await this.restored;
    try {
      await forms.put(this.unfinished());
    } catch (error) {
      return !isFull(error);
    }
    return true;
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
    const sent = await this.hand(this.draft(), this.files.list, this.key);
    if (sent.state === "refused") {
      // What was refused is kept in the form, so that it can be put right and sent as a new one.
      this.under = newId();
      this.replaces = sent.id;
      await this.keep();
      this.say(sent.reason);
      if (button) button.disabled = false;
      return;
    }
    if (sent.kept) await this.forgetRefused();
    this.under = newId(); // those files are the submission's from now on
    if (sent.state === "waiting") tellUnsent(sent);
    if (button && !sent.kept) button.disabled = false;
    this.done(sent);
  }

  /** The one that this replaces has done its part on this phone; the server keeps it. */
  private async forgetRefused(): Promise<void> {
    const old = this.replaces && (await drafts.get(this.replaces).catch(() => undefined));
    if (old && old.state === "refused") await drafts.remove(old);
    this.replaces = undefined;
  }

  private draft(): Draft {
    const { item = "", account = "", title = "" } = this.form.dataset;
    return newDraft({
      account,
      subject: `work/${item}`,
      title,
      move: "submit",
      files: this.files.list,
      under: this.under,
      asked: {
        ...(this.replaces ? { replaces: this.replaces } : {}),
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
