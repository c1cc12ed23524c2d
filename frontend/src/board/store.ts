/** What the board knows: the snapshot, kept right by the feed. No drawing here. */

import { listen, type Health, type News, type ValueRow } from "../feed";
import { getJson } from "../net";

export interface Alarm {
  id: number;
  severity: number;
  rule: string;
  region: string;
  station: string;
  station_id: number | null;
  lon: number | null;
  lat: number | null;
  value: number | null;
  means: "VALUE" | "RATE" | "SUM" | "SILENCE" | "STATIONS" | "FORECAST" | "NO_FORECAST";
  /** Of a forecast: when the depth will be passed. */
  expected: number | null;
  site_id: number | null;
  unit: string;
  decimals: number;
  at: number;
  acknowledged: boolean;
  acknowledged_by: string;
  cleared: boolean;
  incident_id: number | null;
  exercise: boolean;
}

export interface Incident {
  id: number;
  title: string;
  level: number | null;
  region: string;
  at: number;
  closed: boolean;
  exercise: boolean;
}

export interface Series {
  id: number;
  quantity: string;
  at: number | null;
  value: number | null;
  flag: number | null;
}

export interface Station {
  id: number;
  code: string;
  name: string;
  kind: string;
  lon: number;
  lat: number;
  madeUp: boolean;
  silent: boolean;
  region: string;
  series: Series[];
}

export interface Quantity {
  label: string;
  unit: string;
  decimals: number;
}

export interface BoardNews extends News {
  alarm?: Alarm;
  incident?: Incident;
  run?: { id: number; area: string; at: number };
  closure?: { id: number; place: string; state: string; exercise: boolean };
  item?: { id: number; title: string; state: string; region: string; exercise: boolean };
}

const GATHER_MS = 50;

type SeriesRow = [number, string, number | null, number | null, number | null];
type StationRow = [
  number, string, string, string, number, number, boolean, boolean, string, SeriesRow[],
];

interface Snapshot {
  event_id: number;
  quantities: Record<string, Quantity>;
  stations: StationRow[];
  alarms: Alarm[];
  incidents: Incident[];
  happenings: BoardNews[];
  may: { acknowledge: boolean; lead: boolean };
}

export type Change =
  | "stations" | "values" | "alarms" | "incidents" | "happenings" | "work" | "forecasts" | "closures" | "health";

export class Store {
  stations = new Map<number, Station>();
  alarms = new Map<number, Alarm>();
  incidents = new Map<number, Incident>();
  happenings: BoardNews[] = [];
  quantities: Record<string, Quantity> = {};
  may = { acknowledge: false, lead: false };
  health: Health = "out";
  /** Stations whose values changed since the last drawing. */
  touched = new Set<number>();
  private readonly ownerOf = new Map<number, Series>();
  private readonly watchers = new Map<Change, Set<() => void>>();
  private stop: (() => void) | null = null;

  constructor(
    private readonly source: string,
    private readonly feed: string,
  ) {}

  on(change: Change, watcher: () => void): void {
    const found = this.watchers.get(change) ?? new Set();
    found.add(watcher);
    this.watchers.set(change, found);
  }

  /** New alarms, for the sound and the map: called once for each. */
  onRaised: (alarm: Alarm) => void = () => undefined;

  private readonly untold = new Set<Change>();

  /** Together, a moment later: in a storm hundreds of news come at once. */
  private tell(...changes: Change[]): void {
    if (!this.untold.size) setTimeout(() => this.flush(), GATHER_MS);
    for (const change of changes) this.untold.add(change);
  }

  private flush(): void {
    const changes = [...this.untold];
    this.untold.clear();
    for (const change of changes) for (const watcher of this.watchers.get(change) ?? []) watcher();
  }

  async start(): Promise<void> {
    const last = await this.load();
    this.stop = listen<BoardNews>(this.feed, last, {
      onNews: (news) => this.take(news),
      onValues: (rows) => this.takeValues(rows),
      onReload: () => void this.load().catch(() => undefined),
      onHealth: (health) => {
        this.health = health;
        this.tell("health");
      },
    });
  }

