// The map of the signals board: alerts by county, on the boundaries and with the code of the situation's map.
(() => {
  "use strict";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const words = read("words");
  const { HIGH, MEDIUM, escape, legend } = window.sizaoMap;
  const steps = [[1, "#fbe0cc"], [2, "#f6b98f"], [4, "#e9875a"], [8, "#cb5333"]];
  const look = {
    steps,
    value: (county) => county.alerts,
    grade: (county) => (county.late ? 2 : county.confirmed ? 1 : 0),
    title: () => words.alerts,
    isLabelled: (county) => county.alerts,
    label: (name, county) => `${escape(name)} <b>${county.alerts}</b>`,
    legend: () => [
      ...legend(words.alerts, words.none, steps),
      `<span><i class="line" style="color:${HIGH}"></i>${escape(words.late)}</span>`,
      `<span><i class="line" style="color:${MEDIUM}"></i>${escape(words.confirmed)}</span>`,
    ],
    described: (name, county) => {
      const rows = county ? [[words.alerts, county.alerts], [words.late, county.late], [words.confirmed, county.confirmed]] : [[words.alerts, 0]];
      return `<b>${escape(name)}</b><br>` + rows.map(([label, value]) => `${escape(label)}: ${value}`).join("<br>");
    },
  };
  window.sizaoMap.open(document.getElementById("picture"), read("drawing"), words, look);
})();
