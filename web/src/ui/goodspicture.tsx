// A picture of goods. One that is missing, or that does not load, is said to be missing.
import { useState } from "preact/hooks";
import { words } from "../words/words";

interface Props {
  url: string | undefined;
  /** Its width and height in pixels, which the page reserves for it. */
  size: number;
  /** What it shows, for who cannot see it. Empty: the text beside it says so. */
  alt?: string;
  class?: string;
}

export function GoodsPicture({ url, size, alt = "", class: name = "" }: Props) {
  const [broken, setBroken] = useState("");
  const small = size < 100;
  if (!url || broken === url) {
    return (
      <span class={`no-picture ${small ? "small" : ""} ${name}`}>
        {small ? <span class="visually-hidden">{words.value.product.noPicture}</span> : words.value.product.noPicture}
      </span>
    );
  }
  return (
    <img
      class={small ? `small ${name}` : name}
      src={url}
      alt={alt}
      width={size}
      height={size}
      loading="lazy"
      onError={() => setBroken(url)}
    />
  );
}
