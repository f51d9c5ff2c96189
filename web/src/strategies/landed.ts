// What offers cost with their freight. Freight that is not known is never 0: it is said that it is not known, and why.
import type { Schemas } from "../api/client";
import type { Column } from "../ui/table";
import { yuan } from "../words/format";
import { words } from "../words/words";

type Landed = Schemas["LandedCost"];

/** freightText is the freight of all pieces, or why it is not known. */
export function freightText(landed: Landed): string {
  const { freight } = landed;
  if (freight?.free) {
    return words.value.freight.free;
  }
  return freight?.amount ? yuan(freight.amount) : unknownText(landed);
}

function unknownText({ unknownReason }: Landed): string {
  return words.value.freight.unknown[unknownReason] ?? words.value.detail.unknown;
}

/** isCertain is whether the buyer pays the total. Otherwise the price is one "from", and so is the total. */
function isCertain({ total, priceBasis }: Landed): boolean {
  const holds = priceBasis === "PRICE_BASIS_EXACT_AT_QUANTITY" || priceBasis === "PRICE_BASIS_PROMOTION";
  return total !== undefined && holds;
}

/** landedText is what all pieces cost with their freight. */
export function landedText(landed: Landed): string {
  const { total } = landed;
  if (!total) {
    return words.value.detail.unknown;
  }
  return isCertain(landed) ? yuan(total) : words.value.strategies.totalFrom(yuan(total));
}

/** landedLine says both in one line. */
export function landedLine(landed: Landed): string {
  const text = words.value.freight;
  return landed.total ? text.line(landedText(landed), freightText(landed)) : text.unknownLine(unknownText(landed));
}

/** landedNote says what is known of a total that is not certain, or why nothing is. */
function landedNote(landed: Landed): string | undefined {
  if (isCertain(landed)) {
    return undefined;
  }
  return landed.total ? landedText(landed) : unknownText(landed);
}

/** landedColumns are those of saved lists. A total that is not certain is an empty cell, and the last column says what is known. */
export function landedColumns<Row>(of: (row: Row) => Landed | undefined): Column<Row>[] {
  const { csv } = words.value;
  const total = (landed: Landed | undefined) => (landed && isCertain(landed) ? landed.total : undefined);
  const note = (landed: Landed | undefined) => landed && landedNote(landed);
  return [
    { kind: "amount", title: csv.freight, of: (r) => of(r)?.freight?.amount },
    { kind: "amount", title: csv.landed, of: (r) => total(of(r)) },
    { kind: "text", title: csv.landedNote, of: (r) => note(of(r)) },
  ];
}
