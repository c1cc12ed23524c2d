/** The strip under the map: play, step, slide; which time, how old, from what rain, how far to trust. */

import { ago, clockTime, nowMs, shortMoment } from "../clock";
import { button, el } from "../dom";
import { t } from "../i18n";
import { look, sheetText, timeText, type Area, type Forecasts, type Pictures, type Sheet } from "./forecast";
import type { Player } from "./player";

export class Bar {
  readonly element = el("section", "water-bar no-print");
  private readonly play = button("", "icon-button", () => this.player.toggle());
  private readonly slow = button(t("slowly"), "small slow", () => this.setSlow());
  private readonly slider = document.createElement("input");
  private readonly now = el("i", "water-now");
  private readonly time = el("output", "water-time");
  private readonly loading = el("i", "water-loading");
  private readonly facts = el("div", "water-facts small");
  private readonly scale = el("ol", "water-legend");
  private readonly sheets = document.createElement("select");
  private readonly news = el("p", "visually-hidden");
  private area: Area | null = null;
  /** Where the reader has several areas. */
  onArea: (id: number) => void = () => undefined;

  constructor(
    private readonly player: Player,
    private readonly legends: Pick<Forecasts, "legend" | "likely">,
  ) {
    this.element.setAttribute("aria-label", t("Forecast of water"));
    this.news.setAttribute("role", "status");
    Object.assign(this.slider, { type: "range", min: "0", step: "1" });
    this.slider.setAttribute("aria-label", t("Time of the forecast"));
    this.slider.addEventListener("input", () => {
      this.player.pause();
      this.player.seek(Number(this.slider.value));
    });
    const back = button("", "icon-button", () => this.player.step(-1));
    const on = button("", "icon-button", () => this.player.step(1));
    for (const [one, text, sign, key] of [
      [back, t("One step back"), "‹", "ArrowLeft"],
      [on, t("One step on"), "›", "ArrowRight"],
    ] as const) {
      one.append(el("span", "", sign));
      one.setAttribute("aria-label", text);
      one.setAttribute("aria-keyshortcuts", key);
    }
    this.play.setAttribute("aria-keyshortcuts", "Space");
    this.slow.setAttribute("aria-pressed", "false");
    this.sheets.setAttribute("aria-label", t("What the map shows"));
    this.sheets.addEventListener("change", () => this.player.seekSheet((this.sheets.value || null) as Sheet | null));
    const track = el("div", "water-track", "", this.slider, this.now, this.loading);
    this.element.append(
      el("div", "water-row", "", this.play, back, on, track, this.time, this.slow, this.sheets),
      el("div", "water-row water-under", "", this.facts, this.scale),
      this.news,
    );
    document.addEventListener("themechange", () => this.drawLegend());
    // What lies at the map's lower edge makes room for it.
    new ResizeObserver(() => {
      const height = `${this.element.offsetHeight}px`;
      this.element.parentElement?.style.setProperty("--water-bar", height);
    }).observe(this.element);
    this.drawLegend();
  }

  /** Another area, or the same after something has changed. */
  set(area: Area, areas: Area[]): void {
    this.area = area;
    const run = area.run;
    this.slider.max = String(Math.max(0, (run?.times.length ?? 1) - 1));
    for (const one of this.element.querySelectorAll<HTMLButtonElement | HTMLInputElement>("button, input"))
      one.disabled = !run;
    this.facts.replaceChildren(...this.said(area, areas));
    this.offer(run?.sheets ?? []);
    this.tick();
  }

  /** The player has moved. */
  tick(): void {
    const run = this.area?.run;
    this.play.replaceChildren(icon(this.player.playing ? "pause" : "play"));
    this.play.setAttribute("aria-label", this.player.playing ? t("Pause") : t("Play"));
    this.slider.value = String(this.player.at);
    const at = run?.times[this.player.at];
    const sheet = this.player.sheet;
    const time = run && at !== undefined ? timeText(run, at) : t("no forecast");
    const text = sheet ? sheetText(sheet) : time;
    this.element.classList.toggle("no-time", sheet !== null);
    this.sheets.value = sheet ?? "";
    this.drawLegend();
    this.time.textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
    this.placeNow(run);
  }

