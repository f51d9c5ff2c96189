// What the page remembers: the language and the look for good, the key until the tab is closed.
import { computed, effect, signal } from "@preact/signals";

export type Language = "en" | "zh-CN";

/** The key is a secret: it is kept for this tab only and never written to the address. */
export const apiKey = signal(sessionStorage.getItem("apiKey") ?? "");
export const language = signal<Language>(rememberedLanguage());
/** The language that titles and attributes are asked for in. */
export const answerLanguage = computed(() => (language.value === "en" ? "en" : "zh"));
/** Empty: as the device is set. */
export const theme = signal(localStorage.getItem("theme") ?? "");

function rememberedLanguage(): Language {
  const kept = localStorage.getItem("language");
  if (kept === "en" || kept === "zh-CN") {
    return kept;
  }
  return navigator.languages.some((l) => l.startsWith("zh")) ? "zh-CN" : "en";
}

effect(() => {
  if (apiKey.value) {
    sessionStorage.setItem("apiKey", apiKey.value);
  } else {
    sessionStorage.removeItem("apiKey");
  }
});

effect(() => {
  localStorage.setItem("language", language.value);
  document.documentElement.lang = language.value;
});

effect(() => {
  localStorage.setItem("theme", theme.value);
  document.documentElement.dataset.theme = theme.value;
});

/** translated is the text in the language of the page, where there is one. */
export function translated(chinese: string, other: string | undefined): string {
  return (language.value === "en" && other) || chinese;
}
