/** The map of the board: stations with live values, alarms that pulse, sites as vector tiles. */

import { makeMap, maplibre, palette, recolour, type Box } from "../map";
import { mainSeries, valueText } from "./format";
import { addRoads } from "../roads";
import { addClosures, refreshClosures } from "./closures";
import { drawSigns, signName } from "./signs";
import type { Alarm, Station, Store } from "./store";

export interface Layer {
  code: string;
  label: string;
  group: string;
  colour: string;
}

const REDRAW_MS = 800;
const MOST_PULSES = 60;
// Popups keep clear of the buttons along the map's upper edge.
const POPUP = { maxWidth: "22rem", focusAfterOpen: false, padding: { top: 48, right: 8, bottom: 8, left: 8 } };

export class BoardMap {
  private map: maplibre.Map | null = null;
  private readonly pulses = new Map<number, maplibre.Marker>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private popup: maplibre.Popup | null = null;
  private tiles = "";
  onStation: (station: Station, at: HTMLElement) => void = () => undefined;
  /** A click beside stations and sites. */
  onGround: (lon: number, lat: number) => void = () => undefined;

  constructor(
    private readonly store: Store,
    private readonly box: Box | null,
  ) {}

  async start(container: HTMLElement, outlines: string, tiles: string, layers: Layer[]): Promise<void> {
    const map = await makeMap(container, this.box, outlines);
    this.map = map;
    drawSigns((name, image) => map.addImage(name, image, { pixelRatio: 2 }));
    this.tiles = decodeURI(new URL(tiles, location.href).href);
    addSites(map, this.tiles, layers);
    addStations(map);
    addRoads(map, "county-names");
    addClosures(map);
    this.drawAll();
    this.drawPulses();
    this.store.on("stations", () => this.drawAll());
    this.store.on("values", () => this.later());
    this.store.on("alarms", () => this.drawPulses());
    this.store.on("closures", () => refreshClosures(map));
    document.addEventListener("themechange", () => recolour(map));
    map.on("click", "stations", (event) => {
      const station = this.store.stations.get(Number(event.features?.[0]?.id));
      if (station) this.show(station);
    });
    for (const layer of ["stations", "sites"]) {
      map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
      map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
    }
    map.on("click", (event) => {
      const there = map.queryRenderedFeatures(event.point, { layers: ["stations", "sites"] });
      if (!there.length) this.onGround(event.lngLat.lng, event.lngLat.lat);
    });
    map.on("click", "sites", (event) => {
      const site = event.features?.[0];
      if (site?.properties.name && !map.queryRenderedFeatures(event.point, { layers: ["stations"] }).length)
        this.showSite(event.lngLat, String(site.properties.name ?? ""), layers, String(site.properties.kind ?? ""));
    });
  }

  /** For other layers of the board; none where it could not be drawn. */
  get gl(): maplibre.Map | null {
    return this.map;
  }

  /** When a frame with outlines and stations has been drawn: the benchmark's first useful paint. */
  async drawn(): Promise<void> {
    const map = this.map;
    if (!map) return;
    await new Promise<void>((done) => {
      const look = (): void => {
        if (this.store.stations.size && map.isSourceLoaded("stations") && map.isSourceLoaded("counties")) {
          map.off("render", look);
          requestAnimationFrame(() => done());
        } else map.triggerRepaint();
      };
      map.on("render", look);
      map.triggerRepaint();
    });
  }

  home(): void {
    if (this.box) this.map?.fitBounds(this.box, { padding: 12 });
  }