  end(): void {
    this.stop?.();
  }

  /** The whole state afresh; what the feed brought meanwhile is newer and stays. */
  private async load(): Promise<number> {
    const data = await getJson<Snapshot>(this.source);
    this.quantities = data.quantities;
    this.may = data.may;
    this.stations.clear();
    for (const row of data.stations) this.addStation(row);
    this.alarms = new Map(data.alarms.map((alarm) => [alarm.id, alarm]));
    this.incidents = new Map(data.incidents.map((incident) => [incident.id, incident]));
    this.happenings = data.happenings;
    this.tell("stations", "alarms", "incidents", "happenings", "work", "forecasts");
    return data.event_id;
  }

  private addStation(row: StationRow): void {
    const [id, code, name, kind, lon, lat, madeUp, silent, region, rows] = row;
    const series = rows.map(([sid, quantity, at, value, flag]) => {
      const before = this.ownerOf.get(sid);
      const fresh = { id: sid, quantity, at, value, flag };
      const kept = before && (before.at ?? 0) > (at ?? 0) ? before : fresh;
      this.ownerOf.set(sid, kept);
      return kept;
    });
    this.stations.set(id, { id, code, name, kind, lon, lat, madeUp, silent, region, series });
  }

  private takeValues(rows: ValueRow[]): void {
    for (const [station, series, at, value, flag] of rows) {
      const known = this.ownerOf.get(series);
      if (!known) continue;
      Object.assign(known, { at, value, flag });
      this.touched.add(station);
    }
    this.tell("values");
  }

  private take(news: BoardNews): void {
    if (news.name.startsWith("work.")) this.tell("work");
    if (news.name.startsWith("simulate.")) this.tell("forecasts");
    if (/^(command\.closure|work\.item\.(submit|return))/.test(news.name)) this.tell("closures");
    if (news.alarm) this.takeAlarm(news, news.alarm);
    if (news.incident) this.takeIncident(news.incident);
    if (news.name === "observe.station.silent" || news.name === "observe.station.back")
      this.takeSilence(Number(news.data.station_id), news.name.endsWith("silent"));
    if (told.has(news.name)) {
      this.happenings = [news, ...this.happenings].slice(0, 200);
      this.tell("happenings");
    }
  }

  private takeAlarm(news: BoardNews, alarm: Alarm): void {
    const before = this.alarms.get(alarm.id);
    if (alarm.cleared) this.alarms.delete(alarm.id);
    else this.alarms.set(alarm.id, alarm);
    if (alarm.station_id !== null) this.touched.add(alarm.station_id);
    this.tell("alarms", "values");
    if (news.name === "warn.alarm.raised" && !before && !alarm.cleared) this.onRaised(alarm);
  }

  private takeIncident(incident: Incident): void {
    if (incident.closed) this.incidents.delete(incident.id);
    else this.incidents.set(incident.id, incident);
    this.tell("incidents");
  }

  private takeSilence(id: number, silent: boolean): void {
    const station = this.stations.get(id);
    if (!station) return;
    station.silent = silent;
    this.touched.add(id);
    this.tell("values");
  }

  /** The gravest first, then the newest. */
  openAlarms(): Alarm[] {
    return [...this.alarms.values()].sort((a, b) => a.severity - b.severity || b.at - a.at || b.id - a.id);
  }

  /** The gravest open alarm of each station. */
  severities(): Map<number, number> {
    const worst = new Map<number, number>();
    for (const { station_id, severity } of this.alarms.values())
      if (station_id !== null) worst.set(station_id, Math.min(severity, worst.get(station_id) ?? 9));
    return worst;
  }
}

const told = new Set([
  "warn.alarm.raised",
  "warn.alarm.cleared",
  "warn.alarm.acknowledged",
  "command.incident.opened",
  "command.level.declared",
  "command.incident.closed",
  "command.closure.ordered",
  "command.closure.closed",
  "command.closure.ended",
  "work.item.submit",
  "work.item.verify",
  "work.item.return",
  "observe.station.silent",
  "observe.station.back",
  "simulate.run.failed",
]);
