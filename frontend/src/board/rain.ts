/** Rain by the hour over the reader's stations: bars for the mean, a line for the most at one. */

import { axes, makeChart, token, tooltip } from "../charts/echarts";
import { clockTime, shortMoment } from "../clock";
import { t } from "../i18n";
import { getJson } from "../net";

interface Rain {
  at: number[];
  mean: (number | null)[];
  most: (number | null)[];
  stations: number;
}

const EVERY_MS = 20_000;

export function mountRain(element: HTMLElement, note: HTMLElement, source: string): () => void {
  let data: Rain = { at: [], mean: [], most: [], stations: 0 };
  const chart = makeChart(element, () => ({
    grid: { left: 34, right: 34, top: 24, bottom: 20 },
    tooltip: {
      ...tooltip(),
      formatter: (points: { dataIndex: number }[]) => {
        const i = points[0]?.dataIndex ?? 0;
        const hour = `${shortMoment((data.at[i] ?? 0) - 3_600_000)}–${clockTime(data.at[i] ?? 0)}`;
        const [mean, most] = [data.mean[i] ?? "—", data.most[i] ?? "—"];
        return `${hour}\n${t("mean")} ${mean} mm\n${t("most at one station")} ${most} mm`;
      },
    },
    legend: { top: 0, right: 30, itemHeight: 8, textStyle: { color: token("ink-soft"), fontSize: 11 } },
    xAxis: { type: "category", data: data.at.map((at) => clockTime(at)), ...axes(), splitLine: { show: false } },
    yAxis: [
      { type: "value", name: "mm", nameTextStyle: { color: token("ink-soft") }, nameGap: 8, ...axes() },
      { type: "value", ...axes(), splitLine: { show: false } },
    ],
    series: [
      { type: "bar", name: t("mean"), data: data.mean, itemStyle: { color: token("sev-4") } },
      {
        type: "line",
        name: t("most at one station"),
        yAxisIndex: 1,
        data: data.most,
        symbolSize: 4,
        lineStyle: { color: token("sev-2"), width: 1.5 },
        itemStyle: { color: token("sev-2") },
      },
    ],
  }));
  const load = async (): Promise<void> => {
    if (document.hidden) return;
    try {
      data = await getJson<Rain>(source);
      note.textContent = data.stations ? t("{n} rain stations, 24 h", { n: data.stations }) : t("No rain station here.");
      chart.redraw();
    } catch {
      note.textContent = t("The data could not be loaded.");
    }
  };
  void load();
  const timer = setInterval(() => void load(), EVERY_MS);
  return () => {
    clearInterval(timer);
    chart.end();
  };
}
