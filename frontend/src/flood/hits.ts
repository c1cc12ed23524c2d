/** What will stand in water, the soonest first, and how much of it in which county. */

import { clockTime, nowMs } from "../clock";
import { el } from "../dom";
import { t } from "../i18n";
import { getJson } from "../net";
import { depthText, leadText, type Area } from "./forecast";

export interface Hit {
  what: "site" | "road" | "grid";
  name: string;
  kind: string;
  region: string;
  county: string;
  lon: number;
  lat: number;
  first_at: number;
  max_depth_m: number;
  people: number;
}

interface Count {
  name: string;
  sites: number;
  roads: number;
  grids: number;
  people: number;
}

interface Answer {
  total: number;
  counties: Count[];
  rows: Hit[];
}

const SHOWN = 40;

export class HitPanel {
  private asked = "";
  private rows: Hit[] = [];
  private total = 0;
  onChoose: (hit: Hit) => void = () => undefined;

  constructor(
    private readonly panel: HTMLElement,
    private readonly counts: HTMLElement,
    private readonly list: HTMLElement,
  ) {
    setInterval(() => this.drawRows(), 20_000); // what was ahead becomes now
  }

  /** Of all the reader's areas together. */
  async take(areas: Area[]): Promise<void> {
    const runs = areas.flatMap((area) => (area.run ? [area.run.id] : []));
    this.panel.hidden = runs.length === 0;
    if (String(runs) === this.asked) return;
    this.asked = String(runs);
    const answers = await Promise.all(
      runs.map((run) => getJson<Answer>(`/api/forecasts/${run}/hits`).catch(() => null)),
    );
    if (String(runs) !== this.asked) return;
    const found = answers.filter((answer) => answer !== null);
    this.rows = found.flatMap((answer) => answer.rows).sort((a, b) => a.first_at - b.first_at);
    this.total = found.reduce((sum, answer) => sum + answer.total, 0);
    this.drawCounts(together(found.flatMap((answer) => answer.counties)));
    this.drawRows();
  }

  private drawCounts(counts: Count[]): void {
    const table = this.counts.closest<HTMLElement>("table");
    if (table) table.hidden = counts.length === 0;
    this.counts.replaceChildren(
      ...counts.map((count) =>
        el("tr", "", "", el("td", "", count.name), ...[count.sites, count.roads, count.grids, count.people].map((n) => el("td", "num", n.toLocaleString()))),
      ),
    );
  }

  private drawRows(): void {
    const now = nowMs();
    const rows = this.rows.slice(0, SHOWN).map((hit) => {
      const open = document.createElement("button");
      open.type = "button";
      open.className = "hit";
      const lead = el("span", hit.first_at > now ? "hit-lead" : "hit-lead come", leadText(hit.first_at, now));
      const head = el("span", "hit-head", "", el("b", "", hit.name), el("span", "nowrap strong", depthText(hit.max_depth_m)));
      const what = [hit.kind, hit.people ? t("{n} people", { n: hit.people }) : "", hit.region].filter(Boolean).join(" · ");
      const under = el("span", "small soft", "", el("time", "strong", clockTime(hit.first_at)), lead);
      under.append(what);
      open.append(head, under);
      open.addEventListener("click", () => this.onChoose(hit));
      return el("li", "", "", open);
    });
    if (this.total > rows.length) rows.push(el("li", "soft small", t("and {n} more", { n: this.total - rows.length })));
    if (!rows.length) rows.push(el("li", "soft", t("Nothing in your regions is expected to stand in water.")));
    this.list.replaceChildren(...rows);
  }
}

function together(counts: Count[]): Count[] {
  const found = new Map<string, Count>();
  for (const count of counts) {
    const sum = found.get(count.name);
    if (!sum) found.set(count.name, { ...count });
    else for (const key of ["sites", "roads", "grids", "people"] as const) sum[key] += count[key];
  }
  return [...found.values()];
}
