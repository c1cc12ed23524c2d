/** Depth over time at a place that was clicked on. */

import { axes, makeChart, token, tooltip } from "../charts/echarts";
import { clockTime, nowMs, shortMoment } from "../clock";
import { el } from "../dom";
import { t } from "../i18n";
import { getJson } from "../net";
import { depthText } from "./forecast";

interface Series {
  times: number[];
  depths_m: (number | null)[];
  cell_m: number;
}

/** Fills the box; false where the forecast says nothing there. */
export async function drawPoint(box: HTMLElement, run: number, lon: number, lat: number): Promise<boolean> {
  let data: Series;
  try {
    data = await getJson<Series>(`/api/forecasts/${run}/point?lon=${lon.toFixed(6)}&lat=${lat.toFixed(6)}`);
  } catch {
    return false;
  }
  const deepest = Math.max(...data.depths_m.map((depth) => depth ?? 0));
  const when = data.times[data.depths_m.indexOf(deepest)] ?? 0;
  const head = t("Depth of water here (m)");
  const most = deepest >= 0.05 ? t("deepest {depth} at {time}", { depth: depthText(deepest), time: clockTime(when) }) : t("stays dry");
  const chart = el("div", "popup-chart");
  const cell = t("cell of {n} m", { n: data.cell_m });
  box.append(el("strong", "", head), el("div", "small soft", `${most} · ${cell}`), chart);
  makeChart(chart, () => ({
    grid: { left: 34, right: 10, top: 20, bottom: 20 },
    tooltip: { ...tooltip(), valueFormatter: (value: number | null) => (value === null ? "—" : depthText(value)) },
    xAxis: {
      type: "time",
      ...axes(),
      splitLine: { show: false },
      axisLabel: { color: token("ink-soft"), fontSize: 11, hideOverlap: true, formatter: (at: number) => clockTime(at) },
      axisPointer: { label: { formatter: ({ value }: { value: number }) => shortMoment(value) } },
    },
    yAxis: { type: "value", min: 0, max: Math.max(0.35, Math.ceil(deepest * 10) / 10), ...axes() },
    series: [
      {
        type: "line",
        name: t("depth of water"),
        data: data.times.map((at, place) => [at, data.depths_m[place]]),
        symbolSize: 4,
        areaStyle: { opacity: 0.2 },
        lineStyle: { width: 1.8, color: token("sev-4") },
        itemStyle: { color: token("sev-4") },
        markLine: {
          symbol: "none",
          silent: true,
          data: [mark(0.15), mark(0.3), { xAxis: nowMs(), label: { formatter: t("now"), color: token("ink-soft") }, lineStyle: { color: token("line-strong"), type: "solid" } }],
        },
      },
    ],
  }));
  return true;
}

function mark(depth: number): object {
  return {
    yAxis: depth,
    label: { show: false },
    lineStyle: { color: token(depth < 0.3 ? "sev-3" : "sev-2"), type: "dashed" },
  };
}
