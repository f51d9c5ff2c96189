// A list of products as cards, with the button that saves it as a file.
import type { Product } from "../api/client";
import { words } from "../words/words";
import { Card } from "./card";
import { Save } from "./save";
import { productTable } from "./table";

interface Props {
  products: Product[];
  name: string;
  /** What is saved, if it is more than what is shown. */
  saved?: Product[];
  /** What a product is marked with. Empty: nothing. */
  mark?: (product: Product) => string;
}

export function ProductList({ products, name, saved = products, mark }: Props) {
  if (products.length === 0) {
    return null;
  }
  return (
    <>
      <p class="actions">
        <Save table={() => productTable(name, saved)} />
        {saved.length > products.length && <span class="hint">{words.value.csv.loaded(saved.length)}</span>}
      </p>
      <div class="cards">
        {products.map((p) => (
          <Card key={p.id} product={p} {...(p.similarity === undefined ? {} : { likeness: p.similarity })}>
            {mark?.(p) && <p class="proof">{mark(p)}</p>}
          </Card>
        ))}
      </div>
    </>
  );
}
