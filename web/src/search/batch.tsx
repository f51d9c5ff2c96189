// Several photos, with progress and what was found for each.
import { Card } from "../ui/card";
import { ProblemBox } from "../ui/problem";
import { Save } from "../ui/save";
import { productColumns, type Table, tableOf } from "../ui/table";
import { WatchLink } from "../watches/link";
import { words } from "../words/words";
import { type Batch, type BatchItem, closeBatch, stopBatch } from "./batchstate";
import { givePhoto } from "./state";

export function BatchResults({ batch }: { batch: Batch }) {
  const text = words.value.photos;
  const done = batch.items.filter((i) => i.response || i.problem).length;
  const failed = batch.items.filter((i) => i.problem).length;
  const said = [
    text.progress(done, batch.items.length),
    failed > 0 && text.failed(failed),
    text.calls(batch.upstreamCalls),
  ];
  return (
    <section aria-busy={batch.running}>
      <h2>{text.batch(batch.items.length)}</h2>
      <p class="actions">
        <progress value={done} max={batch.items.length} aria-label={text.progress(done, batch.items.length)} />
        <span role="status">{said.filter(Boolean).join(" · ")}</span>
        {batch.running && (
          <button type="button" onClick={stopBatch}>
            {text.stop}
          </button>
        )}
        <button type="button" onClick={closeBatch}>
          {text.close}
        </button>
        {done > 0 && <Save table={() => tableOfPhotos(batch)} />}
      </p>
      {batch.items.map((item) => (
        <Item key={item.preview} item={item} />
      ))}
    </section>
  );
}

function Item({ item }: { item: BatchItem }) {
  const text = words.value.photos;
  const { response, problem } = item;
  const only = () => {
    givePhoto(item.file, response?.imageId);
    closeBatch();
  };
  return (
    <section class="batch-item" aria-label={item.file.name}>
      <div>
        <img src={item.preview} alt={words.value.search.yourPhoto} />
        <p class="facts">{item.file.name}</p>
        <button type="button" onClick={only}>
          {text.only}
        </button>
        {response?.imageId && (
          <WatchLink button query={{ image: response.imageId }} text={words.value.watches.watchPhoto} />
        )}
      </div>
      <div>
        {!response && !problem && <p class="hint">{text.waiting}</p>}
        {problem && <ProblemBox problem={problem} />}
        {response?.products.length === 0 && <p>{text.nothing}</p>}
        <div class="cards row">
          {response?.products.map((p) => (
            <Card key={p.id} product={p} />
          ))}
        </div>
      </div>
    </section>
  );
}

function tableOfPhotos(batch: Batch): Table {
  const rows = batch.items.flatMap(({ file, response }) =>
    (response?.products ?? []).map((product) => ({ file, product })),
  );
  return tableOf(
    "photos",
    [
      { kind: "text", title: words.value.csv.photo, of: (r) => r.file.name },
      ...productColumns<(typeof rows)[number]>((r) => r.product),
    ],
    rows,
  );
}
