import js from "@eslint/js";
import globals from "globals";

// What a reader needs: names that exist, nothing unused, no function and no module too long to
// be read in one sitting. How a line is laid out is the writer's own.
const rules = {
  ...js.configs.recommended.rules,
  "max-lines": ["error", 500],
  "max-lines-per-function": ["error", 120],
  "no-unused-vars": ["error", { args: "after-used", argsIgnorePattern: "^_" }],
  "eqeqeq": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-shadow": ["error", { builtinGlobals: false }],
  "no-var": "error",
  "prefer-const": "error",
  // Text reaches the page as text: a student's label is never read as HTML.
  "no-restricted-properties": ["error",
    ...["innerHTML", "outerHTML", "insertAdjacentHTML", "write"].map((property) =>
      ({ property, message: "Set textContent, or append elements." }))],
  // Widgets work offline: a module imports its neighbours only.
  "no-restricted-imports": ["error", { patterns: [{ regex: "^(?!\\.{1,2}/)", message: "Import a neighbour." }] }],
  "no-restricted-globals": ["error",
    ...["fetch", "XMLHttpRequest", "WebSocket", "EventSource"].map((name) =>
      ({ name, message: "Nothing is fetched at run time." }))],
};

export default [
  { ignores: ["node_modules/", ".venv/", "**/build/", "**/_build/", "**/dist/", "**/vendor/"] },
  {
    files: ["cnnlib/**/*.js", "pages/*.js", "pages/stand_ins/*.js"],
    languageOptions: { sourceType: "module", ecmaVersion: 2022, globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules,
  },
  {
    files: ["tools/slides/*.js"],
    languageOptions: { sourceType: "script", ecmaVersion: 2022, globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules,
  },
  {
    files: ["tests/js/**/*.mjs", "*.config.js"],
    languageOptions: { sourceType: "module", ecmaVersion: 2022, globals: globals.node },
    rules: { ...js.configs.recommended.rules, "prefer-const": "error", "eqeqeq": "error" },
  },
];
