// One stream: counts as bars, what was expected, the bound, the alarms; a day nobody counted is a grey stripe.
(() => {
  "use strict";
  const holder = document.getElementById("stream-chart");
  if (!holder) return;
  const INK = "#1b2733", MUTED = "#5a6774", LINE = "#d9e0e6", COUNTED = "#4d7ea8", BAND = "#f0b429", ALARM = "#b3261e";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const drawing = read("drawing"), words = read("words");
  const short = (day) => Number(day.slice(5, 7)) + "-" + day.slice(8);
  const hatch = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -0.78, color: "rgba(255,255,255,.75)" };

  // A bound far above all counts (a sparse season gives any number) would press the counts flat.
  const highest = Math.max(1, ...drawing.counts.filter((count) => count !== null));
  const capped = (value) => (value === null || value === undefined ? null : Math.min(value, 4 * highest));

  function stripes() {
    const found = [];
    drawing.counts.forEach((count, n) => {
      if (count !== null) return;
      const last = found[found.length - 1];
      if (last && last[1] === n - 1) last[1] = n; else found.push([n, n]);
    });
    // A stripe lies on an axis of its own that counts positions, so that it covers the whole width of its days.
    return found.map(([from, to]) => [{ xAxis: from - 0.5 }, { xAxis: to + 0.5 }]);
  }

  function bands() {
    const expected = drawing.bounds.map((bound, n) => (bound === null ? null : capped(drawing.expected[n] ?? 0)));
    const width = drawing.bounds.map((bound, n) => (bound === null ? null : Math.max(0, capped(bound) - expected[n])));
    const line = (name, data, more) => ({ name, data, type: "line", symbol: "none", stack: "band", connectNulls: false, animation: false, ...more });
    return [
      line(words.expected, expected, { z: 4, lineStyle: { color: BAND, width: 1.4, type: "dashed" }, itemStyle: { color: BAND } }),
      line(words.bound, width, { z: 1, lineStyle: { color: BAND, width: 1 }, areaStyle: { color: BAND, opacity: 0.2 }, itemStyle: { color: BAND } }),
    ];
  }

  const points = (keep) => drawing.counts.map((count, n) => (count !== null && keep(count, n) ? count : null));
  function series() {
    const bar = { type: "bar", animation: false, barCategoryGap: "15%", stack: "count" };
    const dot = { type: "scatter", animation: false };
    const found = [
      { ...bar, name: words.counted, data: points((_, n) => !drawing.late[n]), itemStyle: { color: COUNTED } },
      { ...bar, name: words.late, data: points((_, n) => drawing.late[n]), itemStyle: { color: COUNTED, decal: hatch } },
      ...(drawing.bounds.length ? bands() : []),
      { ...dot, name: words.first, data: drawing.corrected, symbol: "emptyDiamond", symbolSize: 8, itemStyle: { color: MUTED } },
      { ...dot, name: words.alarm, data: points((_, n) => drawing.alarms[n]), symbol: "triangle", symbolSize: 10, symbolOffset: [0, -9], itemStyle: { color: ALARM } },
      { ...dot, data: points((count) => count === 0), symbol: "circle", symbolSize: 4, itemStyle: { color: COUNTED }, silent: true },
      { type: "line", xAxisIndex: 1, data: [], animation: false, name: words.gap, itemStyle: { color: "#c9d1d8" },
        markArea: { silent: true, itemStyle: { color: "#c9d1d8", opacity: 0.45 }, data: stripes() } },
    ];
    return found;
  }

  const said = (value) => (value === null || value === undefined ? "—" : Number.isInteger(value) ? value : value.toFixed(1));
  function told(at) {
    const n = at[0].dataIndex;
    const rows = [[words.counted, drawing.counts[n] === null ? words.gap : said(drawing.counts[n])]];
    if (drawing.late[n]) rows[0][0] = words.late;
    if (drawing.corrected[n] !== null) rows.push([words.first, said(drawing.corrected[n])]);
    if (drawing.bounds.length) rows.push([words.expected, said(drawing.expected[n])], [words.bound, said(drawing.bounds[n])]);
    if (drawing.alarms[n]) rows.push([words.alarm, "▲"]);
    return [`<b>${drawing.days[n]}</b>`, ...rows.map(([label, value]) => `${label}: ${value}`)].join("<br>");
  }

  const chart = window.echarts.init(holder, null, { renderer: "svg" });
  window.addEventListener("resize", () => chart.resize());
  const isNarrow = chart.getWidth() < 520;
  chart.setOption({
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
    aria: { enabled: true, label: { enabled: false } },
    legend: { type: isNarrow ? "scroll" : "plain", top: 0, left: 0, itemWidth: 14, itemHeight: 9, itemGap: 12, textStyle: { fontSize: 11.5, color: INK },
      data: [words.counted, words.late, words.first, words.expected, words.bound, words.alarm, words.gap].filter((name) => present(name)) },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, textStyle: { fontSize: 12 }, confine: true, formatter: told },
    grid: { left: 40, right: 10, top: isNarrow ? 34 : 30, bottom: 26 },
    xAxis: [
      { type: "category", data: drawing.days, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } },
        axisLabel: { color: MUTED, fontSize: 11, formatter: short, hideOverlap: true } },
      { type: "value", min: -0.5, max: drawing.days.length - 0.5, show: false, axisPointer: { show: false } },
    ],
    yAxis: { type: "value", minInterval: 1, splitNumber: 4, axisLabel: { color: MUTED, fontSize: 11 }, splitLine: { lineStyle: { color: "#edf1f4" } } },
    series: series(),
  });
  holder.dataset.drawn = "echarts";

  function present(name) {
    if (name === words.late) return drawing.late.some(Boolean);
    if (name === words.first) return drawing.corrected.some((one) => one !== null);
    if (name === words.alarm) return drawing.alarms.some(Boolean);
    if (name === words.gap) return drawing.counts.some((one) => one === null);
    return name === words.counted || drawing.bounds.length > 0;
  }
})();
