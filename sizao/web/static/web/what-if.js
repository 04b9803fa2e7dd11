// The chart of a what-if answer: a line and a band for each policy, and what was counted since as bars.
(() => {
  "use strict";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const drawing = read("drawing"), words = read("words");
  const INK = "#1b2733", MUTED = "#5a6774", LINE = "#d9e0e6", COUNTED = "#b5472f";
  const COLOURS = ["#1b2733", "#17618a", "#4b3a86", "#2f7d4f", "#8a5a00", "#b03a78", "#5b8aa8", "#7a7a1f"];
  const short = (day) => Number(day.slice(5, 7)) + "-" + day.slice(8);
  const rounded = (value) => (value >= 10 ? Math.round(value) : Math.round(value * 10) / 10);
  const frame = document.getElementById("days"), chooser = document.getElementById("what");
  document.querySelectorAll(".swatch").forEach((one) => { one.style.background = COLOURS[one.dataset.policy % COLOURS.length]; });
  for (const key of ["found", "found_so_far", "infections", "rooms", "beds", "intensive"]) {
    chooser.append(Object.assign(document.createElement("option"), { value: key, textContent: words[key] }));
  }
  const chart = window.echarts.init(frame, null, { renderer: "svg" });

  function series(key) {
    const drawn = [];
    drawing.policies.forEach((policy, n) => {
      const [low, middle, high] = policy.by_day[key], color = COLOURS[n % COLOURS.length];
      const area = { type: "line", stack: "band" + n, symbol: "none", silent: true, animation: false, lineStyle: { opacity: 0 }, itemStyle: { color }, tooltip: { show: false } };
      drawn.push({ ...area, name: policy.name, data: low });
      drawn.push({ ...area, name: policy.name, data: high.map((value, at) => value - low[at]), areaStyle: { color, opacity: n ? 0.1 : 0.16 } });
      drawn.push({ name: policy.name, data: middle, type: "line", symbol: "none", animation: false, z: 4, lineStyle: { color, width: n ? 1.8 : 2.6, type: n ? "solid" : "dashed" }, itemStyle: { color } });
    });
    const counted = drawing.counted[key];
    if (counted && counted.length) drawn.push({ name: words.counted, data: counted, type: "bar", itemStyle: { color: COUNTED }, animation: false, z: 1 });
    return drawn;
  }

  function told(key) {
    return (points) => {
      const at = points[0].dataIndex, box = document.createElement("div");
      box.append(Object.assign(document.createElement("b"), { textContent: drawing.days[at] }));
      const line = (text) => box.append(Object.assign(document.createElement("div"), { textContent: text }));
      for (const policy of drawing.policies) {
        const [low, middle, high] = policy.by_day[key].map((row) => rounded(row[at]));
        line(`${policy.name}: ${middle} (${low}–${high})`);
      }
      const counted = drawing.counted[key];
      if (counted && at < counted.length) line(`${words.counted}: ${counted[at]}`);
      return box;
    };
  }

  function show() {
    const key = chooser.value, isNarrow = chart.getWidth() < 520;
    // One policy that runs away would hide all others: the axis ends where twice the largest middle line does.
    const middles = drawing.policies.map((policy) => Math.max(...policy.by_day[key][1]));
    const highest = Math.max(...drawing.policies.map((policy) => Math.max(...policy.by_day[key][2])), ...(drawing.counted[key] || [0]), 1);
    const limit = Math.max(2.5 * Math.max(...middles), ...(drawing.counted[key] || [0]), 4);
    chart.setOption({
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
      aria: { enabled: true, label: { enabled: false } },
      legend: { type: "scroll", top: 0, left: 0, itemWidth: 16, itemHeight: 9, textStyle: { fontSize: 11.5, color: INK } },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, textStyle: { fontSize: 12 }, confine: true, formatter: told(key) },
      grid: [{ left: isNarrow ? 44 : 54, right: 12, top: 36, bottom: 26 }],
      xAxis: [{ type: "category", data: drawing.days, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } }, axisLabel: { color: MUTED, fontSize: 11, formatter: short, hideOverlap: true } }],
      yAxis: [{ type: "value", min: 0, max: highest > limit ? Math.ceil(limit) : undefined, splitNumber: 4, axisLabel: { color: MUTED, fontSize: 11 }, splitLine: { lineStyle: { color: "#edf1f4" } } }],
      series: series(key),
    }, { notMerge: true });
  }
  chooser.addEventListener("change", show);
  show();
  window.addEventListener("resize", () => matchMedia("print").matches || (chart.resize(), show()));
})();