  /** To where space and arrows belong: not to the button that showed it, which would hide it again. */
  focus(): void {
    this.slider.focus({ preventScroll: true });
  }

  loaded(part: number): void {
    this.loading.style.width = `${part < 1 ? part * 100 : 0}%`;
  }

  announce(run: Pictures): void {
    this.news.textContent = t("A new forecast from {time} is shown.", { time: clockTime(run.at) });
    this.element.classList.add("fresh");
    setTimeout(() => this.element.classList.remove("fresh"), 4000);
  }

  private setSlow(): void {
    this.player.slow = !this.player.slow;
    this.slow.setAttribute("aria-pressed", String(this.player.slow));
  }

  /** The pictures that a run has beside those of its times. */
  private offer(sheets: Sheet[]): void {
    const known = [...this.sheets.options].map((one) => one.value).join();
    this.sheets.hidden = !sheets.length;
    if (["", ...sheets].join() === known) return;
    this.sheets.replaceChildren(
      new Option(t("by time"), ""),
      ...sheets.map((one) => new Option(sheetText(one), one)),
    );
  }

  /** A mark on the slider where the house's clock stands. */
  private placeNow(run: Pictures | null | undefined): void {
    const [first, last] = [run?.times[0] ?? 0, run?.times[run.times.length - 1] ?? 0];
    const part = (nowMs() - first) / Math.max(1, last - first);
    this.now.hidden = !run || part < 0 || part > 1;
    this.now.style.left = `${part * 100}%`;
    this.now.title = t("now");
  }

  private said(area: Area, areas: Area[]): Node[] {
    const run = area.run;
    const found: Node[] = [this.chooser(area, areas)];
    if (run) {
      const base = t("from {time}, {age}", { time: shortMoment(run.at), age: ago(run.at) });
      found.push(el("span", "", base), el("span", "", t("rain: {source}", { source: run.rain })));
      const over = (run.times[run.times.length - 1] ?? 0) < nowMs();
      if (over) found.push(el("span", "chip overdue", t("its time is over")));
    }
    if (area.late_at !== null && area.late_at < nowMs()) found.push(el("span", "chip overdue", t("late")));
    if (area.failed) {
      const failed = t("the forecast from {time} failed", { time: clockTime(area.failed.at) });
      const chip = el("span", "chip overdue", failed);
      chip.title = `${area.failed.message} ${area.failed.hint}`.trim();
      found.push(chip);
    }
    if (area.underway) found.push(el("span", "chip state-doing", t("computing a new one")));
    if (area.made_up) found.push(el("span", "chip made-up", t("generated terrain")));
    if (run && !run.whole) found.push(el("span", "chip", t("your regions only")));
    return found;
  }

  private chooser(area: Area, areas: Area[]): HTMLElement {
    if (areas.length < 2) return el("strong", "", area.name);
    const choice = document.createElement("select");
    choice.setAttribute("aria-label", t("Forecast area"));
    for (const one of areas) choice.add(new Option(one.name, String(one.id), false, one.id === area.id));
    choice.addEventListener("change", () => this.onArea(Number(choice.value)));
    return choice;
  }

  private drawLegend(): void {
    const colours = look();
    const likely = this.player.sheet?.startsWith("over-") ?? false;
    const drawn = `${colours} ${likely}`;
    if (this.scale.dataset.drawn === drawn) return;
    this.scale.dataset.drawn = drawn;
    this.scale.replaceChildren(
      el("li", "water-unit", likely ? t("Likelihood (%)") : t("Depth of water (m)")),
      ...(likely ? this.legends.likely : this.legends.legend).map((one) => {
        const swatch = el("i");
        swatch.style.background = one[colours];
        return el("li", "", "", swatch, el("span", "", one.label));
      }),
    );
  }
}

export function icon(name: string): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  const href = document.querySelector("svg.icon use")?.getAttribute("href") ?? "";
  use.setAttribute("href", `${href.split("#")[0]}#${name}`);
  svg.append(use);
  return svg;
}
