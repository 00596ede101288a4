// A trend as a small column chart, drawn from the answer's own rows. The table beneath says the same in words.
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 480;
const HEIGHT = 120;
const FOOT = 18; // for the first and the last label
const MOST = 120; // columns; more would be thinner than a line
const MONTHS = { month: 1, quarter: 3, year: 12 };

// The chart of a trend; null for an answer that is none, or too short to show one.
export function chart(answer, values) {
  const found = trend(answer);
  if (!found) return null;
  const points = filled(found, answer.rows);
  if (points.length < 3 || points.length > MOST) return null;
  const top = Math.max(...points.map((point) => point.value));
  const bottom = Math.min(0, ...points.map((point) => point.value));
  if (!(top - bottom > 0)) return null;
  return drawing(points, { top, bottom, found, values });
}

function trend(answer) {
  const groups = answer.query?.group_by ?? [];
  if (groups.length !== 1 || !groups[0].bucket || !answer.rows?.length) return null;
  const [date, measure, ...rest] = answer.columns ?? [];
  const isPeriod = date?.name === `${groups[0].field}:${groups[0].bucket}`; // and not a comparison of two of them
  const plain = isPeriod && measure && !rest.length && ["number", "money"].includes(measure.type);
  return plain && answer.rows.every((row) => row[measure.name] === null || typeof row[measure.name] === "number") ? { date, measure, bucket: groups[0].bucket } : null;
}

// One point for each period from the first to the last: one in which nothing happened is a gap, not left out.
function filled({ date, measure, bucket }, rows) {
  const known = new Map(rows.filter((row) => row[date.name]).map((row) => [row[date.name], row]));
  const days = [...known.keys()].sort();
  const points = [];
  for (let day = days[0]; day && day <= days.at(-1) && points.length <= MOST; day = following(day, bucket)) {
    const row = known.get(day);
    points.push({ day, value: row?.[measure.name] ?? 0, label: row?.label ?? day, row: row ?? {} });
  }
  return points;
}

function following(day, bucket) {
  const at = new Date(`${day}T00:00:00Z`);
  if (bucket in MONTHS) at.setUTCMonth(at.getUTCMonth() + MONTHS[bucket]);
  else at.setUTCDate(at.getUTCDate() + (bucket === "week" ? 7 : 1));
  return at.toISOString().slice(0, 10);
}

function drawing(points, { top, bottom, found, values }) {
  const text = (point) => values.text(point.value, found.measure, point.row);
  const width = WIDTH / points.length;
  const height = (value) => ((value - bottom) / (top - bottom)) * (HEIGHT - FOOT);
  const best = points.reduce((one, other) => (other.value > one.value ? other : one));
  const name = `${found.measure.label}: ${points.length} periods, from ${text(points[0])} to ${text(points.at(-1))}, highest ${text(best)} (${best.label})`;
  const svg = make("svg", { class: "answer-chart chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": name });
  points.forEach((point, index) => {
    const tall = Math.abs(height(point.value) - height(0));
    const y = HEIGHT - FOOT - Math.max(height(point.value), height(0));
    const bar = make("rect", { class: "bar", x: index * width + width * 0.1, y, width: Math.max(width * 0.8, 1), height: Math.max(tall, point.value ? 1 : 0), rx: 1 });
    bar.append(make("title", {}, `${point.label}: ${text(point)}`));
    svg.append(bar);
  });
  const base = HEIGHT - FOOT - height(0);
  svg.append(make("line", { class: "axis", x1: 0, x2: WIDTH, y1: base, y2: base }));
  svg.append(make("text", { x: 0, y: HEIGHT - 4 }, points[0].label), make("text", { x: WIDTH, y: HEIGHT - 4, "text-anchor": "end" }, points.at(-1).label));
  return svg;
}

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}
