// A list of products as cards, with the button that saves it as a file.
import type { Product } from "../api/client";
import { words } from "../words/words";
import { Card } from "./card";
import { productRows, saveCsv } from "./csv";

export function ProductList({ products, name }: { products: Product[]; name: string }) {
  if (products.length === 0) {
    return null;
  }
  return (
    <>
      <p class="actions">
        <SaveList products={products} name={name} />
      </p>
      <div class="cards">
        {products.map((p) => (
          <Card key={p.id} product={p} {...(p.similarity === undefined ? {} : { likeness: p.similarity })} />
        ))}
      </div>
    </>
  );
}

export function SaveList({ products, name }: { products: Product[]; name: string }) {
  return (
    <button type="button" onClick={() => saveCsv(name, productRows(products))}>
      {words.value.csv.save}
    </button>
  );
}
