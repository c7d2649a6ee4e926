"use strict";
// A grid of computed points, interpolated: what is shown moves with the levers. No address is asked.
const content = JSON.parse(document.getElementById("content").textContent);
const grid = decoded(document.getElementById("grid").textContent.trim());
const byId = (id) => document.getElementById(id);
let at = content.levers.map((one) => one.start);
let options = [];
const MOST_OPTIONS = 8;

function decoded(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Uint16Array(bytes.buffer);
}

// The row of numbers at a place: linear between the levels on every side of it.
function rowAt(place) {
  if (place.every((value, i) => value === content.levers[i].start)) return content.was;
  const cells = content.levers.map((lever, i) => {
    const levels = lever.levels, first = lever.aside ? 1 : 0;
    if (lever.aside && place[i] === lever.start) return [0, 0];
    let k = 0;
    while (k < levels.length - 2 && place[i] >= levels[k + 1]) k += 1;
    return [first + k, (place[i] - levels[k]) / (levels[k + 1] - levels[k])];
  });
  const columns = content.base.length, row = new Float64Array(columns);
  for (let corner = 0; corner < 1 << cells.length; corner += 1) {
    let weight = 1, point = 0;
    cells.forEach(([k, share], i) => {
      const up = (corner >> i) & 1;
      weight *= up ? share : 1 - share;
      point = point * (content.levers[i].levels.length + (content.levers[i].aside ? 1 : 0)) + k + up;
    });
    if (weight === 0) continue;
    for (let j = 0; j < columns; j += 1) row[j] += weight * grid[point * columns + j];
  }
  return Array.from(row, (value, j) => content.base[j] + value * content.step[j]);
}

const part = (row, name) => row.slice(content.places[name][0], content.places[name][0] + content.places[name][1]);

// Numbers for a reader, as the command writes them.
function plain(value, kind, beside = 0) {
  if (kind === "gbp") {
    const largest = Math.max(Math.abs(value), Math.abs(beside));
    if (largest >= 1e5) return [(value / 1e6).toFixed(largest >= 1e6 ? 1 : 2) + "m", " GBP"];
    return [Math.round(value).toLocaleString("en-GB"), " GBP"];
  }
  if (kind === "share") return [String(Math.round(100 * value)), " %"];
  return [Math.round(value).toLocaleString("en-GB"), ""];
}
const amount = (value, kind) => plain(value, kind).join("");
const average = (value, kind) =>
  kind === "count" && Math.abs(value) < 9.95 ? String(Number(value.toPrecision(2))) : amount(value, kind);
