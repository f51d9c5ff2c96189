// Searches to begin with, for who does not know yet what to type.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { asProblem, type Problem, unwrap } from "../api/problem";
import { addressOf } from "../state/route";
import { sandbox } from "../state/server";
import { answerLanguage } from "../state/session";
import { ProblemBox } from "../ui/problem";
import { colon } from "../words/marks";
import { words } from "../words/words";
import { givePicture } from "./state";

export function Examples() {
  const text = words.value.search;
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  /** The picture is that of the first product that the first words find. */
  const searchPicture = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const [keyword = ""] = text.exampleWords;
      const body = { keyword, pageSize: 1, languageCode: answerLanguage.value };
      const { products } = unwrap(await api.POST("/v1/products:keywordSearch", { body }));
      if (products[0]?.imageUrl) {
        givePicture(products[0].imageUrl);
      }
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="examples">
      {text.examples + colon()}
      {text.exampleWords.map((keyword) => (
        <a key={keyword} class="button" href={addressOf(["search"], { keyword })}>
          {keyword}
        </a>
      ))}
      {sandbox.value && (
        <button type="button" disabled={busy} onClick={() => void searchPicture()}>
          {text.examplePhoto}
        </button>
      )}
      {problem && <ProblemBox problem={problem} retry={() => void searchPicture()} />}
    </div>
  );
}
