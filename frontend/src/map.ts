/** MapLibre as every map of the house uses it: own outlines, no other host, day and night colours. */

import * as maplibre from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { getJson } from "./net";

maplibre.setWorkerUrl(workerUrl);

export type Box = [number, number, number, number];
export { maplibre };

export function canDraw(): boolean {
  try {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2"));
  } catch {
    return false;
  }
}

interface Palette {
  land: string;
  outside: string;
  county: string;
  town: string;
  text: string;
  halo: string;
}

export function palette(): Palette {
  return document.documentElement.dataset.theme === "dark"
    ? { land: "#182634", outside: "#0b131b", county: "#6f8aa3", town: "#33475a", text: "#c9d6e2", halo: "#0d151d" }
    : { land: "#fbfcf9", outside: "#dfe7ee", county: "#5d7389", town: "#c3ced8", text: "#33465a", halo: "#ffffff" };
}

/** A map with the outlines of counties and towns; resolves when it can take layers. */
export async function makeMap(container: HTMLElement, box: Box | null, outlines: string): Promise<maplibre.Map> {
  const colours = palette();
  const map = new maplibre.Map({
    container,
    style: {
      version: 8,
      sources: {},
      layers: [{ id: "outside", type: "background", paint: { "background-color": colours.outside } }],
    },
    bounds: box ?? [119, 28.4, 120.8, 29.8],
    fitBoundsOptions: { padding: 12 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    localIdeographFontFamily: '"Noto Sans CJK SC", "Microsoft YaHei", sans-serif',
    fadeDuration: 0,
    maxZoom: 18,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibre.ScaleControl({ maxWidth: 90 }), "bottom-left");
  const [counties] = await Promise.all([
    outline(outlines, 3),
    new Promise<void>((done) => map.once("style.load", () => done())),
  ]);
  addOutlines(map, counties);
  // Hundreds of towns: they may come a moment later.
  void outline(outlines, 4).then((towns) => {
    void map.getSource<maplibre.GeoJSONSource>("towns")?.setData(towns);
  });
  return map;
}

/** Features carry `level` (3 county, 4 town), `name` and `made_up`. `base` ends before the level. */
async function outline(base: string, level: number): Promise<GeoJSON.FeatureCollection> {
  try {
    return await getJson<GeoJSON.FeatureCollection>(`${base}${level}.geojson`);
  } catch {
    return { type: "FeatureCollection", features: [] };
  }
}

function addOutlines(map: maplibre.Map, counties: GeoJSON.FeatureCollection): void {
  const c = palette();
  map.addSource("counties", { type: "geojson", data: counties, tolerance: 0.5 });
  map.addSource("towns", { type: "geojson", data: { type: "FeatureCollection", features: [] }, tolerance: 0.5 });
  map.addLayer({ id: "land", type: "fill", source: "counties", paint: { "fill-color": c.land } });
  // Where counties are drawn this would paint the same ground twice, which software rendering feels.
  if (!counties.features.length)
    map.addLayer({ id: "town-land", type: "fill", source: "towns", paint: { "fill-color": c.land } });
  map.addLayer({
    id: "town-lines",
    type: "line",
    source: "towns",
    minzoom: 8,
    paint: { "line-color": c.town, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.4, 13, 1.5] },
  });
  map.addLayer({
    id: "county-lines",
    type: "line",
    source: "counties",
    paint: { "line-color": c.county, "line-width": ["interpolate", ["linear"], ["zoom"], 7, 1, 13, 2.5] },
  });
  for (const [id, source, minzoom, size] of [
    ["county-names", "counties", 0, 14],
    ["town-names", "towns", 9.5, 12],
  ] as const) {
    map.addLayer({
      id,
      type: "symbol",
      source,
      minzoom,
      layout: { "text-field": ["get", "name"], "text-size": size, "text-padding": 6 },
      paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.5 },
    });
  }
}

/** After the day/night switch. */
export function recolour(map: maplibre.Map): void {
  const c = palette();
  const set = (layer: string, name: string, value: string): void => {
    if (map.getLayer(layer)) map.setPaintProperty(layer, name as never, value as never);
  };
  set("outside", "background-color", c.outside);
  set("land", "fill-color", c.land);
  set("town-land", "fill-color", c.land);
  set("town-lines", "line-color", c.town);
  set("county-lines", "line-color", c.county);
  for (const layer of ["county-names", "town-names", "station-values"]) {
    set(layer, "text-color", c.text);
    set(layer, "text-halo-color", c.halo);
  }
}
