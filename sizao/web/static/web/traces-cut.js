// How much of the weighted time the first N of a ranking hold. A click on the curve chooses N, as the field below does.
(() => {
  "use strict";
  const frame = document.getElementById("cut-chart");
  if (!frame) return;
  const words = JSON.parse(document.getElementById("words").textContent);
  const form = document.getElementById("cut-form"), field = form.elements.keep;
  const INK = "#1b2733", MUTED = "#5a6774", MODEL = "#17618a", CUT = "#b3261e";
  const percent = (share) => Math.round(share * 1000) / 10 + " %";

  function draw(told) {
    const chart = window.echarts.init(frame, null, { renderer: "svg" });
    window.addEventListener("resize", () => chart.resize());
    const last = told.curve.length ? told.curve[told.curve.length - 1][0] : 1;
    chart.setOption({
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
      aria: { enabled: true, label: { enabled: false } }, animation: false,
      grid: { left: 44, right: 14, top: 24, bottom: 40 },
      tooltip: {
        trigger: "axis", confine: true, textStyle: { fontSize: 12 },
        formatter: ([point]) => words.kept.replace("{n}", point.value[0]).replace("{share}", percent(point.value[1])),
      },
      xAxis: { type: last > 50 ? "log" : "value", min: 1, max: last, name: words.companions, nameLocation: "middle", nameGap: 24, axisLabel: { color: MUTED, fontSize: 11, hideOverlap: true }, splitLine: { show: false } },
      yAxis: { type: "value", min: 0, max: 1, name: words.share, nameTextStyle: { align: "left", fontSize: 11, color: MUTED }, axisLabel: { color: MUTED, fontSize: 11, formatter: percent }, splitLine: { lineStyle: { color: "#edf1f4" } } },
      series: [{
        type: "line", data: told.curve, symbol: told.curve.length < 15 ? "circle" : "none", symbolSize: 5, lineStyle: { color: MODEL, width: 2 }, itemStyle: { color: MODEL }, areaStyle: { color: MODEL, opacity: 0.1 },
        markLine: told.keep ? { symbol: "none", silent: true, lineStyle: { color: CUT, width: 2, type: "dashed" }, label: { formatter: String(told.keep), color: CUT }, data: [{ xAxis: told.keep }] } : undefined,
      }],
    });
    chart.getZr().on("click", (event) => {
      const at = [event.offsetX, event.offsetY];
      if (!chart.containPixel("grid", at)) return;
      field.value = Math.max(1, Math.min(told.n, Math.round(chart.convertFromPixel({ seriesIndex: 0 }, at)[0])));
      form.requestSubmit();
    });
    frame.dataset.drawn = "echarts";
  }

  fetch(frame.dataset.dilution, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json().then(draw) : Promise.reject(new Error(words.failed))))
    .catch((fault) => { frame.textContent = fault.message; frame.dataset.drawn = "nothing"; });
})();
