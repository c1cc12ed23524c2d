/** The parts of ECharts that the house uses, and colours that follow day and night. */

import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import {
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
  BarChart,
  LineChart,
  ScatterChart,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
]);

export type Chart = echarts.ECharts;
export type Option = echarts.EChartsCoreOption;

export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** A chart that keeps to its element's size and is redrawn when the colours change. */
export function makeChart(element: HTMLElement, option: () => Option): { redraw: () => void; end: () => void } {
  const chart = echarts.init(element, undefined, { renderer: "canvas" });
  const redraw = (): void => chart.setOption({ animation: false, ...option() }, { notMerge: true });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  document.addEventListener("themechange", redraw);
  redraw();
  return {
    redraw,
    end: () => {
      observer.disconnect();
      document.removeEventListener("themechange", redraw);
      chart.dispose();
    },
  };
}

export function axes(): { axisLine: object; axisLabel: object; splitLine: object } {
  return {
    axisLine: { lineStyle: { color: token("line-strong") } },
    axisLabel: { color: token("ink-soft"), fontSize: 11 },
    splitLine: { lineStyle: { color: token("line") } },
  };
}

export function tooltip(): object {
  return {
    trigger: "axis",
    // Drawn on the canvas: text in HTML would need inline styles, which the site's policy refuses.
    renderMode: "richText",
    backgroundColor: token("card"),
    borderColor: token("line"),
    textStyle: { color: token("ink"), fontSize: 12 },
    confine: true,
  };
}
