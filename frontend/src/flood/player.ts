/** Which picture is shown: a time, by stepping or playing at ten a second, or a sheet of no one time. No drawing here. */

import type { Sheet } from "./forecast";

const FAST_MS = 100;
const SLOW_MS = 400;
const REST_MS = 1200; // on the last picture, before it begins again

export class Player {
  playing = false;
  slow = false;
  /** Shown in place of a time, until one is asked for. */
  sheet: Sheet | null = null;
  private frame = 0;
  private due = 0;
  private asked = 0;

  /** `show` resolves when the picture stands on the map. */
  constructor(
    private readonly count: () => number,
    private readonly show: (frame: number | Sheet) => Promise<void>,
    private readonly onChange: () => void,
  ) {}

  get at(): number {
    return this.frame;
  }

  seek(frame: number): void {
    this.sheet = null;
    const last = this.count() - 1;
    this.frame = Math.max(0, Math.min(last, frame));
    this.onChange();
    void this.show(this.frame).catch(() => undefined);
  }

  seekSheet(sheet: Sheet | null): void {
    this.pause();
    if (!sheet) return this.seek(this.frame);
    this.sheet = sheet;
    this.onChange();
    void this.show(sheet).catch(() => undefined);
  }

  /** By hand: stops playing. */
  step(by: number): void {
    this.pause();
    this.seek(this.frame + by);
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (this.playing || this.count() < 2) return;
    this.sheet = null;
    this.playing = true;
    this.due = performance.now();
    this.onChange();
    this.next();
  }

  pause(): void {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.asked);
    this.onChange();
  }

  private next(): void {
    this.asked = requestAnimationFrame((now) => {
      if (!this.playing) return;
      if (now < this.due) return this.next();
      const frame = (this.frame + 1) % this.count();
      // A picture that is not there yet is waited for: none is passed over.
      void this.show(frame).then(
        () => this.shown(frame),
        () => this.pause(),
      );
    });
  }

  private shown(frame: number): void {
    if (!this.playing) return;
    this.frame = frame;
    this.onChange();
    const wait = frame === this.count() - 1 ? REST_MS : this.slow ? SLOW_MS : FAST_MS;
    // From when it was due, not from now, or every delay would slow it down; but nothing is caught up.
    this.due = Math.max(this.due + wait, performance.now());
    this.next();
  }
}
