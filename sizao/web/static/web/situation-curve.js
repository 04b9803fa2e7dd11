// The epidemic curve: by onset above, by report below, on one axis of days that stands still.
window.sizaoCurve = (() => {
  "use strict";
  const INK = "#1b2733", MUTED = "#5a6774", LINE = "#d9e0e6";
  const bar = (name, data, color, grid, decal) => ({
    name, data, type: "bar", stack: "s" + grid, xAxisIndex: grid, yAxisIndex: grid, barCategoryGap: "12%",
    itemStyle: { color, decal: decal ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -0.78, color: "rgba(255,255,255,.75)" } : undefined },
    animation: false,
  });
  const short = (day) => Number(day.slice(5, 7)) + "-" + day.slice(8);

  function options(curve, words, isNarrow) {
    const axis = (gridIndex, labels) => ({
      type: "category", gridIndex, data: curve.days, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } },
      axisLabel: { show: labels, color: MUTED, fontSize: 11, formatter: short, hideOverlap: true },
    });
    const count = (gridIndex) => ({
      type: "value", gridIndex, minInterval: 1, splitNumber: 3, axisLabel: { color: MUTED, fontSize: 11 }, splitLine: { lineStyle: { color: "#edf1f4" } },
    });
    const series = [
      bar(words.onset_known, curve.onset_known, "#b5472f", 0),
      bar(words.onset_unknown, curve.onset_unknown, "#a9b4bd", 0, true),
      bar(words.confirmed, curve.confirmed, "#7d2d1f", 1),
      bar(words.asymptomatic, curve.asymptomatic, "#e3a94f", 1),
    ];
    if (curve.official.some((value) => value !== null)) {
      series.push({
        name: words.official, data: curve.official, type: "line", xAxisIndex: 1, yAxisIndex: 1, symbol: "circle", symbolSize: 4,
        lineStyle: { color: "#17618a", width: 1.6 }, itemStyle: { color: "#17618a" }, connectNulls: false, animation: false,
      });
    }
    return {
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
      aria: { enabled: true, label: { enabled: false } }, // patterns, yes; the frame says in words what this is
      legend: { type: isNarrow ? "scroll" : "plain", top: 0, left: 0, itemWidth: 14, itemHeight: 9, itemGap: 12, textStyle: { fontSize: 11.5, color: INK } },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, textStyle: { fontSize: 12 }, confine: true },
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      grid: [{ left: 34, right: 8, top: 46, height: 78 }, { left: 34, right: 8, top: 146, height: 112 }],
      xAxis: [axis(0, false), axis(1, true)],
      yAxis: [count(0), count(1)],
      series,
    };
  }

  let chart = null;
  return {
    draw(curve, words) {
      if (!chart) {
        chart = window.echarts.init(document.getElementById("curve"), null, { renderer: "svg" });
        window.addEventListener("resize", () => chart.resize());
      }
      chart.setOption(options(curve, words, chart.getWidth() < 520), { notMerge: true });
    },
  };
})();
