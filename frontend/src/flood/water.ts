/** Water on a map: one area's last good forecast, its pictures, bar and keys, kept up to date. */

import { nowMs } from "../clock";
import type { maplibre } from "../map";
import { Bar } from "./bar";
import "./flood.css";
import { look, type Area, type Forecasts, type Sheet } from "./forecast";
import { Frames } from "./frames";
import { WaterLayer } from "./layer";
import { Player } from "./player";

const AGAIN_MS = 20_000; // ages and lateness go on without news

export class Water {
  readonly bar: Bar;
  readonly player: Player;
  private readonly layer: WaterLayer;
  private frames: Frames | null = null;
  private areas: Area[] = [];
  private chosen = -1;
  private shown = false;
  private wanted: number | Sheet = 0;
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly onZoom = (): void => this.reframe();

  constructor(
    private readonly map: maplibre.Map,
    legends: Pick<Forecasts, "legend" | "likely">,
  ) {
    this.layer = new WaterLayer(map);
    this.player = new Player(
      () => this.frames?.count ?? 0,
      (frame) => this.draw(frame),
      () => {
        this.bar.tick();
        if (!this.player.playing) this.layer.rest();
      },
    );
    this.bar = new Bar(this.player, legends);
    this.bar.onArea = (id) => {
      this.chosen = id;
      this.take(this.areas);
      this.flyTo();
    };
    map.on("zoomend", this.onZoom);
    document.addEventListener("themechange", this.onZoom);
    this.timer = setInterval(() => this.redraw(), AGAIN_MS);
  }

  get area(): Area | undefined {
    return this.areas.find((area) => area.id === this.chosen);
  }

  get isShown(): boolean {
    return this.shown;
  }

  /** What the server says now. A new run takes the place of the old one at the time that is shown. */
  take(areas: Area[]): void {
    this.areas = areas;
    const area = this.area ?? worst(areas);
    if (!area) return this.setShown(false);
    this.chosen = area.id;
    const before = this.frames?.run;
    if (area.run?.key !== before?.key) {
      const at = before && before.id !== area.run?.id ? (before.times[this.player.at] ?? nowMs()) : nowMs();
      this.reframe(at);
      if (before && area.run && before.id !== area.run.id && this.shown) this.bar.announce(area.run);
    }
    this.redraw();
  }

  setShown(shown: boolean): void {
    this.shown = shown;
    this.bar.element.hidden = !shown;
    if (shown) this.reframe();
    else {
      this.player.pause();
      this.layer.clear();
      this.frames?.end();
      this.frames = null;
    }
    this.redraw();
  }

  flyTo(): void {
    const corners = this.area?.run?.corners;
    if (!corners?.[0] || !corners[2]) return;
    const [[west, north], [east, south]] = [corners[0], corners[2]];
    const padding = { top: 60, right: 60, bottom: this.bar.element.offsetHeight + 20, left: 20 };
    this.map.fitBounds([west, south, east, north], { padding, duration: 500 });
  }

  /** Where a click would be answered. */
  covers(lon: number, lat: number): boolean {
    const corners = this.shown ? this.area?.run?.corners : undefined;
    if (!corners?.[0] || !corners[2]) return false;
    const [[west, north], [east, south]] = [corners[0], corners[2]];
    return lon >= west && lon <= east && lat >= south && lat <= north;
  }

  end(): void {
    clearInterval(this.timer);
    this.map.off("zoomend", this.onZoom);
    document.removeEventListener("themechange", this.onZoom);
    this.player.pause();
    this.frames?.end();
  }

  private redraw(): void {
    if (this.area) this.bar.set(this.area, this.areas);
  }

  /** Other pictures: of a new run, another zoom, or other colours. `at`: a time to begin with. */
  private reframe(at?: number): void {
    const run = this.area?.run;
    if (!this.shown || !run) {
      this.frames?.end();
      this.frames = null;
      this.layer.clear();
      return;
    }
    const size = this.layer.size(run.corners);
    const old = this.frames;
    if (old && old.run.key === run.key && old.run.id === run.id && old.size === size && old.look === look()) return;
    const frame = !old || at !== undefined ? nearest(run.times, at ?? nowMs()) : this.player.at;
    const sheet = this.player.sheet;
    old?.end();
    this.frames = new Frames(run, size, look());
    this.frames.onProgress = (part) => this.bar.loaded(part);
    this.player.seek(frame);
    if (sheet && run.sheets.includes(sheet)) this.player.seekSheet(sheet);
    void this.frames.fetchAll(frame);
  }

  private async draw(frame: number | Sheet): Promise<void> {
    const frames = this.frames;
    if (!frames) return;
    this.wanted = frame;
    const bitmap = await frames.bitmap(frame);
    // Meanwhile another time, run or size may have been asked for.
    if (this.frames !== frames || (this.wanted !== frame && !this.player.playing)) return;
    this.layer.draw(bitmap, frames.run.corners);
    if (this.player.playing && !this.player.slow) this.layer.pace();
    if (this.player.playing && typeof frame === "number") void frames.bitmap((frame + 1) % frames.count).catch(() => undefined);
  }
}

function nearest(times: number[], at: number): number {
  let found = 0;
  times.forEach((time, place) => {
    if (Math.abs(time - at) < Math.abs((times[found] ?? 0) - at)) found = place;
  });
  return found;
}

function worst(areas: Area[]): Area | undefined {
  return [...areas].sort((a, b) => Number(Boolean(b.run)) - Number(Boolean(a.run)) || b.hits - a.hits)[0];
}
