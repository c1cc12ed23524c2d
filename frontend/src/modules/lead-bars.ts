/** <div class="chart" data-module="lead-bars" data-rows='[{"label": "0–30分钟", "hits": 3, "misses": 1, "false": 2}]'>:
 *  how forecasts turned out, by lead time. */

import { axes, makeChart, token, tooltip, type Option } from "../charts/echarts";
import { t } from "../i18n";
import type { Mount } from "../main";

interface Row {
  label: string;
  hits: number;
  misses: number;
  false: number;
}

export const mount: Mount = (element) => {
  const rows = JSON.parse(element.dataset.rows ?? "[]") as Row[];
  const chart = makeChart(element, () => option(rows));
  return () => chart.end();
};

function option(rows: Row[]): Option {
  const bar = (name: string, key: "hits" | "misses" | "false", colour: string, ink = "#ffffff"): object => ({
    type: "bar",
    stack: "all",
    name,
    data: rows.map((row) => row[key]),
    barMaxWidth: 42,
    itemStyle: { color: token(colour) },
    label: { show: true, color: ink, formatter: ({ value }: { value: number }) => (value ? String(value) : "") },
  });
  return {
    grid: { left: 40, right: 12, top: 30, bottom: 24 },
    legend: { top: 0, left: 0, textStyle: { color: token("ink-soft"), fontSize: 12 } },
    tooltip: tooltip(),
    xAxis: { type: "category", data: rows.map((row) => row.label), ...axes() },
    yAxis: { type: "value", minInterval: 1, ...axes() },
    series: [bar(t("hit"), "hits", "ok"), bar(t("miss"), "misses", "sev-1"), bar(t("false alarm"), "false", "sev-3", "#2b2300")],
  };
}
