// Values as people read them, in the user's locale and time zone.
const formats = new Map();

function format(key, make) {
  if (!formats.has(key)) formats.set(key, make());
  return formats.get(key);
}

export class Values {
  constructor(locale, timezone) {
    this.locale = Intl.NumberFormat.supportedLocalesOf([locale]).length ? locale : "en-US";
    this.timezone = timezone || "UTC";
  }

  number(value, digits = 2) {
    return format(`n${digits}`, () => new Intl.NumberFormat(this.locale, { maximumFractionDigits: digits })).format(value);
  }

  money(value, currency) {
    const digits = Number.isInteger(value) ? 0 : undefined;
    try {
      const options = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
      return format(`m${currency}${digits}`, () => new Intl.NumberFormat(this.locale, options)).format(value);
    } catch {
      return `${this.number(value)} ${currency}`;
    }
  }

  // A plain date has no time zone; a moment is shown in the user's.
  date(text) {
    const isMoment = text.includes("T");
    const at = new Date(isMoment ? text : `${text}T00:00:00Z`);
    if (Number.isNaN(at.getTime())) return text;
    const timeZone = isMoment ? this.timezone : "UTC";
    return format(`d${isMoment}`, () => this.#dates(timeZone)).format(at);
  }

  #dates(timeZone) {
    const options = { day: "numeric", month: "short", year: "numeric" };
    try {
      return new Intl.DateTimeFormat(this.locale, { ...options, timeZone });
    } catch {
      return new Intl.DateTimeFormat(this.locale, { ...options, timeZone: "UTC" });
    }
  }

  // The text of a cell; "" for nothing.
  text(value, column, row = {}) {
    if (value === null || value === undefined || value === "") return "";
    if (Array.isArray(value)) return value.map((item) => this.text(item, column, row)).join(", ");
    if (typeof value === "object") return typeof value.amount === "number" ? this.money(value.amount, value.currency) : String(value.label ?? "");
    if (typeof value === "boolean") return value ? "Yes" : "No";
    if (column.type === "money" && typeof value === "number") return this.money(value, row.currency || column.unit || column.currency || "USD");
    if (column.unit === "%" && typeof value === "number") return `${this.number(value, 1)}%`;
    if (typeof value === "number") return this.number(value);
    if (column.type === "date" || column.type === "datetime") return this.date(value);
    const option = column.options?.find?.((item) => item.key === value);
    return option?.label ?? String(value);
  }
}

// A cell's text. The period of a trend is called by its name (May 2026), not by its first day.
export function cellText(answer, values, row, column) {
  const period = answer.query?.group_by?.find((group) => group.bucket && column.name === `${group.field}:${group.bucket}`);
  return period && answer.query.group_by.length === 1 && row.label ? row.label : values.text(row[column.name], column, row);
}

// For sorting: numbers by size, dates by time, the rest by the locale's alphabet; nothing comes last.
export function compare(one, other, locale) {
  const [left, right] = [plain(one), plain(other)];
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), locale, { numeric: true, sensitivity: "base" });
}

export function plain(value) {
  if (value === undefined || value === "") return null;
  if (Array.isArray(value)) return value.length ? (value[0]?.amount ?? value.map(plain).join(", ")) : null; // several currencies: by the first
  return value !== null && typeof value === "object" ? (value.label ?? String(value)) : value;
}
