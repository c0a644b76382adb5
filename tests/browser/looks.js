// What a program can see of how a card looks: text too small, cut off, or over other text.

/** Faults of the card `root`, each a line; `least` is the smallest type in pixels as painted. */
(root, least) => {
  const SLACK = 1; // pixels: boxes are rounded
  const EDGE = 2; // pixels by which letters may touch
  const seen = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !one.closest(".cnn-hidden, .cnn-fly");
  const named = (one) => `${one.closest("svg") && one.tagName !== "svg" ? "svg " : ""}${one.tagName.toLowerCase()}${
    [...one.classList].map((name) => `.${name}`).join("")} in ${one.parentElement.closest("[class]")?.getAttribute("class")}`;
  const quoted = (text) => JSON.stringify(text.length > 30 ? `${text.slice(0, 30)}…` : text);
  const faults = [];
  const card = root.getBoundingClientRect();

  // Each piece of text as it is painted: where its letters are, and how large.
  const texts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const [text, home] = [node.data.trim(), node.parentElement];
    if (!text || !seen(home) || home.closest("style, option, title")) continue;
    range.selectNodeContents(node);
    const scale = home.closest("svg") ? Math.abs(home.getScreenCTM?.().d ?? 1) : 1;
    const size = parseFloat(getComputedStyle(home).fontSize) * scale;
    // A line is higher than its letters.
    // A range does not know of letters that `textLength` makes narrower.
    const painted = home.hasAttribute("textLength") ? [home.getBoundingClientRect()] : [...range.getClientRects()];
    const boxes = painted.filter((box) => box.width > 0).map((box) => {
      const spare = Math.max(0, (box.height - 0.75 * size) / 2);
      return { left: box.left, right: box.right, top: box.top + spare, bottom: box.bottom - spare };
    });
    if (boxes.length) texts.push({ text, home, size, boxes });
  }
  for (const field of root.querySelectorAll("input:not([type=radio], [type=checkbox], [type=range], [type=file]), select")) {
    if (seen(field)) texts.push({ text: field.value, home: field, size: parseFloat(getComputedStyle(field).fontSize), boxes: [] });
  }

  for (const { text, home, size } of texts) {
    if (size < least - 0.05) faults.push(`${size.toFixed(1)} px: ${quoted(text)}, ${named(home)}`);
  }

  // What is cut off: by the card, by a box that hides what leaves it, by the cell that a number stands in.
  const hides = (one) => {
    const { overflowX, overflowY, clipPath } = getComputedStyle(one);
    return [overflowX !== "visible" || clipPath !== "none", overflowY !== "visible" || clipPath !== "none"];
  };
  const leaves = (box, frame, x = true, y = true) => (x && (box.left < frame.left - SLACK || box.right > frame.right + SLACK))
    || (y && (box.top < frame.top - SLACK || box.bottom > frame.bottom + SLACK));
  for (const { text, home, boxes } of texts) {
    if (boxes.some((box) => leaves(box, card))) faults.push(`outside the card: ${quoted(text)}, ${named(home)}`);
    for (let one = home; one !== root; one = one.parentElement) {
      const [x, y] = hides(one);
      const scrolls = /auto|scroll/.test(getComputedStyle(one).overflow);
      if ((x || y) && !scrolls && boxes.some((box) => leaves(box, one.getBoundingClientRect(), x, y))) {
        faults.push(`cut off: ${quoted(text)}, ${named(one)}`);
        break;
      }
    }
    const cell = home.matches(".cnn-grid > rect + text") ? home.previousElementSibling.getBoundingClientRect() : null;
    if (cell && boxes.some((box) => box.left < cell.left - SLACK || box.right > cell.right + SLACK)) {
      faults.push(`wider than its cell: ${quoted(text)}, ${named(home)}`);
    }
  }
  for (const one of root.querySelectorAll("*")) {
    if (!(one instanceof HTMLElement) || !seen(one) || one.matches("input, select, canvas, img, .cnn-told")) continue;
    const { overflowX, overflowY } = getComputedStyle(one);
    if (overflowX !== "visible" && one.scrollWidth > one.clientWidth + SLACK) faults.push(`wider than it shows: ${named(one)}`);
    if (/hidden|clip/.test(overflowY) && one.scrollHeight > one.clientHeight + SLACK) faults.push(`higher than it shows: ${named(one)}`);
  }
  for (const one of root.querySelectorAll("button, input, select, canvas, img, svg, figure, [role]")) {
    const box = one.getBoundingClientRect();
    if (seen(one) && box.width && (box.left < card.left - SLACK || box.right > card.right + SLACK)) faults.push(`beyond the card: ${named(one)}`);
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth + SLACK) {
    faults.push(`the page scrolls sideways by ${document.documentElement.scrollWidth - document.documentElement.clientWidth} px`);
  }

  // Text over other text.
  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > EDGE
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > EDGE;
  texts.sort((a, b) => (a.boxes[0]?.top ?? 0) - (b.boxes[0]?.top ?? 0));
  texts.forEach((one, i) => {
    for (const other of texts.slice(i + 1)) {
      if (one.boxes.some((a) => other.boxes.some((b) => over(a, b)))) {
        faults.push(`over each other: ${quoted(one.text)}, ${named(one.home)}, and ${quoted(other.text)}, ${named(other.home)}`);
      }
    }
  });
  return [...new Set(faults)];
}
