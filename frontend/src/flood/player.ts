/** Which time is shown: stepping, and playing at ten pictures a second. No drawing here. */

const FAST_MS = 100;
const SLOW_MS = 400;
const REST_MS = 1200; // on the last picture, before it begins again

export class Player {
  playing = false;
  slow = false;
  private frame = 0;
  private due = 0;
  private asked = 0;

  /** `show` resolves when the picture stands on the map. */
  constructor(
    private readonly count: () => number,
    private readonly show: (frame: number) => Promise<void>,
    private readonly onChange: () => void,
  ) {}

  get at(): number {
    return this.frame;
  }

  seek(frame: number): void {
    const last = this.count() - 1;
    this.frame = Math.max(0, Math.min(last, frame));
    this.onChange();
    void this.show(this.frame).catch(() => undefined);
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