function span(low, high, kind) {
  const [first, unit] = plain(low, kind, high), [last] = plain(high, kind, low);
  return first === last ? first + unit : `${first} to ${last}${unit}`;
}
function signed(value, kind, read = average) {
  const said = kind === "share" ? `${Math.round(100 * Math.abs(value))} points` : read(Math.abs(value), kind);
  return /[1-9]/.test(said) ? (value > 0 ? "+" : "-") + said : "0";
}
const changed = ([mean, low, high], kind) =>
  `${signed(mean, kind)}; ${signed(low, kind, amount)} to ${signed(high, kind, amount)} in pairs of runs`;
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const lever = (value, one) =>
  one.none !== null && value >= one.none ? "none" : `${Number(value.toPrecision(6)).toLocaleString("en-GB")} ${one.unit}`.trim();

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
function drawn(name, attributes, text = "") {
  const made = document.createElementNS(byId("chart").namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function dateOf(month) {
  const [year, first] = content.start.split("-").map(Number), at = first - 1 + month;
  const names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  return `${names[at % 12]} ${year + Math.floor(at / 12)}`;
}
const last = (values) => values[values.length - 1];

function showAnswer(row) {
  const kind = content.kind, mean = last(part(row, "mean"));
  const moved = at.some((value, i) => value !== content.levers[i].start);
  const [low, high] = [last(part(row, "low")), last(part(row, "high"))];
  const now = low === high && low === mean
    ? `${average(mean, kind)}${content.verb} in every run`
    : `${average(mean, kind)}${content.verb} on average, ${span(low, high, kind)} in ${content.most}`;
  byId("answer").textContent = moved
    ? `${capital(asked(at))}: ${now}. ${content.than}: ${average(last(part(content.was, "mean")), kind)} ` +
      `(the difference: ${changed(part(row, "apart"), kind)}).`
    : `${content.than}: ${now}.`;
}
const asked = (place) => content.levers
  .map((one, i) => (place[i] === one.start ? "" : `${one.short} ${lever(place[i], one)}`))
  .filter(Boolean).join("; ");

function showTiles(row) {
  const [broken] = part(row, "shares"), target = part(row, "target");
  const tiles = [];
  if (content.target) tiles.push([amount(target[0], "share"), content.target.said]);
  if (content.knowsOutlay) tiles.push([amount(broken, "share"), "chance that providers break even"]);
  for (const [name, said] of content.money) {
    const [mean, low, high] = part(row, name);
    tiles.push([amount(mean, "gbp"), `${said} on average; ${span(low, high, "gbp")} in ${content.most}`]);
  }
  byId("tiles").replaceChildren(...tiles.map(([number, said]) => {
    const tile = element("div", "", { class: "tile" });
    tile.append(element("b", number), element("span", said));
    return tile;
  }));
}

function showChart(row) {
  const width = window.innerWidth > 800 ? 760 : 390, height = width === 760 ? 380 : 290;
  const left = 56, right = width - 14, top = 16, bottom = height - 44, months = content.months, end = last(months);
  const was = part(content.was, "mean"), mean = part(row, "mean"), low = part(row, "low"), high = part(row, "high");
  const marks = content.observed.map((one) => one.high ?? one.low);
  const least = Math.min(0, ...low, ...was), highest = Math.max(1e-9, ...high, ...was, ...marks);
  const inSight = content.target?.drawn && content.target.number < 3 * highest;
  const most = inSight ? Math.max(highest, content.target.number) : highest;
  const span = niceStep((most - least) / 5), ceiling = Math.ceil(most / span) * span, floor = Math.floor(least / span) * span;
  const x = (month) => left + (right - left) * month / end;
  const y = (value) => bottom - (bottom - top) * (value - floor) / (ceiling - floor);
  const path = (values) => values.map((value, i) => `${i ? "L" : "M"}${x(months[i]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const made = [];
  for (let value = floor; value <= ceiling + 1e-9; value += span) {
    made.push(drawn("line", { x1: left, x2: right, y1: y(value), y2: y(value), stroke: "var(--line)" }));
    made.push(drawn("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, tick(value)));
  }
  const every = Math.max(1, Math.ceil(end / (width === 760 ? 6 : 3)));
  for (let month = 0; month <= end; month += every) {
    const anchor = month === 0 ? "start" : end - month < every / 2 ? "end" : "middle";
    made.push(drawn("text", { x: x(month), y: bottom + 18, "text-anchor": anchor }, dateOf(month)));
  }
  made.push(drawn("text", { x: (left + right) / 2, y: bottom + 37, "text-anchor": "middle" }, content.label));
  const back = low.map((value, i) => `L${x(months[low.length - 1 - i]).toFixed(1)} ${y(low[low.length - 1 - i]).toFixed(1)}`).join("");
  made.push(drawn("path", { d: path(high) + back + "Z", fill: "var(--band)", "fill-opacity": 0.6 }));
  made.push(drawn("path", { d: path(was), fill: "none", stroke: "var(--was)", "stroke-width": 2, "stroke-dasharray": "6 4" }));
  made.push(drawn("path", { d: path(mean), fill: "none", stroke: "var(--blue)", "stroke-width": 3 }));
  if (content.target?.drawn) {
    const up = inSight ? y(content.target.number) : top, said = `target: ${amount(content.target.number, content.kind)}`;
    if (inSight) made.push(drawn("line", { x1: left, x2: right, y1: up, y2: up, stroke: "var(--seen)", "stroke-dasharray": "2 4" }));
    made.push(drawn("text", { x: left + 4, y: up - 5 }, inSight ? said : `${said}, far above`));
  }
  for (const one of content.observed) {
    const value = one.low ?? one.high, across = x(one.month);
    made.push(drawn("circle", { cx: across, cy: y(value), r: 5, fill: "var(--seen)" }));
    made.push(drawn("text", { x: across + (across > right - 120 ? -9 : 9), y: y(value) - 8, "text-anchor": across > right - 120 ? "end" : "start" }, one.label));
  }
  const chart = byId("chart");
  chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
  chart.replaceChildren(...made);
  chart.setAttribute("aria-label", `${content.label}. ${byId("answer").textContent}`);
}
function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * power).find((one) => one >= rough);
  return content.kind === "count" ? Math.max(1, step) : step;
}
const tick = (value) => content.kind === "gbp" && Math.abs(value) >= 1e5 ? `${Number((value / 1e6).toPrecision(3))}m` : amount(value, content.kind).replace(" GBP", "");

function showFunnel(row) {
  const counts = part(row, "funnel"), whole = content.approached;
  const rows = [["approached", whole], ...content.funnel.map((said, i) => [said, counts[i]])];
  byId("funnel").replaceChildren(...rows.flatMap(([said, count]) => {
    const bar = element("div", "", { class: "bar", style: `width:${Math.min(100, 100 * count / whole)}%` });
    return [element("span", said), bar, element("b", average(count, "count"))];
  }));
}

function optionCells(place, name) {
  const row = rowAt(place), kind = content.kind;
  const cells = [name, `${average(last(part(row, "mean")), kind)} (${span(last(part(row, "low")), last(part(row, "high")), kind)})`];
  cells.push(name === content.than ? "" : changed(part(row, "apart"), kind));
  if (content.target) cells.push(amount(part(row, "target")[0], "share"));
  for (const [key] of content.money) cells.push(amount(part(row, key)[0], "gbp"));
  return cells;
}
function showOptions() {
  const head = ["option", content.heading, "difference"];
  if (content.target) head.push(content.target.said);
  head.push(...content.money.map(([, said]) => `${said}, mean`), "");
  const table = byId("options"), top = document.createElement("tr");
  top.append(...head.map((text) => element("th", text, { scope: "col" })));
  const start = content.levers.map((one) => one.start);
  const rows = [[start, content.than], ...options.map((place, i) => [place, `${String.fromCharCode(65 + i)}: ${asked(place)}`])];
  table.replaceChildren(top, ...rows.map(([place, name], i) => {
    const line = document.createElement("tr"), final = document.createElement("td");
    line.append(...optionCells(place, name).map((text) => element("td", text)), final);
    if (i > 0) {
      const remove = element("button", "remove", { type: "button", class: "remove", "aria-label": `remove option ${name}` });
      remove.addEventListener("click", () => {
        options.splice(i - 1, 1);
        byId("keep").textContent = "Keep as an option";
        show();
      });
      final.append(remove);
    }
    return line;
  }));
}

function show() {
  const row = rowAt(at);
  showAnswer(row);
  showTiles(row);
  showChart(row);
  showFunnel(row);
  showOptions();
  content.levers.forEach((one, i) => {
    byId(`lever_${i}`).value = at[i];
    byId(`value_${i}`).textContent = at[i] === one.start && one.aside ? one.said : lever(at[i], one);
  });
  history.replaceState(null, "", "#" + [at, ...options].map((place) => place.join(",")).join(";"));
}

function readAddress() {
  if (!location.hash.slice(1)) return;
  const places = location.hash.slice(1).split(";").slice(0, MOST_OPTIONS + 1)
    .map((text) => text.split(",").map((one) => (one.trim() ? Number(one) : NaN)));
  const isPlace = (place) => place.length === content.levers.length && place.every((value, i) =>
    Number.isFinite(value) && ((value >= content.levers[i].low && value <= content.levers[i].high) || value === content.levers[i].start));
  if (!places.length || !places.every(isPlace)) return;
  [at, ...options] = places;
}

content.levers.forEach((one, i) => {
  const box = element("div", "", { class: "lever" }), label = element("label", `${one.meaning}: `, { for: `lever_${i}` });
  label.append(element("output", "", { id: `value_${i}` }));
  const slider = element("input", "", { type: "range", id: `lever_${i}`, min: one.low, max: one.high, step: "any" });
  slider.addEventListener("input", () => {
    const value = one.low + Math.round((slider.valueAsNumber - one.low) / one.step) * one.step;
    const near = Math.abs(value - one.start) <= one.step / 2 ? one.start : value;
    at[i] = Math.min(one.high, Math.max(one.low, Number(near.toPrecision(12))));
    show();
  });
  slider.addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    at[i] = Math.min(one.high, Math.max(one.low, Number((at[i] + way * one.step).toPrecision(12))));
    show();
  });
  box.append(label, slider, element("div", one.note, { class: "soft" }));
  byId("levers").append(box);
});
byId("levers").addEventListener("submit", (event) => event.preventDefault());
byId("reset").addEventListener("click", () => { at = content.levers.map((one) => one.start); show(); });
byId("keep").addEventListener("click", () => {
  const start = at.every((value, i) => value === content.levers[i].start);
  const known = options.some((place) => place.every((value, i) => value === at[i]));
  if (!start && !known && options.length < MOST_OPTIONS) options.push([...at]);
  show();
  if (options.length === MOST_OPTIONS) byId("keep").textContent = `${MOST_OPTIONS} options are kept: remove one first`;
});
window.addEventListener("resize", show);
window.addEventListener("hashchange", () => { readAddress(); show(); });
byId("legend").textContent = content.legend;
byId("of").textContent = content.funnelHeading;
readAddress();
show();
