/** <div class="mini-map" data-module="mini-map" data-lon="119.6" data-lat="29.1" data-span="0.01">: where it is,
 *  and so many degrees around it.
 *  With data-lon-field and data-lat-field (ids of inputs) a click sets the position. */

import { el } from "../dom";
import { t } from "../i18n";
import type { Mount } from "../main";

export const mount: Mount = (element) => {
  let end = (): void => undefined;
  void Promise.all([import("../map"), import("../roads")]).then(async ([{ canDraw, makeMap, maplibre }, { addRoads }]) => {
    const { lon, lat, lonField, latField, span = "0.05", outlines = "/places/outlines/" } = element.dataset;
    if (!canDraw()) {
      element.append(el("p", "empty", lon && lat ? `${lon}, ${lat}` : t("This browser cannot draw maps.")));
      return;
    }
    const fields = [lonField, latField].map(
      (id) => (id ? document.getElementById(id) : null) as HTMLInputElement | null,
    );
    const half = Number(span);
    const at: [number, number] | null = lon && lat ? [Number(lon), Number(lat)] : null;
    const map = await makeMap(element, at ? [at[0] - half, at[1] - half, at[0] + half, at[1] + half] : null, outlines);
    end = () => map.remove();
    addRoads(map, "county-names");
    const marker = new maplibre.Marker({ color: "#c3122f" });
    if (at) marker.setLngLat(at).addTo(map);
    if (!fields[0] || !fields[1]) return;
    map.on("click", ({ lngLat }) => {
      marker.setLngLat(lngLat).addTo(map);
      (fields[0] as HTMLInputElement).value = lngLat.lng.toFixed(6);
      (fields[1] as HTMLInputElement).value = lngLat.lat.toFixed(6);
    });
  });
  return () => end();
};
