// Takes any ECharts chart of a page away as a picture: drawn anew at a fixed width, with its heading, the sentence
// under it and where it comes from, so that the picture still says what it is when it stands alone.
//
// A button asks for it: <button data-chart-export="png|svg" data-chart="ID" data-name="FILE">. The chart's frame (#ID)
// may carry data-title and data-source; without them the heading of its section and the page's title are taken.
(() => {
  "use strict";
  const WIDTH = 1100, MARGIN = 24, TITLE_PX = 20, SMALL_PX = 13, SHARPNESS = 2, LABELS = 26;
  // Single quotes: the SVG writes the font into an attribute as it stands.
  const FONT = "'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', system-ui, sans-serif";

  function told(frame) {
    const section = frame.closest("section");
    const day = document.querySelector("[data-day-date]");
    const words = (element) => (element ? element.textContent.trim().replace(/\s+/g, " ") : "");
    return {
      title: frame.dataset.title || words(section && section.querySelector("h2")),
      said: words(section && section.querySelector(".said")),
      source: frame.dataset.source || [document.title, day && day.value].filter(Boolean).join(" · "),
    };
  }

  // Chinese has no spaces to break at, so lines are filled letter by letter, English word by word.
  function lines(text, px, width) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `${px}px ${FONT}`;
    const found = [""];
    for (const piece of text.match(/[⺀-鿿＀-￯]|[^\s⺀-鿿＀-￯]+\s*|\s+/g) || []) {
      const longer = found[found.length - 1] + piece;
      if (pen.measureText(longer.trimEnd()).width > width && found[found.length - 1]) found.push(piece.trimStart());
      else found[found.length - 1] = longer;
    }
    return found.filter(Boolean);
  }

  function drawn(frame, renderer) {
    const shown = window.echarts.getInstanceByDom(frame);
    const { title, said, source } = told(frame);
    const under = lines(said, SMALL_PX, WIDTH - 2 * MARGIN);
    const head = MARGIN + TITLE_PX * 1.5 + under.length * SMALL_PX * 1.5 + 10;
    const foot = SMALL_PX * 2 + MARGIN / 2;
    const middle = Math.round(Math.max(shown.getHeight(), 300) * 1.1) + LABELS;
    const place = document.createElement("div");
    place.style.cssText = `position:absolute;left:-99999px;width:${WIDTH}px;height:${head + middle + foot}px`;
    document.body.append(place);
    const copy = window.echarts.init(place, null, { renderer, width: WIDTH, height: head + middle + foot });
    const option = moved(shown.getOption(), shown, head, middle - LABELS);
    const text = (words, px, top, weight, fill) => ({
      type: "text", silent: true, left: MARGIN, top, style: { text: words, font: `${weight} ${px}px ${FONT}`, fill },
    });
    option.graphic = [
      text(title, TITLE_PX, MARGIN, 650, "#1b2733"),
      ...under.map((line, n) => text(line, SMALL_PX, MARGIN + TITLE_PX * 1.5 + n * SMALL_PX * 1.5, 400, "#1b2733")),
      text(source, SMALL_PX, head + middle + SMALL_PX / 2, 400, "#5a6774"),
    ];
    copy.setOption(option);
    return { copy, place };
  }

  // All grids keep their order and share; legends stay above them.
  function moved(option, shown, head, middle) {
    const scale = middle / shown.getHeight();
    const pixels = (value) => (typeof value === "number" ? value * scale : value);
    const grids = (option.grid || []).map((grid) => {
      const height = grid.height === undefined || grid.height === null || grid.height === "auto"
        ? shown.getHeight() - (grid.top || 0) - (grid.bottom || 0) : grid.height;
      return { ...grid, top: head + pixels(grid.top || 0), height: pixels(height), bottom: undefined, left: (grid.left || 0) + MARGIN, right: (grid.right || 0) + MARGIN };
    });
    const legend = (option.legend || []).map((one) => ({ ...one, top: head + (one.top || 0), left: MARGIN, type: "plain" }));
    return { ...option, textStyle: { ...option.textStyle, fontFamily: FONT }, grid: grids, legend, animation: false, backgroundColor: "#fff", tooltip: undefined, toolbox: undefined };
  }

  function take(frame, kind, name) {
    const { copy, place } = drawn(frame, kind === "svg" ? "svg" : "canvas");
    const done = (blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${name}.${kind}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      copy.dispose();
      place.remove();
    };
    if (kind === "svg") {
      done(new Blob([copy.renderToSVGString()], { type: "image/svg+xml" }));
      return;
    }
    const picture = copy.renderToCanvas({ pixelRatio: SHARPNESS, backgroundColor: "#fff" });
    picture.toBlob(done, "image/png");
  }

  for (const button of document.querySelectorAll("[data-chart-export]")) {
    const frame = document.getElementById(button.dataset.chart);
    if (!frame) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      if (window.echarts.getInstanceByDom(frame)) take(frame, button.dataset.chartExport, button.dataset.name);
    });
  }

  // On paper a chart is as wide as a sheet of A4 allows: its frame is laid out for paper only after it was asked.
  const PAPER_WIDTH = 660;
  const charts = () => [...document.querySelectorAll("[_echarts_instance_]")].map((frame) => window.echarts.getInstanceByDom(frame)).filter(Boolean);
  const forPaper = () => charts().forEach((chart) => { chart.resize({ width: PAPER_WIDTH }); chart.getZr().flush(); });
  const forScreen = () => charts().forEach((chart) => chart.resize({ width: "auto" }));
  window.addEventListener("beforeprint", forPaper);
  window.addEventListener("afterprint", forScreen);
  matchMedia("print").addEventListener("change", (event) => (event.matches ? forPaper() : forScreen()));
})();
