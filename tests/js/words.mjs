// The words of the widgets, taught as joiner.py does: import this where a test reads what they say.

import { readFileSync } from "node:fs";

import { teach } from "../../cnnlib/widgets/shared/words.js";

export const tables = Object.fromEntries(["en", "de", "es", "fr"].map((code) =>
  [code, JSON.parse(readFileSync(new URL(`../../cnnlib/words/${code}.json`, import.meta.url), "utf8"))]));
teach(tables);
