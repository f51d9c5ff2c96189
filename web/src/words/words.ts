// The texts in the chosen language.
import { computed } from "@preact/signals";
import { language } from "../state/session";
import { en, type Words } from "./en";
import { zh } from "./zh";

export const words = computed<Words>(() => (language.value === "zh-CN" ? zh : en));
