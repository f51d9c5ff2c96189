// Tables as Excel workbooks, made in the page: what is on the screen goes into the file without the server. Numbers are written with the
// digits that the server sent. Texts are cells of text, so that none is run as a formula, not even after it is edited.
import { amount, type Cell, digits, type Table } from "./table";
import { zip } from "./zip";

const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packages = "http://schemas.openxmlformats.org/package/2006";
const kindOf = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const declared = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Numbers of the cell formats in the style sheet. */
const format = { header: 1, text: 2, link: 3, amount: 4, yuan: 5, count: 6, atLeast: 7, share: 8, time: 9 };

/** The longest text, the longest address, and the most links, that Excel takes. */
const [textMax, linkMax, linksMax] = [32_767, 2079, 65_530];

export function xlsxOf(table: Table): Promise<Blob> {
  const links: Link[] = [];
  const sheet = sheetOf(table, links);
  const parts = {
    "[Content_Types].xml": `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${kindOf}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${kindOf}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${kindOf}.styles+xml"/></Types>`,
    "_rels/.rels": related(relation("rId1", "officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="${escaped(table.name.slice(0, 31))}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": related(
      relation("rId1", "worksheet", "worksheets/sheet1.xml") + relation("rId2", "styles", "styles.xml"),
    ),
    "xl/styles.xml": styles,
    "xl/worksheets/sheet1.xml": sheet,
    "xl/worksheets/_rels/sheet1.xml.rels": related(
      links.map(({ address }, i) => relation(`rId${i + 1}`, "hyperlink", address, true)).join(""),
    ),
  };
  const texts = Object.entries(parts).map(([name, text]) => [name, declared + text]);
  return zip(Object.fromEntries(texts), `${kindOf}.sheet`);
}

interface Link {
  place: string;
  address: string;
}

const related = (all: string) => `<Relationships xmlns="${packages}/relationships">${all}</Relationships>`;

const relation = (id: string, kind: string, target: string, external = false) =>
  `<Relationship Id="${id}" Type="${relations}/${kind}" Target="${escaped(target)}"${external ? ' TargetMode="External"' : ""}/>`;

/** sheetOf writes the rows below a header that stays in sight, and collects the links. */
function sheetOf(table: Table, links: Link[]): string {
  const header = table.titles.map((title, i) => textCell(letters(i) + 1, format.header, title)).join("");
  const rows = table.rows.map((row, y) => {
    const cells = row.map((cell, x) => cell && cellOf(cell, letters(x) + (y + 2), links));
    return `<row r="${y + 2}">${cells.filter(Boolean).join("")}</row>`;
  });
  const widths = table.titles.map((title, i) => widthOf([title, ...table.rows.map((row) => shown(row[i]))]));
  const columns = widths.map((w, i) => `<col min="${i + 1}" max="${i + 1}" width="${w}" customWidth="1"/>`).join("");
  const linked = links.map(({ place }, i) => `<hyperlink ref="${place}" r:id="rId${i + 1}"/>`).join("");
  const end = letters(table.titles.length - 1) + (table.rows.length + 1);
  return (
    `<worksheet xmlns="${main}" xmlns:r="${relations}"><sheetViews><sheetView workbookViewId="0">` +
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>' +
    `<cols>${columns}</cols><sheetData><row r="1">${header}</row>${rows.join("")}</sheetData><autoFilter ref="A1:${end}"/>` +
    `${linked && `<hyperlinks>${linked}</hyperlinks>`}</worksheet>`
  );
}

function cellOf(cell: Cell, place: string, links: Link[]): string {
  switch (cell.kind) {
    case "amount":
      return numberCell(place, cell.value.currencyCode === "CNY" ? format.yuan : format.amount, amount(cell.value));
    case "count": {
      const atLeast = typeof cell.value === "object" && cell.value.atLeast;
      return numberCell(place, atLeast ? format.atLeast : format.count, digits(cell.value));
    }
    case "share":
      return numberCell(place, format.share, String(cell.value));
    case "time":
      return numberCell(place, format.time, String(serial(cell.value)));
    case "link":
      if (/^https?:\/\//.test(cell.value) && cell.value.length <= linkMax && links.length < linksMax) {
        links.push({ place, address: cell.value });
        return textCell(place, format.link, cell.value);
      }
      return textCell(place, format.text, cell.value);
    default:
      return textCell(place, format.text, cell.value);
  }
}

const numberCell = (place: string, style: number, number: string) =>
  `<c r="${place}" s="${style}"><v>${number}</v></c>`;

const textCell = (place: string, style: number, text: string) =>
  `<c r="${place}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(text.slice(0, textMax))}</t></is></c>`;

/** serial is a time in days, as Excel counts them, in the zone of this device. */
function serial(time: string): number {
  const at = new Date(time);
  return (at.getTime() / 60_000 - at.getTimezoneOffset()) / 1440 + 25_569;
}

/** letters names a column: A, B, … Z, AA. */
function letters(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}

/** shown is about what the cell looks like. */
function shown(cell: Cell | undefined): string {
  switch (cell?.kind) {
    case undefined:
      return "";
    case "text":
      return cell.value;
    case "link":
      return cell.value.slice(0, 40);
    case "time":
      return "2026-11-27 08:00:00";
    default:
      return "1,000,000.00";
  }
}

/** widthOf is the width of a column in digits. A Chinese character is as wide as two. */
function widthOf(texts: string[]): number {
  const wide = (text: string) => [...text].reduce((sum, c) => sum + (c >= "\u2e80" ? 2 : 1), 0);
  return Math.min(Math.max(...texts.map(wide), 6) + 2, 60);
}

/** escaped leaves out what XML cannot hold. Excel reads _x000D_ as a character's code, unless the underscore is written as one itself. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replace(/_(?=x[0-9a-f]{4}_)/gi, "_x005F_")
    .replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

const xf = (numbers: number, font: number) =>
  `<xf numFmtId="${numbers}" fontId="${font}" fillId="0" borderId="0" xfId="0"${numbers ? ' applyNumberFormat="1"' : ""}${font ? ' applyFont="1"' : ""}/>`;

/** The formats of numbers: 49 is text, 3 is a whole number with separators. Those from 164 on are described here. */
const styles = `<styleSheet xmlns="${main}"><numFmts count="5"><numFmt numFmtId="164" formatCode="#,##0.00##"/><numFmt numFmtId="165" formatCode="&quot;¥&quot;#,##0.00##"/><numFmt numFmtId="166" formatCode="#,##0&quot;+&quot;"/><numFmt numFmtId="167" formatCode="0.0%"/><numFmt numFmtId="168" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font><font><u/><sz val="11"/><color rgb="FF0563C1"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="10">${xf(0, 0)}${xf(49, 1)}${xf(49, 0)}${xf(49, 2)}${xf(164, 0)}${xf(165, 0)}${xf(3, 0)}${xf(166, 0)}${xf(167, 0)}${xf(168, 0)}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;
