/** A spoken note of up to two minutes, where the browser can record. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { sha256 } from "../work/digest";
import type { Kept } from "../work/store";

const LONGEST_MS = 120_000;
// What the server takes; the first that this browser can make.
const FORMATS = ["audio/webm;codecs=opus", "audio/webm", "audio/mp4", "audio/ogg;codecs=opus"];

export class VoiceNote {
  private recorder: MediaRecorder | undefined;
  private readonly shown = el("div", "thumbs");

  constructor(
    private readonly changed: (kept: Kept | undefined) => void,
    signal: AbortSignal,
  ) {
    // Another screen: the microphone does not stay open.
    signal.addEventListener("abort", () => this.recorder?.stop());
  }

  element(kept: Kept | undefined): HTMLElement {
    const label = el("label", "", t("Voice note"));
    const format = FORMATS.find((one) => globalThis.MediaRecorder?.isTypeSupported(one));
    if (!format || !navigator.mediaDevices) {
      return el("div", "field", "", label, el("span", "soft", t("This browser cannot record.")));
    }
    const press = button(t("Record"), "big", () => {
      if (this.recorder) this.recorder.stop();
      else void this.record(format, press);
    });
    this.show(kept);
    return el("div", "field", "", label, press, this.shown);
  }

  private async record(format: string, press: HTMLElement): Promise<void> {
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      press.textContent = t("The microphone is not allowed.");
      return;
    }
    const parts: Blob[] = [];
    const recorder = new MediaRecorder(stream, { mimeType: format, audioBitsPerSecond: 24_000 });
    this.recorder = recorder;
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    recorder.addEventListener("stop", () => {
      for (const track of stream.getTracks()) track.stop();
      this.recorder = undefined;
      press.textContent = t("Record anew");
      void this.keep(new Blob(parts, { type: format.split(";")[0] }));
    });
    recorder.start();
    press.textContent = t("Stop recording");
    setTimeout(() => recorder.state === "recording" && recorder.stop(), LONGEST_MS);
  }

  private async keep(blob: Blob): Promise<void> {
    const name = `voice.${blob.type.split("/")[1]}`;
    const kept = { digest: await sha256(await blob.arrayBuffer()), name, blob };
    this.show(kept);
    this.changed(kept);
  }

  private show(kept: Kept | undefined): void {
    if (!kept) return this.shown.replaceChildren();
    const audio = document.createElement("audio");
    audio.controls = true;
    audio.src = URL.createObjectURL(kept.blob);
    const remove = button(t("Remove"), "small", () => {
      this.show(undefined);
      this.changed(undefined);
    });
    this.shown.replaceChildren(audio, remove);
  }
}
