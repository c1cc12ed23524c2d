/** <div class="chart" data-module="forecast-chart" data-depths="[0,0.1,0.4]" data-base="1783…" data-frame="600">:
 *  what a forecast said of a place, and with data-src the gauge's readings over the same time.
 *  data-lines as in series-chart; data-small: without axis names, for a row of many. */

import { axes, makeChart, token, tooltip, type Option } from "../charts/echarts";
import { clockTime, nowMs, shortMoment } from "../clock";
import { t } from "../i18n";
import type { Mount } from "../main";
import { getJson } from "../net";

interface Answer {
  points: [at: number, value: number | null, flag: number][];
}

interface Line {
  value: number;
  label?: string;
  severity?: number;
}

const BAD = 4;
const BEFORE_MS = 30 * 60_000;

export const mount: Mount = (element) => {
  const depths = JSON.parse(element.dataset.depths ?? "[]") as number[];
  const base = Number(element.dataset.base);
  const step = Number(element.dataset.frame) * 1000;
  const lines = JSON.parse(element.dataset.lines ?? "[]") as Line[];
  const end = base + step * Math.max(depths.length - 1, 0);
  const said = depths.map((depth, n): [number, number] => [base + n * step, depth]);
  let seen: [number, number][] = [];
  const chart = makeChart(element, () => option(said, seen, lines, base, "small" in element.dataset));
  const { src } = element.dataset;
  if (src)
    void readings(src, base - BEFORE_MS, Math.min(end, Math.ceil(nowMs()))).then((found) => {
      seen = found;
      if (element.isConnected) chart.redraw();
    });
  return () => chart.end();
};

async function readings(src: string, from: number, to: number): Promise<[number, number][]> {
  const stretch = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
  try {
    const answer = await getJson<Answer>(`${src}?${stretch}`);
    return answer.points.flatMap(([at, value, flag]) => (value === null || flag === BAD ? [] : [[at, value]]));
  } catch {
    return []; // the forecast alone is worth looking at
  }
}

function option(said: [number, number][], seen: [number, number][], lines: Line[], base: number, small: boolean): Option {
  const marks = lines.map(({ value, label, severity }) => ({
    yAxis: value,
    label: { show: !small, formatter: `${label ?? ""} ${value}`.trim(), position: "insideEndTop", color: token("ink") },
    lineStyle: { color: token(`sev-${severity ?? 2}`), type: "dashed" },
  }));
  const start = {
    xAxis: base,
    label: { show: !small, formatter: t("forecast from"), color: token("ink-soft"), position: "end", align: "left", padding: [0, 0, 0, 10] },
    lineStyle: { color: token("line-strong"), type: "solid" },
  };
  return {
    grid: { left: 40, right: 12, top: small ? 10 : 28, bottom: 22 },
    legend: { show: !small, top: 0, right: 0, textStyle: { color: token("ink-soft"), fontSize: 11 } },
    tooltip: { ...tooltip(), valueFormatter: (value: number) => `${value?.toFixed(2)} m` },
    xAxis: {
      type: "time",
      ...axes(),
      splitLine: { show: false },
      axisLabel: { color: token("ink-soft"), fontSize: 11, hideOverlap: true, formatter: (at: number) => clockTime(at) },
      axisPointer: { label: { formatter: ({ value }: { value: number }) => shortMoment(value) } },
    },
    yAxis: { type: "value", min: 0, name: small ? "" : "m", nameGap: 8, nameTextStyle: { color: token("ink-soft") }, ...axes() },
    series: [
      {
        type: "line",
        name: t("forecast"),
        data: said,
        showSymbol: false,
        lineStyle: { width: 2, color: token("sev-4") },
        itemStyle: { color: token("sev-4") },
        areaStyle: { color: token("sev-4"), opacity: 0.15 },
        markLine: { symbol: "none", silent: true, data: [...marks, start] },
      },
      {
        type: "line",
        name: t("measured"),
        data: seen,
        showSymbol: seen.length < 60,
        symbolSize: 4,
        lineStyle: { width: 1.6, color: token("ink") },
        itemStyle: { color: token("ink") },
      },
    ],
  };
}
