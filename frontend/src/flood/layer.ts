/** The picture on the map: under lines, names and stations, so that what is measured stays visible. */

import type { maplibre } from "../map";

const ID = "water";
const ABOVE = ["town-lines", "county-lines"]; // the first of these that is there goes over it
/** On the screen, in pixels, from which the large pictures are worth their weight. */
const LARGE_FROM = 640;

/** Without a graphics card a whole frame takes longer than a picture is shown: then fewer pixels. */
const LATE_MS = 130;
const PATIENCE = 6;
const COARSE = 0.6;
const REST_MS = 1000;

type Corners = [[number, number], [number, number], [number, number], [number, number]];

export class WaterLayer {
  private drawnAt = 0;
  private late = 0;
  private coarse = false;

  constructor(private readonly map: maplibre.Map) {}

  /** Tells on the document ("waterdrawn") when the map has drawn it. */
  draw(bitmap: ImageBitmap, corners: [number, number][]): void {
    const coordinates = corners as Corners;
    const source = this.map.getSource<maplibre.ImageSource>(ID);
    if (source) source.updateImage({ image: bitmap, coordinates });
    else this.add(bitmap, coordinates);
    this.map.once("render", () => document.dispatchEvent(new CustomEvent("waterdrawn")));
    this.map.triggerRepaint();
  }

  /** Between two pictures of a playing forecast: keeps its pace, if need be with a coarser map. */
  pace(): void {
    const now = performance.now();
    const took = now - this.drawnAt;
    this.drawnAt = now;
    if (took > REST_MS) return; // it rested on the last picture
    this.late = took > LATE_MS ? this.late + 1 : 0;
    if (this.late < PATIENCE || this.coarse) return;
    this.coarse = true;
    this.map.setPixelRatio(window.devicePixelRatio * COARSE);
  }

  /** Standing still, the map is sharp again. */
  rest(): void {
    this.drawnAt = this.late = 0;
    if (!this.coarse) return;
    this.coarse = false;
    this.map.setPixelRatio(window.devicePixelRatio);
  }

  clear(): void {
    if (this.map.getLayer(ID)) this.map.removeLayer(ID);
    if (this.map.getSource(ID)) this.map.removeSource(ID);
  }

  /** Which pictures this zoom needs. */
  size(corners: [number, number][]): "l" | "s" {
    const [a, b] = [corners[0], corners[2]].map((corner) => this.map.project(corner as [number, number]));
    if (!a || !b) return "l";
    const side = Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) * window.devicePixelRatio;
    return side > LARGE_FROM ? "l" : "s";
  }

  private add(bitmap: ImageBitmap, coordinates: Corners): void {
    this.map.addSource(ID, { type: "image", coordinates });
    this.map.getSource<maplibre.ImageSource>(ID)?.updateImage({ image: bitmap, coordinates });
    this.map.addLayer(
      {
        id: ID,
        type: "raster",
        source: ID,
        paint: { "raster-fade-duration": 0, "raster-resampling": "nearest", "raster-opacity": 0.85 },
      },
      ABOVE.find((layer) => this.map.getLayer(layer)),
    );
  }
}
