// Pictures and the video of a product.
import { useState } from "preact/hooks";
import { headers, type Schemas } from "../api/client";
import { asProblem, type Problem, problemOf } from "../api/problem";
import { saveFile } from "../ui/file";
import { GoodsPicture } from "../ui/goodspicture";
import { ProblemBox } from "../ui/problem";
import { words } from "../words/words";

/** SaveAll saves all pictures as one file. A plain link could not send an API key. */
function SaveAll({ id }: { id: string }) {
  const text = words.value.detail;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = await fetch(`/v1/products/${encodeURIComponent(id)}/pictures.zip`, { headers: headers() });
      if (!answer.ok) {
        throw problemOf(answer.status, await answer.json().catch(() => undefined));
      }
      saveFile(await answer.blob(), `${id}.zip`);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <p>
        <button type="button" disabled={busy} onClick={() => void save()}>
          {busy ? words.value.loading : text.saveAll}
        </button>
      </p>
      {problem && <ProblemBox problem={problem} retry={() => void save()} />}
    </>
  );
}

export function Gallery({ product, title }: { product: Schemas["ProductDetail"]; title: string }) {
  const text = words.value.detail;
  const [chosen, setChosen] = useState(0);
  const main = product.summary?.imageUrl;
  const pictures = [...new Set([...(main ? [main] : []), ...product.imageUrls])];
  const shown = pictures[chosen] ?? pictures[0];
  return (
    <div class="gallery">
      <GoodsPicture key={shown} url={shown} size={480} alt={title} class="large" />
      {pictures.length > 1 && (
        <ul class="thumbs" aria-label={text.pictures}>
          {pictures.map((url, i) => (
            <li key={url}>
              <button
                type="button"
                aria-label={text.picture(i + 1, pictures.length)}
                aria-pressed={shown === url}
                onClick={() => setChosen(i)}
              >
                <img src={url} alt="" width="64" height="64" loading="lazy" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {pictures.length > 0 && product.summary && <SaveAll id={product.summary.id} />}
      {product.videoUrl && <Video url={product.videoUrl} poster={main} />}
    </div>
  );
}

/** videoOrigins are from where the server lets the page load videos: its policy blocks all others. */
function videoOrigins(): string[] {
  const meta = document.querySelector<HTMLMetaElement>("meta[name=video-origins]");
  return (meta?.content ?? "").split(" ").filter(Boolean);
}

/** Video plays a video. One that the page may not load, or that does not play, gets a link instead. */
function Video({ url, poster }: { url: string; poster: string | undefined }) {
  const text = words.value.detail;
  const [broken, setBroken] = useState(false);
  const from = URL.canParse(url) ? new URL(url) : undefined;
  if (!from || !/^https?:$/.test(from.protocol)) {
    return null;
  }
  if (broken || !videoOrigins().includes(from.origin)) {
    return (
      <p>
        <a href={url} target="_blank" rel="noreferrer">
          {text.videoElsewhere} {from.host}
        </a>
      </p>
    );
  }
  return (
    <video
      onError={() => setBroken(true)}
      src={url}
      controls
      playsInline
      preload="none"
      aria-label={text.video}
      {...(poster ? { poster } : {})}
    />
  );
}
