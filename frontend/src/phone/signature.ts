/** A signature with a finger: a canvas, kept as a picture when the finger lifts. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { sha256 } from "../work/digest";
import type { Kept } from "../work/store";

const WIDTH = 640;
const HEIGHT = 240;

export class SignaturePad {
  private readonly canvas = document.createElement("canvas");

  constructor(private readonly changed: (kept: Kept | undefined) => void) {}

  element(kept: Kept | undefined): HTMLElement {
    const { canvas } = this;
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    canvas.className = "signature";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", t("Signature of the enterprise"));
    this.clear();
    if (kept) void createImageBitmap(kept.blob).then((drawn) => this.pen.drawImage(drawn, 0, 0));
    this.listen();
    const again = button(t("Clear the signature"), "small", () => {
      this.clear();
      this.changed(undefined);
    });
    const label = el("label", "", t("Signature of the enterprise"));
    return el("div", "field", "", label, canvas, again);
  }

  private get pen(): CanvasRenderingContext2D {
    return this.canvas.getContext("2d")!;
  }

  private clear(): void {
    this.pen.fillStyle = "#fff";
    this.pen.fillRect(0, 0, WIDTH, HEIGHT);
  }

  private listen(): void {
    const { canvas } = this;
    let drawing = false;
    const at = (event: PointerEvent): [number, number] => {
      const box = canvas.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * WIDTH;
      return [x, ((event.clientY - box.top) / box.height) * HEIGHT];
    };
    canvas.addEventListener("pointerdown", (event) => {
      drawing = true;
      canvas.setPointerCapture(event.pointerId);
      Object.assign(this.pen, { lineWidth: 5, lineCap: "round", strokeStyle: "#101820" });
      this.pen.beginPath();
      this.pen.moveTo(...at(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      this.pen.lineTo(...at(event));
      this.pen.stroke();
    });
    const lift = () => {
      if (drawing) void this.keep();
      drawing = false;
    };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
  }

  private async keep(): Promise<void> {
    const blob = await new Promise<Blob | null>((done) => this.canvas.toBlob(done, "image/png"));
    if (!blob) return;
    this.changed({ digest: await sha256(await blob.arrayBuffer()), name: "signature.png", blob });
  }
}
