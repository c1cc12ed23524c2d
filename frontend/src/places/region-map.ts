/** The map of one region: outlines, and its sites from the vector tiles. data-box: west, south, east, north. */

import { canDraw, makeMap, type Box } from "../map";
import { addRoads } from "../roads";

export function mount(element: HTMLElement): () => void {
  if (!canDraw()) {
    element.hidden = true;
    return () => undefined;
  }
  let gone = false;
  let remove = (): void => undefined;
  void makeMap(element, box(element), "/places/outlines/").then((map) => {
    if (gone) return map.remove();
    remove = () => map.remove();
    addRoads(map, "county-names");
    map.addSource("sites", {
      type: "vector",
      tiles: [`${location.origin}/places/tiles/sites/{z}/{x}/{y}.mvt`],
      maxzoom: 16,
    });
    map.addLayer({
      id: "sites",
      type: "circle",
      source: "sites",
      "source-layer": "sites",
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["get", "count"], 1, 4, 50, 9, 1000, 16],
        "circle-color": "#2f6fd0",
        "circle-opacity": 0.75,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 1,
      },
    });
    map.addLayer({
      id: "site-counts",
      type: "symbol",
      source: "sites",
      "source-layer": "sites",
      filter: [">", ["get", "count"], 1],
      layout: { "text-field": ["to-string", ["get", "count"]], "text-size": 11, "text-allow-overlap": true },
      paint: { "text-color": "#ffffff" },
    });
  });
  return () => {
    gone = true;
    remove();
  };
}

function box(element: HTMLElement): Box | null {
  const sides = (element.dataset.box ?? "").split(",").map(Number);
  return sides.length === 4 && sides.every(Number.isFinite) ? (sides as Box) : null;
}
