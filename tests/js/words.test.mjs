// How words are found: by key and language, with what stands at their places, and one form for each count.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { grouped, inWords, knownName, language, speak, t, teach, told } from "../../cnnlib/widgets/shared/words.js";
import { element } from "./element.mjs";

teach({ en: { "a.rows": { one: "{count} row", other: "{count} rows" }, "a.at": "{r}, {c}", "b.name_edge": "edge", "b.name_dot": "dot" },
  fr: { "a.rows": { one: "{count} ligne", other: "{count} lignes" }, "a.at": "à {c}, {r}", "b.name_edge": "bord", "b.name_dot": "point" } });
teach({ en: { "a.more": "more" }, fr: { "a.more": "plus", "a.many": { other: "{count} fois" } } });
afterEach(() => { delete globalThis.document; speak("en"); });

test("what is taught later is added", () => {
  assert.deepEqual([t("a.more"), t("a.at", { r: 1, c: 2 })], ["more", "1, 2"]);
  speak("fr");
  assert.deepEqual([t("a.more"), t("a.at", { r: 1, c: 2 })], ["plus", "à 2, 1"], "in the order of the language");
});

test("a count has the form that its language gives it", () => {
  const counted = () => [0, 1, 2].map((count) => t("a.rows", { count }));
  assert.deepEqual(counted(), ["0 rows", "1 row", "2 rows"]);
  speak("fr");
  assert.deepEqual(counted(), ["0 ligne", "1 ligne", "2 lignes"]);
  assert.equal(t("a.many", { count: 1 }), "1 fois", "a form that is not there is the other one");
  speak("en");
  assert.deepEqual(counted(), ["0 rows", "1 row", "2 rows"], "rules are kept by language");
});

test("a text comes in pieces, so that elements can stand at its places", () => {
  const chip = element();
  assert.deepEqual(told("a.at", { r: chip, c: "x" }), [chip, ", ", "x"]);
  assert.deepEqual(told("a.more"), ["more"]);
});

test("the language is the one asked for, else the page's, else English", () => {
  const spoken = (wanted, page) => {
    globalThis.document = { documentElement: { lang: page } };
    speak(wanted);
    return language();
  };
  assert.deepEqual([spoken("fr", "en"), spoken("", "fr-CA"), spoken(undefined, "FR_fr"), spoken("FR", ""), spoken("", ""), spoken("nl", "fr"), spoken("", "nl")],
    ["fr", "fr", "fr", "fr", "en", "en", "en"]);
});

test("a name that Python gives in English is said in the language spoken, if it is known", () => {
  speak("fr");
  assert.deepEqual([knownName("b.name_", "dot"), knownName("b.name_", "mine"), knownName("a.", "dot")], ["point", "mine", "dot"]);
});

test("thousands are apart by a comma in English, else by a narrow space", () => {
  assert.deepEqual([1234567, 999].map(grouped), ["1,234,567", "999"]);
  speak("fr");
  assert.equal(grouped(1234567), "1\u202f234\u202f567");
});

test("a view is drawn anew in another language, once the last one has ended", () => {
  const [el, seen, heard] = [element(), [], {}];
  let wanted = "fr";
  const model = { get: (name) => (name === "_language" ? wanted : null), on: (event, handle) => { heard[event] = handle; },
    off: (event, handle) => { assert.equal(heard[event], handle); delete heard[event]; } };
  const render = inWords(({ el: root }) => {
    root.append(`in ${language()}`);
    seen.push(language());
    return () => seen.push("end");
  });
  const end = render({ model, el });
  wanted = "en";
  heard["change:_language"]();
  assert.deepEqual([el.childNodes, seen], [["in en"], ["fr", "end", "en"]]);
  end();
  assert.deepEqual([heard, seen], [{}, ["fr", "end", "en", "end"]]);
  assert.deepEqual(el.childNodes, [], "nothing is left in what the page may keep");
});
