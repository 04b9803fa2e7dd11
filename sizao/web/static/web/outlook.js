// The charts of the outlook. What was counted is a bar; what a model says is a line, a band or a hatched bar.
(() => {
  "use strict";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const drawing = read("drawing"), words = read("words");
  const INK = "#1b2733", MUTED = "#5a6774", LINE = "#d9e0e6";
  const COUNTED = "#b5472f", PLACED = "#a9b4bd", MODEL = "#4b3a86", NAIVE = "#8a5a00", FITTED = "#17618a";
  const HATCH = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -0.78, color: "rgba(255,255,255,.75)" };
  const short = (day) => Number(day.slice(5, 7)) + "-" + day.slice(8);
  const charts = [];
  const roundUp = (value) => { const step = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1) * 5; return Math.ceil(value / step) * step; };

  const bar = (name, data, color, more) => ({ name, data, type: "bar", barCategoryGap: "12%", itemStyle: { color }, animation: false, ...more });
  const line = (name, data, color, more) => ({
    name, data, type: "line", symbol: "none", lineStyle: { color, width: 2 }, itemStyle: { color }, animation: false, z: 4, ...more,
  });
  // A band is two stacked areas, of which only the upper is filled; it says nothing in the tooltip by itself.
  const band = (name, lower, upper, color, opacity, key) => [
    { name: key + "-", data: lower, type: "line", stack: key, symbol: "none", lineStyle: { opacity: 0 }, itemStyle: { color }, silent: true, animation: false, tooltip: { show: false } },
    {
      name, data: upper.map((value, n) => (value === null ? null : value - lower[n])), type: "line", stack: key, symbol: "none", silent: true, animation: false,
      lineStyle: { opacity: 0 }, itemStyle: { color, opacity: opacity * 1.6 }, areaStyle: { color, opacity }, tooltip: { show: false },
    },
  ];

  function options(days, series, more, isNarrow) {
    const areas = new Set(series.filter((one) => one.areaStyle && one.stack).map((one) => one.name));
    const shown = series.map((one) => one.name).filter((name) => !name.endsWith("-"));
    return {
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
      aria: { enabled: true, label: { enabled: false } },
      legend: { type: isNarrow ? "scroll" : "plain", data: [...new Set(shown)].map((name) => (areas.has(name) ? { name, icon: "rect" } : { name })), top: 0, left: 0, itemWidth: 16, itemHeight: 9, itemGap: 12, textStyle: { fontSize: 11.5, color: INK } },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, textStyle: { fontSize: 12 }, confine: true, formatter: more.told },
      grid: [{ left: 40, right: 12, top: isNarrow ? 30 : 34, bottom: 26 }],
      xAxis: [{
        type: "category", data: days, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } },
        axisLabel: { color: MUTED, fontSize: 11, formatter: more.label || short, hideOverlap: true },
      }],
      yAxis: [{ type: "value", splitNumber: 4, axisLabel: { color: MUTED, fontSize: 11, formatter: more.percent ? (value) => Math.round(value * 100) + " %" : undefined }, splitLine: { lineStyle: { color: "#edf1f4" } }, ...more.axis }],
      series,
    };
  }

  function draw(id, make) {
    const frame = document.getElementById(id);
    if (!frame || !drawing[id]) return;
    const chart = window.echarts.init(frame, null, { renderer: "svg" });
    const show = () => chart.setOption(make(drawing[id], chart.getWidth() < 520), { notMerge: true });
    show();
    charts.push({ chart, show });
  }

  // --- what the pointer is told: names and numbers, a band as its two ends --------------------------------
  const rounded = (value) => (value >= 10 ? Math.round(value) : Math.round(value * 100) / 100);
  function teller(days, rows, percent) {
    const number = (value) => (percent ? Math.round(value * 1000) / 10 + " %" : String(rounded(value)));
    return (points) => {
      const at = points[0].dataIndex;
      const frame = document.createElement("div");
      frame.append(Object.assign(document.createElement("b"), { textContent: days[at] }));
      for (const [name, value, lower, upper] of rows) {
        if (value[at] === null || value[at] === undefined) continue;
        const ends = lower && lower[at] !== null ? ` (${number(lower[at])}–${number(upper[at])})` : "";
        frame.append(Object.assign(document.createElement("div"), { textContent: `${name}: ${number(value[at])}${ends}` }));
      }
      return frame;
    };
  }

  draw("curve", (curve, isNarrow) => options(curve.days, [
    bar(words.known, curve.known, COUNTED, { stack: "cases" }),
    bar(words.placed, curve.placed, PLACED, { stack: "cases", itemStyle: { color: PLACED, decal: HATCH } }),
    ...(curve.lower.some((value) => value !== null) ? [...band(words.band, curve.lower, curve.upper, MODEL, 0.22, "band"), line(words.nowcast, curve.median, MODEL, { lineStyle: { color: MODEL, width: 2, type: "dashed" } })] : []),
  ], { told: teller(curve.days, [[words.known, curve.known], [words.placed, curve.placed], [words.nowcast, curve.median, curve.lower, curve.upper]]) }, isNarrow));

  draw("reproduction", (rt, isNarrow) => {
    const from = Math.max(0, rt.median.findIndex((value) => value !== null) - 2);
    const cut = (values) => values.slice(from);
    const [days, median, lower, upper, cohort] = [rt.days, rt.median, rt.lower, rt.upper, rt.cohort].map(cut);
    const one = { silent: true, symbol: "none", label: { formatter: words.one, position: "insideStartTop", color: INK, fontSize: 11 }, lineStyle: { color: INK, type: "solid", width: 1 }, data: [{ yAxis: 1 }] };
    const name = `${words.rt} (${words.basis})`;
    const highest = Math.max(2, ...upper.filter((value) => value !== null));
    return options(days, [
      ...band(words.band, lower, upper, FITTED, 0.22, "band"),
      line(name, median, FITTED, { markLine: one }),
      ...(cohort.some((value) => value !== null) ? [line(words.cohort, cohort, NAIVE, { lineStyle: { color: NAIVE, width: 1.6, type: "dotted" } })] : []),
    ], { axis: { min: 0, max: Math.ceil(highest) }, told: teller(days, [[name, median, lower, upper], [words.cohort, cohort]]) }, isNarrow);
  });

  draw("delays", (delay, isNarrow) => {
    const days = delay.counts.map((_, n) => String(n));
    const fitted = delay.fitted && delay.fitted.chances ? delay.fitted.chances.map((chance) => chance * delay.n) : null;
    return options(days, [
      bar(words.counted, delay.counts, COUNTED),
      ...(fitted ? [line(words.fitted, fitted, FITTED, { symbol: "circle", symbolSize: 4 })] : []),
    ], { label: (day) => day, told: teller(days.map((day) => `${words.delay}: ${day}`), [[words.counted, delay.counts], [words.fitted, fitted || []]]) }, isNarrow);
  });

  draw("forecast", (ahead, isNarrow) => {
    const days = [...ahead.seen_days, ...ahead.days];
    const later = (values) => [...ahead.seen_days.map(() => null), ...values];
    const [median, lower, upper, low, high, naive] = [ahead.median, ahead.lower, ahead.upper, ahead.half_lower, ahead.half_upper, ahead.naive].map(later);
    const seen = [...ahead.seen, ...ahead.days.map(() => null)];
    // A band that runs away would hide everything else; the pointer tells its ends.
    const most = Math.max(...ahead.seen, ...ahead.half_upper, ...ahead.naive, 5);
    return options(days, [
      bar(words.found, seen, COUNTED),
      ...band(words.band, lower, upper, MODEL, 0.16, "band"),
      ...band(words.half, low, high, MODEL, 0.28, "half"),
      line(words.forecast, median, MODEL, { lineStyle: { color: MODEL, width: 2, type: "dashed" } }),
      line(words.naive, naive, NAIVE, { lineStyle: { color: NAIVE, width: 1.6, type: "dotted" } }),
    ], { axis: { min: 0, max: roundUp(Math.min(Math.max(...ahead.upper, ...ahead.seen), most * 3)) }, told: teller(days, [[words.found, seen], [words.forecast, median, lower, upper], [words.naive, naive]]) }, isNarrow);
  });

  draw("ending", (over, isNarrow) => {
    const sure = { silent: true, symbol: "none", label: { formatter: Math.round(over.sure * 100) + " %", position: "insideStartTop", color: INK, fontSize: 11 }, lineStyle: { color: INK, width: 1 }, data: [{ yAxis: over.sure }, ...(over.over_on ? [{ xAxis: over.over_on, label: { formatter: over.over_on, position: "insideEndBottom" } }] : [])] };
    return options(over.days, [line(words.chance, over.chance, MODEL, { areaStyle: { color: MODEL, opacity: 0.12 }, markLine: sure })],
      { percent: true, axis: { min: 0, max: 1, interval: 0.25 }, told: teller(over.days, [[words.chance, over.chance]], true) }, isNarrow);
  });

  window.addEventListener("resize", () => matchMedia("print").matches || charts.forEach(({ chart, show }) => { chart.resize(); show(); }));
})();
