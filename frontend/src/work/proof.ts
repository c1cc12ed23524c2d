/** The proof form: photos made small, the position, a note; nothing is lost without a network. */

import { t } from "../i18n";
import { newId, sha256 } from "./digest";
import { handIn, tellUnsent } from "./send";
import { shrink } from "./shrink";
import { forms, type Draft, type Unfinished } from "./store";

const FIX_MS = 15_000;

class ProofForm {
  private files: Unfinished["files"] = [];
  private position: GeolocationPosition | undefined;
  private readonly key: string;
  private busy = 0;

  constructor(private readonly form: HTMLFormElement) {
    this.key = `${form.dataset.account}/${form.dataset.item}`;
    for (const input of this.inputs) input.addEventListener("change", () => void this.take(input));
    this.note.addEventListener("input", () => void this.keep());
    this.part("locate")?.addEventListener("click", () => void this.locate());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    void this.restore().then(() => this.takeChosen());
    if (form.dataset.position === "true") void this.locate();
  }

  private part(name: string): HTMLElement | null {
    return this.form.querySelector<HTMLElement>(`[data-part="${name}"]`);
  }

  private get inputs(): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>("input[type=file]")];
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
    if (!kept) return;
    const taken = new Set(this.files.map((file) => file.digest)); // while this was being read
    this.files.push(...kept.files.filter((file) => !taken.has(file.digest)));
    if (!this.note.value) this.note.value = kept.note;
    this.draw();
  }

  /** Photos that a quick thumb chose before this form listened. */
  private takeChosen(): void {
    for (const input of this.inputs) if (input.files?.length) void this.take(input);
  }

  private keep(): Promise<unknown> {
    const form = { key: this.key, note: this.note.value, files: this.files };
    return forms.put(form).catch(() => undefined); // a private window stores nothing
  }

  private async take(input: HTMLInputElement): Promise<void> {
    this.say("");
    this.busy += 1;
    try {
      for (const file of [...(input.files ?? [])]) {
        const blob = await shrink(file);
        const digest = await sha256(await blob.arrayBuffer());
        if (this.files.some((known) => known.digest === digest)) continue;
        this.files.push({ digest, name: file.name, blob });
      }
      input.value = "";
      this.draw();
      await this.keep();
    } finally {
      this.busy -= 1;
    }
  }

  private draw(): void {
    const box = this.part("photos");
    if (!box) return;
    for (const image of box.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    box.replaceChildren(...this.files.map((file) => this.thumb(file)));
  }

  private thumb(file: Unfinished["files"][number]): HTMLElement {
    const figure = document.createElement("figure");
    if (file.blob.type.startsWith("image/")) {
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file.blob);
      image.alt = file.name;
      figure.append(image);
    } else {
      figure.append(file.name);
    }
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "icon-button small";
    remove.textContent = "✕";
    remove.setAttribute("aria-label", t("Remove"));
    remove.addEventListener("click", () => {
      this.files = this.files.filter((other) => other !== file);
      this.draw();
      void this.keep();
    });
    figure.append(remove);
    return figure;
  }

  private locate(): Promise<void> {
    const text = this.part("position-text");
    if (!text) return Promise.resolve();
    if (!navigator.geolocation || !window.isSecureContext) {
      text.textContent = t("Position: this browser gives none (HTTPS is needed)");
      return Promise.resolve();
    }
    text.textContent = t("Position: looking …");
    return new Promise((done) => {
      navigator.geolocation.getCurrentPosition(
        (found) => {
          this.position = found;
          const metres = Math.round(found.coords.accuracy);
          text.textContent = t("Position: found, within {n} m", { n: metres });
          done();
        },
        (error) => {
          text.textContent =
            error.code === error.PERMISSION_DENIED
              ? t("Position: not allowed. Allow it in the browser's settings.")
              : t("Position: not found. Go outside and try again.");
          done();
        },
        { enableHighAccuracy: true, timeout: FIX_MS, maximumAge: 60_000 },
      );
    });
  }

  private lacks(): string {
    const { photos = "0", position, note } = this.form.dataset;
    if (this.busy) return t("A photo is still being prepared.");
    const pictures = this.files.filter((file) => file.blob.type.startsWith("image/")).length;
    if (pictures < Number(photos)) return t("Take a photo first.");
    if (position === "true" && !this.position) return t("The position is still missing.");
    return note === "true" && !this.note.value.trim() ? t("Write a note first.") : "";
  }

  private async submit(): Promise<void> {
    const lack = this.lacks();
    this.say(lack);
    if (lack) return;
    const button = this.form.querySelector<HTMLButtonElement>("button[type=submit]");
    if (button) button.disabled = true;
    const sent = await handIn(this.draft());
    if (sent.kept) await forms.remove(this.key);
    if (sent.state === "received") return void location.reload();
    if (sent.state === "refused") {
      // What was refused is kept in the form, so that it can be put right and sent as a new one.
      await this.keep();
      this.say(sent.reason);
      if (button) button.disabled = false;
      return;
    }
    tellUnsent(sent);
    if (button && !sent.kept) button.disabled = false;
  }

  private draft(): Draft {
    const { item = "", account = "", title = "" } = this.form.dataset;
    const id = newId();
    const made = new Date();
    const where = this.position?.coords;
    const body = JSON.stringify({
      id,
      item_id: Number(item),
      move: "submit",
      made_at: made.toISOString(),
      note: this.note.value,
      lon: where?.longitude ?? null,
      lat: where?.latitude ?? null,
      accuracy_m: where?.accuracy ?? null,
      attachments: this.files.map(({ digest, name }) => ({ digest, name: name.slice(0, 120) })),
    });
    return {
      id, account, item, title, move: "submit", body,
      files: this.files, state: "waiting", reason: "", madeAt: made.getTime(), tries: 0,
    };
  }
}

export function mount(element: HTMLElement): void {
  new ProofForm(element as HTMLFormElement);
}
