// A photo that was given: shown if this page has it, and named by its id or address otherwise.
import { useRef, useState } from "preact/hooks";
import { imagesIn, photoPage, uploadSearch } from "../api/photo";
import { asProblem, type Problem } from "../api/problem";
import { givePhoto, photo } from "../search/state";
import { answerLanguage } from "../state/session";
import { words } from "../words/words";
import { ProblemBox } from "./problem";

/** previewOf is an address that shows the image. Empty: the page has none. */
export function previewOf(image: string): string {
  if (photo.value?.id === image && image) {
    return photo.value.preview;
  }
  return /^https?:/.test(image) ? image : "";
}

interface Props {
  /** The id or the address of the image. Empty: none. */
  image: string;
  change: (image: string) => void;
}

/** PhotoField takes a photo, sends it, and gives its id. */
export function PhotoField({ image, change }: Props) {
  const text = words.value.strategies;
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const input = useRef<HTMLInputElement>(null);
  const send = async (file: File) => {
    setSending(true);
    setProblem(undefined);
    try {
      const { imageId } = await uploadSearch(file, { page: 1, languageCode: answerLanguage.value, ...photoPage() });
      givePhoto(file, imageId);
      change(imageId);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setSending(false);
    }
  };
  const take = (files: FileList | null | undefined) => {
    const [file] = imagesIn(files);
    if (file) {
      void send(file);
    }
  };
  const preview = previewOf(image);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one of two ways to give a photo; the other takes the keyboard.
    <div
      class="photo-field"
      onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        e.preventDefault();
        take(e.dataTransfer?.files);
      }}
    >
      {preview && <img src={preview} alt={text.yourPhoto} />}
      {image && !preview && (
        <span>
          {text.photoKept} {image}
        </span>
      )}
      <label class="button">
        {text.choosePhoto}
        <input
          ref={input}
          class="visually-hidden"
          type="file"
          accept="image/*,.heic,.avif"
          disabled={sending}
          onChange={(e) => take(e.currentTarget.files)}
        />
      </label>
      {image && (
        <button type="button" onClick={() => change("")}>
          {text.removePhoto}
        </button>
      )}
      <span role="status">{sending && text.sending}</span>
      {problem && <ProblemBox problem={problem} />}
    </div>
  );
}
