/** <div class="chart" data-module="series-chart" data-src="/api/series/7/readings" data-hours="24">:
 *  one series over time. Suspect and bad readings are marked, not left out. Thresholds are lines:
 *  data-lines='[{"label": "警戒水位", "value": 38.5, "severity": 3}]'. */

import { axes, makeChart, token, tooltip, type Option } from "../charts/echarts";
import { clockTime, nowMs, shortMoment } from "../clock";
import { t } from "../i18n";
import type { Mount } from "../main";
import { getJson } from "../net";

type Row = [at: number, value: number | null, flag: number];

interface Line {
  label?: string;
  value: number;
  severity?: number;
}

interface Answer {
  label: string;
  unit: string;
  decimals: number;
  total: boolean;
  points: Row[];
}

const SUSPECT = 3;
const BAD = 4;

export const mount: Mount = (element) => {
  const { src = "", hours = "24", every = "15" } = element.dataset;
  let data: Answer | undefined;
  const lines = JSON.parse(element.dataset.lines ?? "[]") as Line[];
  let chart: ReturnType<typeof makeChart> | undefined;
  const load = async (): Promise<void> => {
    if (document.hidden && chart) return;
    try {
      const to = Math.ceil(nowMs());
      const from = to - Number(hours) * 3_600_000;
      const join = src.includes("?") ? "&" : "?";
      const stretch = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
      // A page that names the time itself (around an alarm) gets that.
      data = await getJson<Answer>(/[?&]from=/.test(src) ? src : `${src}${join}${stretch}`);
      if (!data.points.length && !chart) return void say(element, t("No readings in this time."));
      if (!chart) element.replaceChildren();
      chart ??= makeChart(element, () => (data ? option(data, lines) : {}));
      chart.redraw();
    } catch {
      if (!chart) say(element, t("The data could not be loaded."));
    }
  };
  void load();
  const timer = setInterval(() => {
    if (!element.isConnected) clearInterval(timer);
    else void load();
  }, Number(every) * 1000);
  return () => {
    clearInterval(timer);
    chart?.end();
  };
};

function say(element: HTMLElement, text: string): void {
  const line = document.createElement("p");
  line.className = "empty";
  line.textContent = text;
  element.replaceChildren(line);
}

function option(data: Answer, thresholds: Line[]): Option {
  const all = data.points;
  const good = all.map(([at, value, flag]) => [at, flag === BAD ? null : value]);
  const marked = (flag: number): (number | null)[][] =>
    all.filter((row) => row[2] === flag && row[1] !== null).map(([at, value]) => [at, value]);
  const lines = thresholds.map((line) => ({
    yAxis: line.value,
    label: { formatter: `${line.label ?? t("threshold")} ${line.value}`, position: "insideEndTop", color: token("ink") },
    lineStyle: { color: token(`sev-${line.severity ?? 2}`), type: "dashed" },
  }));
  return {
    grid: { left: 44, right: 12, top: 26, bottom: 22 },
    tooltip: { ...tooltip(), valueFormatter: (value: number) => `${value?.toFixed(data.decimals)} ${data.unit}` },
    legend: { show: false },
    xAxis: {
      type: "time",
      ...axes(),
      splitLine: { show: false },
      axisLabel: { color: token("ink-soft"), fontSize: 11, hideOverlap: true, formatter: (at: number) => (clockTime(at) === "00:00" ? shortMoment(at) : clockTime(at)) },
      axisPointer: { label: { formatter: ({ value }: { value: number }) => shortMoment(value) } },
    },
    yAxis: { type: "value", name: data.unit, nameGap: 8, nameTextStyle: { color: token("ink-soft") }, scale: !data.total, ...axes() },
    series: [
      {
        type: data.total ? "bar" : "line",
        name: data.label,
        data: good,
        showSymbol: false,
        barMaxWidth: 12,
        lineStyle: { width: 1.8, color: token("sev-4") },
        itemStyle: { color: token("sev-4") },
        markLine: lines.length ? { symbol: "none", silent: true, data: lines } : undefined,
      },
      flagged(t("suspect"), marked(SUSPECT), "triangle", "sev-2"),
      flagged(t("bad"), marked(BAD), "diamond", "sev-1"),
    ],
  };
}

function flagged(name: string, data: (number | null)[][], symbol: string, colour: string): object {
  return { type: "scatter", name, data, symbol, symbolSize: 9, itemStyle: { color: token(colour) } };
}
