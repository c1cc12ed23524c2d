/** The list of open alarms: who is chosen, acknowledging, opening an incident. */

import { ago, clockTime } from "../clock";
import { button, el, link } from "../dom";
import { t } from "../i18n";
import { post } from "../net";
import { toast, toastFailure } from "../toast";
import { alarmValue, ROMAN } from "./format";
import type { Alarm, Store } from "./store";

const SHOWN = 100;
const COLOUR = ["", "Red Ⅰ", "Orange Ⅱ", "Yellow Ⅲ", "Blue Ⅳ"];

export class AlarmList {
  private chosen: number | null = null;
  private readonly rows = new Map<number, HTMLElement>();
  onChoose: (alarm: Alarm) => void = () => undefined;

  constructor(
    private readonly store: Store,
    private readonly list: HTMLElement,
    private readonly empty: HTMLElement,
  ) {
    store.on("alarms", () => this.draw());
    setInterval(() => this.age(), 5000);
  }

  draw(): void {
    const alarms = this.store.openAlarms();
    const shown = alarms.slice(0, SHOWN);
    this.rows.clear();
    const rows = shown.map((alarm) => this.row(alarm));
    if (alarms.length > SHOWN)
      rows.push(el("li", "soft small more", t("and {n} more", { n: alarms.length - SHOWN })));
    this.list.replaceChildren(...rows);
    this.empty.hidden = alarms.length > 0;
    this.list.hidden = alarms.length === 0;
  }

  private row(alarm: Alarm): HTMLElement {
    const row = el("li", `alarm sev-${alarm.severity}${alarm.acknowledged ? " acknowledged" : ""}`);
    row.dataset.alarm = String(alarm.id);
    row.setAttribute("aria-current", String(alarm.id === this.chosen));
    const chip = el("span", `chip sev sev-${alarm.severity}`, t(COLOUR[alarm.severity] ?? ""));
    const head = el("div", "alarm-head", "", chip, el("b", "", alarm.station || alarm.region), el("span", "alarm-value", alarmValue(alarm)));
    const when = el("time", "soft small", ago(alarm.at));
    when.dataset.at = String(alarm.at);
    const what = el("span", "small", "", el("span", "", `${alarm.rule} · ${alarm.region} · `), when);
    if (alarm.expected !== null) {
      const time = clockTime(alarm.expected);
      what.prepend(el("span", "chip forecast", t("forecast")), " ", el("strong", "", t("expected {time}", { time })), " · ");
    }
    if (alarm.exercise) what.prepend(el("span", "chip exercise", t("exercise")));
    row.append(head, el("div", "alarm-foot", "", what, this.actions(alarm)));
    row.addEventListener("click", () => this.choose(alarm.id));
    this.rows.set(alarm.id, row);
    return row;
  }

  private actions(alarm: Alarm): HTMLElement {
    const box = el("div", "actions");
    if (alarm.acknowledged) {
      const who = alarm.acknowledged_by;
      box.append(el("span", "small soft", t("acknowledged by {who}", { who })));
    } else if (this.store.may.acknowledge)
      box.append(button(t("Acknowledge"), "small", () => void this.acknowledge(alarm)));
    if (alarm.incident_id !== null)
      box.append(link(`/incidents/${alarm.incident_id}/`, t("Incident #{id}", { id: alarm.incident_id }), "small"));
    else if (this.store.may.lead)
      box.append(button(t("Open incident"), "small primary", () => void this.open(alarm)));
    return box;
  }

  async acknowledge(alarm: Alarm): Promise<void> {
    if (alarm.acknowledged) return;
    // The feed brings the new state to every board, this one included.
    if (await post(`/api/alarms/${alarm.id}/acknowledge`)) toast(t("Acknowledged"), "", "good");
  }

  async open(alarm: Alarm): Promise<void> {
    if (alarm.incident_id !== null) {
      location.assign(`/incidents/${alarm.incident_id}/`);
      return;
    }
    const answer = await fetch(`/incidents/from-alarm/${alarm.id}/`, {
      method: "POST",
      headers: { "HX-Request": "true", "X-CSRFToken": document.body.dataset.csrf ?? "" },
    }).catch(() => null);
    const goal = answer?.headers.get("HX-Redirect");
    if (answer?.ok && goal) location.assign(goal);
    else toastFailure(answer?.status ?? 0, answer ? await answer.text() : "");
  }

  choose(id: number): void {
    const alarm = this.store.alarms.get(id);
    if (!alarm) return;
    if (this.chosen !== null) this.rows.get(this.chosen)?.setAttribute("aria-current", "false");
    this.chosen = id;
    const row = this.rows.get(id);
    row?.setAttribute("aria-current", "true");
    row?.scrollIntoView({ block: "nearest" });
    this.onChoose(alarm);
  }

  /** The next or the previous one, by key. */
  step(by: number): void {
    const ids = [...this.rows.keys()];
    const place = this.chosen === null ? -1 : ids.indexOf(this.chosen);
    const next = ids[Math.max(0, Math.min(ids.length - 1, place + by))];
    if (next !== undefined) this.choose(next);
  }

  current(): Alarm | undefined {
    return this.chosen === null ? undefined : this.store.alarms.get(this.chosen);
  }

  private age(): void {
    for (const time of this.list.querySelectorAll<HTMLElement>("time[data-at]"))
      time.textContent = ago(Number(time.dataset.at));
  }
}

export const levelName = (level: number): string => ROMAN[level] ?? "";
