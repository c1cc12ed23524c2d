/** Roads under whatever else a map shows: broader for the greater classes, dashed where bridged. */

import { palette, type maplibre } from "./map";

const WIDTH: maplibre.ExpressionSpecification = [
  "interpolate", ["exponential", 1.6], ["zoom"],
  9, ["match", ["get", "road_class"], ["MOTORWAY", "EXPRESS"], 1.2, 0.5],
  14, ["match", ["get", "road_class"], ["MOTORWAY", "EXPRESS"], 5, "ARTERIAL", 4, "COLLECTOR", 2.6, 1.4],
];

/** Adds the layers "roads" and "road-names", below the layer of this id where there is one. */
export function addRoads(map: maplibre.Map, below?: string): void {
  const c = palette();
  const before = below && map.getLayer(below) ? below : undefined;
  map.addSource("roads", {
    type: "vector",
    tiles: [`${location.origin}/places/tiles/roads/{z}/{x}/{y}.mvt`],
    minzoom: 6,
    maxzoom: 16,
  });
  map.addLayer(
    {
      id: "roads",
      type: "line",
      source: "roads",
      "source-layer": "roads",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": c.county, "line-opacity": 0.55, "line-width": WIDTH },
    },
    before,
  );
  map.addLayer(
    {
      id: "road-names",
      type: "symbol",
      source: "roads",
      "source-layer": "roads",
      minzoom: 13,
      layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-size": 11 },
      paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.2 },
    },
    before,
  );
}
