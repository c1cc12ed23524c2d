/** What is closed to traffic or to be closed, on any map: a barred circle, hollow until it is verified. */

import { palette, type maplibre } from "../map";

const TILES = "/places/tiles/closures/{z}/{x}/{y}.mvt";
const SIZE = 40; // at twice the density of the screen
const SIGNS = { CLOSED: ["#c3122f", "#ffffff"], REPORTED: ["#ffffff", "#c3122f"], ORDERED: ["#ffffff", "#d65f00"] } as const;
let asked = 0;

export function addClosures(map: maplibre.Map): void {
  for (const [state, [fill, ink]] of Object.entries(SIGNS)) map.addImage(`closure-${state}`, draw(fill, ink), { pixelRatio: 2 });
  const c = palette();
  map.addSource("closures", { type: "vector", tiles: [address()], minzoom: 5, maxzoom: 16 });
  map.addLayer({
    id: "closures",
    type: "symbol",
    source: "closures",
    "source-layer": "closures",
    layout: {
      "icon-image": ["concat", "closure-", ["get", "state"]],
      "icon-allow-overlap": true,
      "text-field": ["step", ["zoom"], "", 12, ["get", "name"]],
      "text-size": 11,
      "text-offset": [0, 1.2],
      "text-anchor": "top",
      "text-optional": true,
    },
    paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.4 },
  });
}

/** After news of a closure: ask for the tiles again. */
export function refreshClosures(map: maplibre.Map): void {
  asked++;
  map.getSource<maplibre.VectorTileSource>("closures")?.setTiles([address()]);
}

function address(): string {
  return `${location.origin}${TILES}?v=${asked}`;
}

function draw(fill: string, ink: string): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const c = canvas.getContext("2d", { willReadFrequently: true });
  if (!c) throw new Error("no canvas");
  const middle = SIZE / 2;
  c.beginPath();
  c.arc(middle, middle, middle - 4, 0, 7);
  c.fillStyle = fill;
  c.fill();
  c.lineWidth = 5;
  c.strokeStyle = fill === "#ffffff" ? ink : "#ffffff";
  c.stroke();
  c.fillStyle = ink;
  c.fillRect(middle - 9, middle - 3, 18, 6);
  return c.getImageData(0, 0, SIZE, SIZE);
}