  flyTo(lon: number, lat: number): void {
    this.map?.easeTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), 12), duration: 500 });
  }

  setSites(codes: string[]): void {
    if (!this.map?.getLayer("sites")) return;
    const shown = codes.length ? "visible" : "none";
    for (const layer of ["sites", "site-counts"]) this.map.setLayoutProperty(layer, "visibility", shown);
    // The server clusters what is asked for, so another choice is another tile.
    const tiles = codes.length ? `${this.tiles}?kind=${codes.sort().join(",")}` : this.tiles;
    this.map.getSource<maplibre.VectorTileSource>("sites")?.setTiles([tiles]);
  }

  setStations(shown: boolean): void {
    for (const layer of ["stations", "station-values"])
      this.map?.setLayoutProperty(layer, "visibility", shown ? "visible" : "none");
  }

  /** A popup with the station's values and chart. */
  show(station: Station): void {
    if (!this.map) return;
    this.popup?.remove();
    const body = document.createElement("div");
    body.className = "station-popup";
    this.popup = new maplibre.Popup(POPUP)
      .setLngLat([station.lon, station.lat])
      .setDOMContent(body)
      .addTo(this.map);
    this.onStation(station, body);
  }

  popupAt(lon: number, lat: number, body: HTMLElement): void {
    if (!this.map) return;
    this.popup?.remove();
    const popup = new maplibre.Popup(POPUP);
    this.popup = popup.setLngLat([lon, lat]).setDOMContent(body).addTo(this.map);
  }

  private showSite(at: maplibre.LngLat, name: string, layers: Layer[], kind: string): void {
    if (!this.map) return;
    const label = layers.find((layer) => layer.code === kind)?.label ?? "";
    this.popup?.remove();
    const body = document.createElement("div");
    const strong = document.createElement("strong");
    strong.textContent = name;
    body.append(strong, document.createElement("br"), label);
    this.popup = new maplibre.Popup(POPUP).setLngLat(at).setDOMContent(body).addTo(this.map);
  }

  private source(): maplibre.GeoJSONSource | undefined {
    return this.map?.getSource("stations");
  }

  private drawAll(): void {
    this.store.touched.clear();
    const worst = this.store.severities();
    const features = [...this.store.stations.values()].map((station) => feature(station, this.store, worst));
    void this.source()?.setData({ type: "FeatureCollection", features });
  }

  /** Values arrive several times a second: only what changed is drawn, once a second at most. */
  private later(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.drawTouched();
    }, REDRAW_MS);
  }

  private drawTouched(): void {
    if (document.hidden) return; // drawn when somebody looks again
    const worst = this.store.severities();
    const update = [...this.store.touched].flatMap((id) => {
      const station = this.store.stations.get(id);
      if (!station) return [];
      const { properties } = feature(station, this.store, worst);
      const entries = Object.entries(properties).map(([key, value]) => ({ key, value }));
      return [{ id, addOrUpdateProperties: entries }];
    });
    this.store.touched.clear();
    if (update.length) void this.source()?.updateData({ update });
  }

  private drawPulses(): void {
    if (!this.map) return;
    const wanted = this.store
      .openAlarms()
      .filter((alarm) => !alarm.acknowledged && alarm.lon !== null)
      .slice(0, MOST_PULSES);
    const keep = new Set(wanted.map((alarm) => alarm.id));
    for (const [id, marker] of this.pulses) {
      if (keep.has(id)) continue;
      marker.remove();
      this.pulses.delete(id);
    }
    for (const alarm of wanted) if (!this.pulses.has(alarm.id)) this.addPulse(this.map, alarm);
  }

  private addPulse(map: maplibre.Map, alarm: Alarm): void {
    const element = document.createElement("div");
    element.className = `pulse sev-${alarm.severity}`;
    const marker = new maplibre.Marker({ element }).setLngLat([alarm.lon ?? 0, alarm.lat ?? 0]).addTo(map);
    this.pulses.set(alarm.id, marker);
  }
}

function feature(station: Station, store: Store, worst: Map<number, number>): GeoJSON.Feature & { properties: Record<string, unknown> } {
  const severity = worst.get(station.id) ?? 0;
  const series = mainSeries(station);
  return {
    type: "Feature",
    id: station.id,
    geometry: { type: "Point", coordinates: [station.lon, station.lat] },
    properties: {
      sign: signName(station.kind, severity, station.silent),
      // A dry gauge says nothing, so that those that do can be read.
      text: series && series.value ? valueText(series, store.quantities) : "",
      order: severity > 0 ? severity : 9,
    },
  };
}

function addStations(map: maplibre.Map): void {
  const c = palette();
  map.addSource("stations", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "stations",
    type: "symbol",
    source: "stations",
    layout: {
      "icon-image": ["get", "sign"],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true, // or they would push the names of the counties away
      "icon-size": ["interpolate", ["linear"], ["zoom"], 8, 0.55, 11, 0.9, 14, 1.1],
      "symbol-sort-key": ["-", 0, ["get", "order"]],
    },
  });
  map.addLayer({
    id: "station-values",
    type: "symbol",
    source: "stations",
    minzoom: 9,
    layout: {
      "text-field": ["get", "text"],
      "text-size": 12,
      "text-offset": [0, 1.1],
      "text-anchor": "top",
      "text-optional": true,
      "symbol-sort-key": ["get", "order"],
    },
    paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.5 },
  });
}

/** Sites as dots of their kind's colour; below zoom 14 the server sends clusters with a count. */
function addSites(map: maplibre.Map, tiles: string, layers: Layer[]): void {
  const c = palette();
  const colour: unknown[] = ["match", ["get", "kind"]];
  for (const layer of layers) colour.push(layer.code, layer.colour);
  colour.push("#7f8c8d");
  map.addSource("sites", { type: "vector", tiles: [tiles], minzoom: 5, maxzoom: 16 });
  const many: maplibre.ExpressionSpecification = [">", ["get", "count"], 1];
  map.addLayer({
    id: "sites",
    type: "circle",
    source: "sites",
    "source-layer": "sites",
    layout: { visibility: "none" },
    paint: {
      "circle-color": colour as maplibre.ExpressionSpecification,
      "circle-radius": ["case", many, ["min", 13, ["+", 4, ["ln", ["get", "count"]], ["ln", ["get", "count"]]]], 4.5],
      "circle-stroke-color": c.halo,
      "circle-stroke-width": 1,
      "circle-opacity": 0.8,
    },
  });
  map.addLayer({
    id: "site-counts",
    type: "symbol",
    source: "sites",
    "source-layer": "sites",
    filter: [">=", ["get", "count"], 5],
    layout: { visibility: "none", "text-field": ["to-string", ["get", "count"]], "text-size": 10 },
    paint: { "text-color": "#ffffff" },
  });
}
