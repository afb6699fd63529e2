/* Draws the figures of chart.html with uPlot: the band behind, gaps open, a cursor for mouse, finger and keys, one zoom a group. */
(() => {
  "use strict";
  const charts = new Set();
  const lang = document.documentElement.lang || "en";
  const zone = document.documentElement.dataset.zone || undefined;
  const locale = { en: "en-GB", hi: "hi-IN-u-nu-latn", ta: "ta-IN-u-nu-latn" }[lang] || lang;
  const format = (options) => new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
  const { clock, dates } = document.documentElement.dataset; // as the reader wants hours and days written
  const hours = clock === "12h" ? { hour: "numeric", minute: "2-digit", hourCycle: "h12" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const formats = {
    number: format({ year: "numeric" }),
    year: format({ month: "short", year: "numeric" }), month: format({ month: "short" }), day: format({ day: "numeric", month: "short" }),
    time: format(hours), whole: format({ day: "numeric", month: "short", year: "numeric" }), parts: format({ day: "2-digit", month: "2-digit", year: "numeric" }),
  };
  function date(day) {
    if (!/[YMD]/.test(dates ?? "")) return formats.whole.format(day);
    const part = Object.fromEntries(formats.parts.formatToParts(day).map(({ type, value }) => [type, value]));
    return dates.replace("YYYY", part.year).replace("MM", part.month).replace("DD", part.day);
  }
  /* steps that one counts by: 1, 2, 5, 10 … and no finer than what was measured */
  const steps = (digits) => [...Array(12 + digits).keys()].flatMap((n) => [1, 2, 5].map((step) => Number(`${step}e${n - digits}`)));
  const DAY = 86400;
  const at = (seconds) => new Date(seconds * 1000);

  /* steps of one unit from the first instant on; [step, times] where one repeats */
  const instants = ({ from, unit, steps }) =>
    steps.flatMap((step) => (Array.isArray(step) ? Array(step[1]).fill(step[0]) : step)).map((step) => (from += step * unit));

  function draw(plot) {
    const island = document.getElementById(plot.dataset.chart);
    if (!island || plot.chart) return;
    const figure = JSON.parse(island.textContent);
    figure.x = instants(figure.x);
    const words = JSON.parse(document.getElementById("chart-words").textContent);
    const readout = plot.parentElement.querySelector("[data-readout]");
    const chart = { figure, words, plot, readout, group: figure.group, home: [figure.start, figure.end], index: null, chosen: false };
    plot.chart = chart;
    charts.add(chart);
    build(chart);
    tools(chart);
    keys(chart);
    chart.index = figure.x.findLastIndex((_, i) => figure.series.some((one) => one.y[i] !== null));
    chart.finding = finding(chart).textContent;
    read(chart);
    new ResizeObserver(() => chart.u.setSize(size(plot))).observe(plot);
  }

  const size = (plot) => ({ width: Math.max(plot.clientWidth, 200), height: window.innerWidth < 560 ? 200 : 224 });

  function colours(plot) {
    const style = getComputedStyle(plot);
    const of = (name) => style.getPropertyValue(name).trim();
    return { line: style.color, ink: of("--quiet"), grid: of("--line"), card: of("--card"), gold: of("--marigold"), font: `12px ${of("--font")}` };
  }

  function build(chart) {
    const { figure, plot } = chart;
    const look = (chart.look = colours(plot));
    const data = [figure.x];
    const series = [{}];
    const fills = [];
    chart.shown = [];
    figure.series.forEach((one, number) => {
      if (one.low && one.high) {
        data.push(one.high, one.low);
        const spread = { stroke: "transparent", points: { show: false }, width: 0 };
        series.push({ ...spread }, { ...spread });
        fills.push({ series: [series.length - 2, series.length - 1], fill: fade(look.line, 0.16) });
      }
      data.push(one.y);
      chart.shown.push(data.length - 1);
      series.push(styled(one, number, look));
    });
    const floor = figure.series.every((one) => one.style === "bar") ? 0 : null;
    plot.querySelectorAll(".still, .still-ends, .uplot").forEach((old) => old.remove());
    const options = {
      ...size(plot), series, bands: fills, legend: { show: false }, padding: [10, 8, 0, 0],
      tzDate: zone ? (seconds) => uPlot.tzDate(at(seconds), zone) : undefined,
      scales: { x: { time: true, min: chart.home[0], max: chart.home[1] }, y: { range: (u, low, high) => reach(low, high, figure.bands, floor) } },
      axes: [
        { stroke: look.ink, font: look.font, grid: { show: false }, ticks: { stroke: look.grid, size: 5 }, values: (u, ticks, i, space, step) => ticks.map((tick, n) => label(tick, step, ticks[n - 1])), space: 64, size: 30 },
        { stroke: look.ink, font: look.font, grid: { stroke: look.grid, width: 1 }, ticks: { show: false }, size: 46, space: 34, incrs: steps(figure.digits), values: (u, ticks) => ticks.map((tick) => tick.toLocaleString(locale)) },
      ],
      cursor: { sync: figure.group ? { key: figure.group } : undefined, drag: { x: true, y: false, dist: 8 }, y: false, points: { size: 9, fill: look.card, stroke: look.line, width: 2 } },
      hooks: { drawClear: [(u) => behind(u, chart)], draw: [(u) => before(u, chart)], setCursor: [() => pointed(chart)], setScale: [(u, key) => { if (key === "x") { share(chart); tell(chart); } }] },
    };
    if (!options.tzDate) delete options.tzDate;
    if (!options.cursor.sync) delete options.cursor.sync;
    chart.u = new uPlot(options, data, plot);
    fingers(chart);
  }

  function styled(one, number, look) {
    const shared = { label: one.label, stroke: number ? fade(look.line, 0.6) : look.line, width: 2, spanGaps: false };
    if (one.style === "bar") return { ...shared, width: 0, fill: fade(look.line, 0.85), paths: uPlot.paths.bars({ size: [0.72, 26], radius: 0.25 }), points: { show: false } };
    if (one.style === "step") return { ...shared, paths: uPlot.paths.stepped({ align: 1 }) };
    if (one.style === "dots") return { ...shared, paths: () => null, points: { show: true, size: 7, fill: shared.stroke } };
    return { ...shared, points: { size: 6, fill: shared.stroke } };
  }

  function fade(colour, alpha) {
    const [red, green, blue] = colour.match(/[\d.]+/g);
    return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
  }

  function reach(low, high, bands, floor) {
    if (low === null || high === null) return [0, 1];
    const slack = high - low || Math.abs(high) * 0.1 || 1;
    for (const edge of bands.flat()) if (edge !== null && edge >= low - slack && edge <= high + slack) { low = Math.min(low, edge); high = Math.max(high, edge); }
    const room = (high - low || slack) * 0.08;
    return [floor === null ? low - room : Math.min(floor, low), high + room];
  }

  /* months name their year where it begins */
  function label(seconds, step, before) {
    const day = at(seconds);
    if (step >= 28 * DAY) {
      const turned = before === undefined || formats.number.format(day) !== formats.number.format(at(before));
      return (turned ? formats.year : formats.month).format(day);
    }
    return (step >= DAY ? formats.day : formats.time).format(day);
  }

  /* behind the line: where values should be, and where nothing is known */
  function behind(u, { figure, look }) {
    const { left, top, width, height } = u.bbox;
    const y = (value) => Math.min(Math.max(u.valToPos(value, "y", true), top), top + height);
    const x = (value) => Math.min(Math.max(u.valToPos(value, "x", true), left), left + width);
    u.ctx.save();
    for (const [low, high] of figure.bands) {
      const upper = high === null ? top : y(high), lower = low === null ? top + height : y(low);
      u.ctx.fillStyle = fade(look.line, 0.1);
      u.ctx.fillRect(left, upper, width, lower - upper);
    }
    u.ctx.strokeStyle = look.grid;
    for (const [start, end] of figure.gaps) {
      const from = x(start), to = x(end);
      u.ctx.save();
      u.ctx.beginPath();
      u.ctx.rect(from, top, to - from, height);
      u.ctx.clip();
      u.ctx.beginPath();
      for (let step = from - height; step < to; step += 12) { u.ctx.moveTo(step, top + height); u.ctx.lineTo(step + height, top); }
      u.ctx.stroke();
      u.ctx.restore();
    }
    u.ctx.restore();
  }

  /* before it: events as small flags */
  function before(u, { figure, look }) {
    const { left, top, width, height } = u.bbox;
    u.ctx.save();
    for (const [seconds] of figure.flags) {
      const x = u.valToPos(seconds, "x", true);
      if (x < left || x > left + width) continue;
      u.ctx.strokeStyle = u.ctx.fillStyle = look.gold;
      u.ctx.setLineDash([4, 4]);
      u.ctx.beginPath(); u.ctx.moveTo(x, top); u.ctx.lineTo(x, top + height); u.ctx.stroke();
      u.ctx.setLineDash([]);
      u.ctx.beginPath(); u.ctx.moveTo(x, top); u.ctx.lineTo(x + 16, top + 6); u.ctx.lineTo(x, top + 12); u.ctx.fill();
    }
    u.ctx.restore();
  }

  function pointed(chart) {
    const index = chart.u?.cursor.idx;
    if (index === null || index === undefined || index === chart.index) return;
    choose(chart, index);
  }
  function choose(chart, index) {
    chart.index = index;
    chart.chosen = true;
    read(chart);
  }
  /* value, unit, time, source of the point at the cursor, at first of the last one known; where it stands for several, so it says */
  function read(chart) {
    const { figure, readout, index } = chart;
    if (index < 0) return;
    const parts = [];
    figure.series.forEach((one) => {
      const value = one.y[index];
      if (value === null || value === undefined) return;
      const number = document.createElement("b");
      const several = one.low && one.low[index] !== null && one.low[index] !== one.high[index];
      const spread = several ? ` ${chart.words.mean} (${say(one.low[index], figure)} – ${say(one.high[index], figure)})` : "";
      number.textContent = `${say(value, figure)}`;
      const rest = document.createElement("span");
      rest.textContent = `${figure.series.length > 1 ? one.label + " " : ""}`;
      const unit = document.createElement("span");
      unit.textContent = `${figure.unit}${spread}`;
      parts.push(rest, number, unit);
    });
    const where = figure.series.find((one) => one.sources && one.y[index] !== null);
    const source = where ? where.sources[where.source ? where.source[index] : 0] : null;
    const gap = figure.gaps.find(([start, end]) => figure.x[index] >= start && figure.x[index] <= end);
    if (!parts.length) parts.push(text(gap && gap[2] ? gap[2] : chart.words.none));
    parts.push(text(moment(figure.x[index], figure)));
    if (source) parts.push(text(chart.words.source.replace("{name}", source)));
    const flag = figure.flags.find(([seconds]) => Math.abs(seconds - figure.x[index]) < DAY / 2);
    if (flag) parts.push(text("⚑ " + flag[1]));
    readout.replaceChildren(...parts.filter((part) => part.textContent));
  }
  /* the title: what the whole stretch shows; once somebody looks closer, between what the part lies that is shown */
  const finding = (chart) => chart.plot.closest("figure").querySelector(".finding");
  function tell(chart) {
    if (!chart.u || chart.finding === undefined) return;
    const { figure, words } = chart, { min, max } = chart.u.scales.x;
    const whole = min <= chart.home[0] && max >= chart.home[1];
    finding(chart).textContent = whole ? chart.finding : words.part
      .replace("{range}", ranges(figure, min, max) || words.none)
      .replace("{first}", date(at(min))).replace("{last}", date(at(max)));
  }
  function ranges(figure, min, max) {
    const seen = figure.x.map((_, i) => i).filter((i) => figure.x[i] >= min && figure.x[i] <= max);
    const told = figure.series.flatMap((one) => {
      const known = seen.filter((i) => one.y[i] !== null);
      if (!known.length) return [];
      const ends = [Math.min(...known.map((i) => one.low?.[i] ?? one.y[i])), Math.max(...known.map((i) => one.high?.[i] ?? one.y[i]))];
      return [[...new Set(ends.map((end) => say(end, figure)))].join(" – ")];
    });
    return told.length ? `${told.join(" / ")} ${figure.unit}`.trim() : "";
  }
  const text = (says) => Object.assign(document.createElement("span"), { textContent: says });
  const say = (value, figure) => value.toLocaleString(locale, { maximumFractionDigits: figure.digits, minimumFractionDigits: figure.digits });
  function moment(seconds, figure) {
    const apart = figure.x.length > 1 ? (figure.x[figure.x.length - 1] - figure.x[0]) / (figure.x.length - 1) : 0;
    const daily = apart >= DAY * 0.9 && figure.series.some((one) => one.low || one.style === "bar");
    return daily ? date(at(seconds)) : `${date(at(seconds))}, ${formats.time.format(at(seconds))}`;
  }

  /* one zoom a group */
  let sharing = false;
  function share(chart) {
    if (sharing || !chart.group || !chart.u) return;
    const { min, max } = chart.u.scales.x;
    // Drawing a chart for the first time sets its scale too, and is nobody's wish.
    if (min === (chart.range ?? chart.home)[0] && max === (chart.range ?? chart.home)[1]) return;
    chart.range = [min, max];
    sharing = true;
    charts.forEach((other) => { if (other !== chart && other.group === chart.group && other.u) { other.range = [min, max]; other.u.setScale("x", { min, max }); } });
    sharing = false;
  }
  function zoom(chart, factor, middle) {
    const { min, max } = chart.u.scales.x;
    const centre = middle ?? (chart.chosen ? chart.figure.x[chart.index] : (min + max) / 2);
    const [first, last] = chart.home;
    let from = Math.max(first, centre - (centre - min) * factor), to = Math.min(last, centre + (max - centre) * factor);
    if (to - from < 600) return;
    chart.u.setScale("x", { min: from, max: to });
  }
  const reset = (chart) => chart.u.setScale("x", { min: chart.home[0], max: chart.home[1] });

  function tools(chart) {
    const bar = document.createElement("div");
    bar.className = "tools";
    const add = (name, words, act) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", `${words}: ${chart.figure.name}`);
      button.title = words;
      const ns = "http://www.w3.org/2000/svg";
      const svg = document.createElementNS(ns, "svg"), use = document.createElementNS(ns, "use");
      svg.setAttribute("class", "icon");
      svg.setAttribute("aria-hidden", "true");
      use.setAttribute("href", `${chart.words.icons}#${name}`);
      svg.append(use);
      button.append(svg);
      button.addEventListener("click", act);
      bar.append(button);
    };
    add("zoom-in", chart.words.zoomIn, () => zoom(chart, 0.5));
    add("zoom-out", chart.words.zoomOut, () => zoom(chart, 2));
    add("undo-2", chart.words.whole, () => reset(chart));
    add("image", chart.words.save, () => save(chart));
    chart.plot.after(bar);
  }

  function keys(chart) {
    chart.plot.addEventListener("keydown", (event) => {
      const { u, figure } = chart;
      const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      if (move) step(chart, move);
      else if (event.key === "Home") step(chart, -figure.x.length);
      else if (event.key === "End") step(chart, figure.x.length);
      else if (event.key === "+" || event.key === "=") zoom(chart, 0.5);
      else if (event.key === "-") zoom(chart, 2);
      else if (event.key === "0" || event.key === "Escape") reset(chart);
      else return;
      event.preventDefault();
    });
  }
  /* to the next point that has a value */
  function step(chart, move) {
    const { u, figure } = chart;
    const known = figure.x.map((_, i) => i).filter((i) => figure.series.some((one) => one.y[i] !== null));
    if (!known.length) return;
    let place = known.findIndex((i) => i >= chart.index);
    if (place < 0) place = known.length;
    const index = known[Math.min(Math.max(place + move, 0), known.length - 1)];
    const seconds = figure.x[index], { min, max } = u.scales.x;
    if (seconds < min || seconds > max) {
      const span = max - min, from = Math.min(Math.max(seconds - span / 2, chart.home[0]), Math.max(chart.home[1] - span, chart.home[0]));
      u.setScale("x", { min: from, max: from + span });
    }
    chart.readout.setAttribute("aria-live", "polite");
    choose(chart, index);
    setTimeout(() => u.setCursor({ left: u.valToPos(seconds, "x"), top: u.over.clientHeight / 2 }), 0);
  }

  /* one finger reads, two zoom */
  function fingers(chart) {
    const { over } = chart.u;
    const down = new Map();
    let spread = null;
    over.addEventListener("pointerdown", (event) => { if (event.pointerType === "touch") down.set(event.pointerId, event.offsetX); });
    const up = (event) => { down.delete(event.pointerId); spread = null; };
    over.addEventListener("pointerup", up);
    over.addEventListener("pointercancel", up);
    over.addEventListener("pointermove", (event) => {
      chart.readout.setAttribute("aria-live", "off"); // a mouse would make it speak without end
      if (!down.has(event.pointerId)) return;
      down.set(event.pointerId, event.offsetX);
      if (down.size === 1) chart.u.setCursor({ left: event.offsetX, top: event.offsetY });
      if (down.size !== 2) return;
      const [a, b] = [...down.values()], apart = Math.max(Math.abs(a - b), 20);
      if (spread) zoom(chart, spread / apart, chart.u.posToVal((a + b) / 2, "x"));
      spread = apart;
    });
    over.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom(chart, event.deltaY > 0 ? 1.25 : 0.8, chart.u.posToVal(event.offsetX, "x"));
    }, { passive: false });
  }

  function save(chart) {
    const source = chart.u.ctx.canvas, ratio = window.devicePixelRatio || 1, head = 64 * ratio;
    const canvas = document.createElement("canvas");
    canvas.width = source.width + 32 * ratio;
    canvas.height = source.height + head + 16 * ratio;
    const ctx = canvas.getContext("2d");
    const style = getComputedStyle(document.body), figure = chart.plot.closest("figure");
    ctx.fillStyle = chart.look.card;
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    ctx.fillStyle = style.color;
    ctx.font = `600 ${17 * ratio}px ${style.fontFamily}`;
    ctx.fillText(figure.querySelector(".finding").textContent, 16 * ratio, 28 * ratio);
    ctx.font = `${13 * ratio}px ${style.fontFamily}`;
    ctx.fillText(figure.querySelector(".name").textContent, 16 * ratio, 50 * ratio);
    ctx.drawImage(source, 16 * ratio, head);
    canvas.toBlob(async (blob) => {
      const file = new File([blob], `${chart.plot.dataset.chart.replace("-data", "")}.png`, { type: "image/png" });
      if (navigator.canShare?.({ files: [file] })) { await navigator.share({ files: [file] }).catch(() => {}); return; }
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = file.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  }

  const all = () => document.querySelectorAll(".plot[data-chart]").forEach(draw);
  function again() {
    charts.forEach((chart) => {
      if (!chart.plot.isConnected) { charts.delete(chart); return; }
      chart.u.destroy();
      build(chart);
    });
  }
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  document.addEventListener("ojas:settled", () => { charts.forEach((chart) => chart.plot.isConnected || charts.delete(chart)); all(); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
})();
