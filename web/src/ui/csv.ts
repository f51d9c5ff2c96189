// Tables as CSV files, made in the page.
import { amount, type Cell, digits, localTime, type Table } from "./table";

/** csvOf begins with a byte order mark: without one, Excel takes Chinese for another encoding. */
export function csvOf(table: Table): Blob {
  const rows = [table.titles.map(text), ...table.rows.map((row) => row.map((cell) => cell && written(cell)))];
  const body = rows.map((row) => row.map((field) => quoted(field ?? "")).join(",")).join("\r\n");
  return new Blob(["\uFEFF", body, "\r\n"], { type: "text/csv;charset=utf-8" });
}

function written(cell: Cell): string {
  switch (cell.kind) {
    case "amount":
      return amount(cell.value);
    case "count":
      return digits(cell.value);
    case "share":
      return String(cell.value);
    case "time":
      return localTime(cell.value);
    default:
      return text(cell.value);
  }
}

/** text keeps a spreadsheet from running a text as a formula. Wide signs count too: some spreadsheets read them as narrow ones. */
function text(value: string): string {
  return /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(value) ? `'${value}` : value;
}

function quoted(field: string): string {
  return /[",;\t\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
