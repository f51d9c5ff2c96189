// The browser that the page is tested and measured in: Debian's Chromium, which loads nothing by itself.
import { chromium } from "playwright-core";

export const desk = { viewport: { width: 1280, height: 900 }, locale: "en" };

/** launch starts the browser. */
export function launch() {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}
