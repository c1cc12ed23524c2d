/** The pictures of one run: fetched ahead and kept as they came (small), drawn ones as bitmaps. */

import type { Pictures, Sheet } from "./forecast";

const AT_ONCE = 4;
const BITMAPS = 6; // a large one takes 4 MB

export class Frames {
  private readonly bodies = new Map<number | Sheet, Promise<Blob>>();
  private readonly bitmaps = new Map<number | Sheet, Promise<ImageBitmap>>();
  private readonly here = new Set<number>();
  private readonly stopped = new AbortController();
  /** After each picture that arrived. */
  onProgress: (part: number) => void = () => undefined;

  constructor(
    readonly run: Pictures,
    readonly size: "l" | "s",
    readonly look: "day" | "night",
  ) {}

  get count(): number {
    return this.run.times.length;
  }

  has(frame: number): boolean {
    return this.here.has(frame);
  }

  /** Ready to be drawn; fetched now where it has not been. */
  bitmap(frame: number | Sheet): Promise<ImageBitmap> {
    const known = this.bitmaps.get(frame);
    if (known) {
      this.bitmaps.delete(frame); // to the end: the last one used
      this.bitmaps.set(frame, known);
      return known;
    }
    const made = this.body(frame).then((blob) => createImageBitmap(blob));
    this.bitmaps.set(frame, made);
    made.catch(() => this.bitmaps.delete(frame));
    for (const [old, bitmap] of this.bitmaps) {
      if (this.bitmaps.size <= BITMAPS) break;
      this.bitmaps.delete(old);
      void bitmap.then((one) => one.close()).catch(() => undefined);
    }
    return made;
  }

  /** Everything, beginning with what is looked at. */
  async fetchAll(first: number): Promise<void> {
    const order = Array.from({ length: this.count }, (_none, n) => (first + n) % this.count);
    const one = async (): Promise<void> => {
      for (let frame = order.shift(); frame !== undefined; frame = order.shift())
        await this.body(frame).catch(() => undefined);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  end(): void {
    this.stopped.abort();
    for (const bitmap of this.bitmaps.values()) void bitmap.then((one) => one.close()).catch(() => undefined);
    this.bitmaps.clear();
  }

  private body(frame: number | Sheet): Promise<Blob> {
    const known = this.bodies.get(frame);
    if (known) return known;
    const { id, key } = this.run;
    const name = typeof frame === "number" ? `frames/${frame}` : frame;
    const url = `/forecasts/${id}/${name}.png?size=${this.size}&look=${this.look}&v=${key}`;
    const made = fetch(url, { signal: this.stopped.signal }).then((answer) => {
      if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`);
      return answer.blob();
    });
    this.bodies.set(frame, made);
    made.then(
      () => {
        if (typeof frame !== "number") return;
        this.here.add(frame);
        this.onProgress(this.here.size / this.count);
      },
      () => this.bodies.delete(frame),
    );
    return made;
  }
}
