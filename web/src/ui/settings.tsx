// Language, appearance and the API key.
import { useRef, useState } from "preact/hooks";
import { askServer } from "../state/server";
import { apiKey, type Language, language, theme } from "../state/session";
import { words } from "../words/words";
import { QuotaFacts } from "./quota";

export function Settings() {
  const dialog = useRef<HTMLDialogElement>(null);
  const text = words.value.settings;
  return (
    <>
      <button type="button" class="plain" onClick={() => dialog.current?.showModal()}>
        {text.title}
      </button>
      <dialog ref={dialog} aria-label={text.title}>
        <h2>{text.title}</h2>
        <label>
          {text.language}
          <select
            value={language.value}
            onChange={(e) => {
              language.value = e.currentTarget.value as Language;
            }}
          >
            <option value="zh-CN">中文</option>
            <option value="en">English</option>
          </select>
        </label>
        <label>
          {text.theme}
          <select
            value={theme.value}
            onChange={(e) => {
              theme.value = e.currentTarget.value;
            }}
          >
            {Object.entries(text.themes).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Key />
        <QuotaFacts />
        <button type="button" onClick={() => dialog.current?.close()}>
          {text.close}
        </button>
      </dialog>
    </>
  );
}

function Key() {
  const [typed, setTyped] = useState("");
  const text = words.value.settings;
  const keep = (key: string) => {
    apiKey.value = key;
    setTyped("");
    void askServer();
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        keep(typed.trim());
      }}
    >
      <label>
        {text.key}
        <input
          type="password"
          autocomplete="off"
          value={typed}
          placeholder={apiKey.value ? "••••••••" : ""}
          aria-describedby="key-hint"
          onInput={(e) => setTyped(e.currentTarget.value)}
        />
      </label>
      <p id="key-hint" class="hint">
        {text.keyHint}
      </p>
      <button type="submit" disabled={!typed.trim()}>
        {text.save}
      </button>
      {apiKey.value && (
        <button type="button" onClick={() => keep("")}>
          {text.forget}
        </button>
      )}
    </form>
  );
}
