/** What a phone takes down on the spot: photos made small and files, and where it is. */

import { t } from "../i18n";
import { sha256 } from "./digest";
import { shrink } from "./shrink";
import { toast } from "../toast";
import type { Kept } from "./store";

const FIX_MS = 15_000;

/** The files of a form, with a thumbnail each; `changed` is told so that they can be kept. */
export class Files {
  list: Kept[] = [];
  /** How many are still being prepared. */
  busy = 0;

  constructor(
    private box: HTMLElement | null,
    /** False where this phone has no room for it. */
    private readonly changed: () => Promise<boolean>,
  ) {}

  get photos(): number {
    return this.list.filter((file) => file.blob.type.startsWith("image/")).length;
  }

  /** Show them in another place from now on. */
  show(box: HTMLElement): void {
    this.box = box;
    this.draw();
  }

  /** Take what an input chose; also what a quick thumb chose before anybody listened. */
  listen(input: HTMLInputElement): void {
    input.addEventListener("change", () => void this.take(input));
    if (input.files?.length) void this.take(input);
  }

  /** Those that were kept when the page was closed or the battery died. */
  restore(kept: Kept[]): void {
    const taken = new Set(this.list.map((file) => file.digest)); // while this was being read
    this.list.push(...kept.filter((file) => !taken.has(file.digest)));
    this.draw();
  }

  async add(name: string, original: Blob): Promise<void> {
    this.busy += 1;
    try {
      const blob = await shrink(original);
      const digest = await sha256(await blob.arrayBuffer());
      if (this.list.some((known) => known.digest === digest)) return;
      const kept = { digest, name, blob };
      this.list.push(kept);
      this.draw();
      if (!(await this.changed())) await this.refuse(kept);
    } finally {
      this.busy -= 1;
    }
  }

  /** A full phone: better no photo than one that is not there when the battery dies. */
  private async refuse(kept: Kept): Promise<void> {
    this.list = this.list.filter((other) => other !== kept);
    this.draw();
    await this.changed();
    tellFull();
  }

  private async take(input: HTMLInputElement): Promise<void> {
    const chosen = [...(input.files ?? [])];
    input.value = "";
    for (const file of chosen) await this.add(file.name, file);
  }

  private draw(): void {
    if (!this.box) return;
    for (const image of this.box.querySelectorAll<HTMLImageElement>("img, audio"))
      URL.revokeObjectURL(image.src);
    this.box.replaceChildren(...this.list.map((file) => this.thumb(file)));
  }

  private thumb(file: Kept): HTMLElement {
    const figure = document.createElement("figure");
    const kind = file.blob.type.split("/")[0];
    if (kind === "image" || kind === "audio") {
      const shown = document.createElement(kind === "image" ? "img" : "audio");
      shown.src = URL.createObjectURL(file.blob);
      if (shown instanceof HTMLImageElement) shown.alt = file.name;
      else shown.controls = true;
      figure.append(shown);
    } else {
      figure.append(file.name);
    }
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "icon-button small";
    remove.textContent = "✕";
    remove.setAttribute("aria-label", t("Remove"));
    remove.addEventListener("click", () => {
      this.list = this.list.filter((other) => other !== file);
      this.draw();
      void this.changed();
    });
    figure.append(remove);
    return figure;
  }
}

export function tellFull(): void {
  const why = t("What was written before is kept. Send what waits, or make room on the phone.");
  toast(t("The phone is full: this was not kept."), why, "bad");
}

/** Where the phone is, said in `text` while it looks. */
export class Position {
  found: { lon: number; lat: number; accuracy_m: number } | null = null;

  constructor(private readonly text: HTMLElement | null) {}

  private say(words: string): void {
    if (this.text) this.text.textContent = words;
  }

  restore(found: Position["found"]): void {
    this.found = found;
    if (found) this.say(t("Position: found, within {n} m", { n: Math.round(found.accuracy_m) }));
  }

  locate(): Promise<void> {
    if (!navigator.geolocation || !window.isSecureContext) {
      this.say(t("Position: this browser gives none (HTTPS is needed)"));
      return Promise.resolve();
    }
    this.say(t("Position: looking …"));
    return new Promise((done) => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const { longitude: lon, latitude: lat, accuracy: accuracy_m } = coords;
          this.restore({ lon, lat, accuracy_m });
          done();
        },
        (error) => {
          this.say(
            error.code === error.PERMISSION_DENIED
              ? t("Position: not allowed. Allow it in the browser's settings.")
              : t("Position: not found. Go outside and try again."),
          );
          done();
        },
        { enableHighAccuracy: true, timeout: FIX_MS, maximumAge: 60_000 },
      );
    });
  }
}
