// What each threshold would have caught and what it would have cried for nothing; the cheapest is marked.
(() => {
  "use strict";
  const holder = document.getElementById("score-chart");
  if (!holder) return;
  const INK = "#1b2733", MUTED = "#5a6774", CAUGHT = "#2f7d4f", FALSE = "#b3261e";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const tried = read("drawing"), words = read("words");
  const least = Math.min(...tried.map((one) => one.cost));
  const best = tried.filter((one) => one.cost === least).pop();
  const line = (name, key, color, yAxisIndex) => ({
    name, type: "line", step: "end", symbol: "circle", symbolSize: 4, yAxisIndex, animation: false, lineStyle: { color }, itemStyle: { color },
    data: tried.map((one) => [one.threshold, one[key]]),
  });
  const axis = (name, color, more) => ({
    type: "value", name, nameTextStyle: { color, fontSize: 11, align: more.position === "right" ? "right" : "left" }, min: 0, splitNumber: 4, axisLine: { onZero: false },
    axisLabel: { color: MUTED, fontSize: 11 }, splitLine: { show: more.position !== "right", lineStyle: { color: "#edf1f4" } }, ...more,
  });
  const chart = window.echarts.init(holder, null, { renderer: "svg" });
  window.addEventListener("resize", () => chart.resize());
  const caught = line(words.sensitivity, "sensitivity", CAUGHT, 0);
  caught.markLine = { silent: true, symbol: "none", lineStyle: { color: MUTED, type: "dashed" }, label: { formatter: words.best, position: "insideMiddleTop", color: MUTED, fontSize: 11 }, data: [{ xAxis: best.threshold }] };
  chart.setOption({
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
    aria: { enabled: true, label: { enabled: false } },
    tooltip: { trigger: "axis", confine: true, textStyle: { fontSize: 12 }, valueFormatter: (value) => (value === null || value === undefined ? "—" : Number(value).toFixed(1)) },
    grid: { left: 44, right: 44, top: 34, bottom: 40 },
    xAxis: { type: "value", scale: true, name: words.threshold, nameLocation: "middle", nameGap: 24, nameTextStyle: { color: MUTED, fontSize: 11 }, axisLabel: { color: MUTED, fontSize: 11 }, splitLine: { show: false } },
    yAxis: [axis(words.sensitivity, CAUGHT, { max: 100, interval: 25 }), axis(words.false_alarms, FALSE, { position: "right" })],
    series: [caught, line(words.false_alarms, "false_alarms", FALSE, 1)],
  });
  holder.dataset.drawn = "echarts";
})();
