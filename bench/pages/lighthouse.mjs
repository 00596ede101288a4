// One run of Lighthouse on one page, signed in by a cookie, in a fresh browser. Prints the four scores and what fails.
//   node lighthouse.mjs '{"url": ..., "session": ..., "preset": "desktop" | "mobile", "chrome": ..., "flags": [...]}'
import { launch } from "puppeteer-core";
import lighthouse, { desktopConfig } from "lighthouse";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const { url, session, preset, chrome, flags } = JSON.parse(process.argv[2]);
const browser = await launch({ executablePath: chrome, args: flags, headless: true });
try {
  const page = await browser.newPage();
  if (session) await browser.setCookie({ name: "parley_session", value: session, domain: new URL(url).hostname, path: "/", httpOnly: true });
  const settings = { onlyCategories: CATEGORIES, disableStorageReset: true, logLevel: "error" };
  const { lhr } = await lighthouse(url, settings, preset === "desktop" ? desktopConfig : undefined, page);
  const scores = Object.fromEntries(CATEGORIES.map((name) => [name, lhr.categories[name].score]));
  const counted = CATEGORIES.slice(0, 3).flatMap((name) => lhr.categories[name].auditRefs.filter((ref) => ref.weight > 0).map((ref) => ref.id));
  const failing = [...new Set(counted)].filter((id) => (lhr.audits[id].score ?? 1) < 0.9);
  const faults = failing.map((id) => `${id}: ${lhr.audits[id].displayValue ?? lhr.audits[id].title}`);
  console.log(JSON.stringify({ scores, faults, error: lhr.runtimeError?.message ?? null, final: lhr.finalDisplayedUrl }));
} finally {
  await browser.close();
}
