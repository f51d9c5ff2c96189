// Pictures and the video of a product.
import { useState } from "preact/hooks";
import type { Schemas } from "../api/client";
import { words } from "../words/words";

export function Gallery({ product, title }: { product: Schemas["ProductDetail"]; title: string }) {
  const text = words.value.detail;
  // The page may load videos from the hosts of pictures only. A video elsewhere gets a link.
  const [broken, setBroken] = useState(false);
  const [chosen, setChosen] = useState(0);
  const main = product.summary?.imageUrl;
  const pictures = [...new Set([...(main ? [main] : []), ...product.imageUrls])];
  const shown = pictures[chosen] ?? pictures[0];
  return (
    <div class="gallery">
      {shown ? (
        <img class="large" src={shown} alt={title} width="480" height="480" />
      ) : (
        <div class="no-picture">{words.value.product.noPicture}</div>
      )}
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
      {product.videoUrl && broken && (
        <p>
          <a href={product.videoUrl} target="_blank" rel="noreferrer">
            {text.video}
          </a>
        </p>
      )}
      {product.videoUrl && !broken && (
        <video
          onError={() => setBroken(true)}
          src={product.videoUrl}
          controls
          preload="none"
          aria-label={text.video}
          {...(main ? { poster: main } : {})}
        />
      )}
    </div>
  );
}
