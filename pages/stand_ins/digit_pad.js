// What answers for Python on a page with a DigitPad: the drawing in MNIST's manner, and the network's
// layers one after the other, as cnnlib computes them. Tests hold both against cnnlib.

const [SIDE, FIELD, BOX] = [140, 28, 20];

/** @typedef {{ shape: number[], data: Float32Array }} Maps channels, rows, columns; or one axis */
/** @typedef {{ type: string, shape?: number[], padding?: number[], size?: number[], slope?: number, mean?: number,
 *   std?: number, weight?: DataView, bias?: DataView | null }} Layer */

const floats = (/** @type {DataView} */ view) => new Float32Array(view.buffer, view.byteOffset, view.byteLength / 4);

/** To the nearest whole number, halves to the even one, as Python rounds. @param {number} x */
function round(x) {
  const low = Math.floor(x);
  return x - low === 0.5 ? low + (low % 2) : Math.floor(x + 0.5);
}

/**
 * The shares that `wanted` equal parts of `size` pixels have of each pixel: rows of a matrix.
 * @param {number} size @param {number} wanted
 */
function areaMeans(size, wanted) {
  return Array.from({ length: wanted }, (_, k) => {
    const [left, right] = [(k * size) / wanted, ((k + 1) * size) / wanted];
    return Array.from({ length: size }, (_unused, j) =>
      (Math.max(Math.min(right, j + 1) - Math.max(left, j), 0) * wanted) / size);
  });
}

/**
 * A drawing as an image in MNIST's manner: widget.py's as_mnist.
 * @param {Uint8Array} ink of SIDE × SIDE pixels
 */
export function asMnist(ink) {
  const field = new Uint8Array(FIELD * FIELD);
  const all = [...Array(SIDE).keys()];
  const rows = all.filter((r) => all.some((c) => ink[r * SIDE + c]));
  const cols = all.filter((c) => all.some((r) => ink[r * SIDE + c]));
  if (!rows.length) return field;
  const [top, left] = [rows[0], cols[0]];
  const sizes = [rows[rows.length - 1] - top + 1, cols[cols.length - 1] - left + 1];
  const [high, wide] = sizes.map((n) => Math.max(1, round((BOX * n) / Math.max(...sizes))));
  const [down, across] = [areaMeans(sizes[0], high), areaMeans(sizes[1], wide)];
  const half = down.map((shares) => Array.from({ length: sizes[1] }, (_, c) =>
    shares.reduce((sum, share, r) => sum + share * ink[(top + r) * SIDE + left + c], 0)));
  const digit = half.map((line) => across.map((shares) =>
    Math.ceil(shares.reduce((sum, share, c) => sum + share * line[c], 0) - 1e-9)));
  const sum = (/** @type {number[]} */ values) => values.reduce((total, value) => total + value, 0);
  const whole = sum(digit.map(sum));
  const place = (/** @type {number[]} */ mass) => Math.min(Math.max(
    round(FIELD / 2 - sum(mass.map((value, k) => k * value)) / whole), 0), FIELD - mass.length);
  const [y, x] = [place(digit.map(sum)), place(digit[0].map((_, c) => sum(digit.map((line) => line[c]))))];
  digit.forEach((line, r) => line.forEach((value, c) => { field[(y + r) * FIELD + x + c] = value; }));
  return field;
}

/** @type {Record<string, (x: Maps, layer: Layer) => Maps>} */
const LAYERS = {
  Normalize: (x, { mean = 0, std = 1 }) => ({ shape: [1, ...x.shape], data: x.data.map((value) => (value - mean) / std) }),
  ReLU: (x) => each(x, (value) => Math.max(value, 0)),
  LeakyReLU: (x, { slope = 0 }) => each(x, (value) => (value > 0 ? value : slope * value)),
  Sigmoid: (x) => each(x, (value) => 1 / (1 + Math.exp(-value))),
  Tanh: (x) => each(x, Math.tanh),
  Flatten: (x) => ({ shape: [x.data.length], data: x.data }),
  Linear(x, layer) {
    const [weight, bias] = parameters(layer);
    const [outputs, inputs] = layer.shape ?? [];
    const data = Float32Array.from({ length: outputs }, (_, o) => {
      let total = bias?.[o] ?? 0;
      for (let i = 0; i < inputs; i += 1) total += weight[o * inputs + i] * x.data[i];
      return total;
    });
    return { shape: [outputs], data };
  },
  Conv2d(x, layer) {
    const [weight, bias] = parameters(layer);
    const [filters, channels, kh, kw] = layer.shape ?? [];
    const [above, before] = layer.padding ?? [0, 0];
    const [, rows, cols] = x.shape;
    const [high, wide] = [rows + 2 * above - kh + 1, cols + 2 * before - kw + 1];
    const data = new Float32Array(filters * high * wide);
    for (let f = 0, at = 0; f < filters; f += 1) {
      for (let i = 0; i < high; i += 1) {
        for (let j = 0; j < wide; j += 1, at += 1) {
          let total = bias?.[f] ?? 0;
          for (let c = 0; c < channels; c += 1) {
            for (let a = Math.max(0, above - i); a < Math.min(kh, rows + above - i); a += 1) {
              const [from, line] = [((f * channels + c) * kh + a) * kw, (c * rows + i + a - above) * cols - before + j];
              for (let b = Math.max(0, before - j); b < Math.min(kw, cols + before - j); b += 1) {
                total += weight[from + b] * x.data[line + b];
              }
            }
          }
          data[at] = total;
        }
      }
    }
    return { shape: [filters, high, wide], data };
  },
  MaxPool2d(x, layer) {
    const [[channels, rows, cols], [kh, kw]] = [x.shape, layer.size ?? [1, 1]];
    const [high, wide] = [Math.floor(rows / kh), Math.floor(cols / kw)];
    const data = new Float32Array(channels * high * wide).fill(-Infinity);
    for (let c = 0; c < channels; c += 1) {
      for (let i = 0; i < high * kh; i += 1) {
        for (let j = 0; j < wide * kw; j += 1) {
          const to = (c * high + Math.floor(i / kh)) * wide + Math.floor(j / kw);
          data[to] = Math.max(data[to], x.data[(c * rows + i) * cols + j]);
        }
      }
    }
    return { shape: [channels, high, wide], data };
  },
};

/** @param {Maps} x @param {(value: number) => number} make @returns {Maps} */
const each = (x, make) => ({ shape: x.shape, data: x.data.map(make) });

/** @param {Layer} layer @returns {[Float32Array, Float32Array | null]} */
const parameters = ({ weight, bias }) => [floats(/** @type {DataView} */ (weight)), bias ? floats(bias) : null];

/**
 * What a network makes of an image: the maps of its stages and what each is computed from, and the probabilities.
 * @param {Layer[]} layers @param {Uint8Array} image
 */
export function look(layers, image) {
  const following = new Set(["ReLU", "LeakyReLU", "Sigmoid", "Tanh"]);
  /** @type {Maps[]} */
  const stages = [];
  /** @type {Maps[]} */
  const sources = [];
  let x = /** @type {Maps} */ ({ shape: [FIELD, FIELD], data: Float32Array.from(image) });
  let inStage = false; // a convolution and the activation functions behind it
  for (const layer of layers) {
    if (layer.type === "Conv2d") sources.push(x);
    x = LAYERS[layer.type](x, layer);
    if (layer.type === "Conv2d") stages.push(x);
    else if (inStage && following.has(layer.type)) stages[stages.length - 1] = x;
    inStage = layer.type === "Conv2d" || (inStage && following.has(layer.type));
  }
  const most = Math.max(...x.data);
  const shares = x.data.map((value) => Math.exp(value - most));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return { maps: stages, sources, probabilities: shares.map((share) => share / total) };
}

/** All numbers, one after the other. @param {Maps[]} list */
function joined(list) {
  const all = new Float32Array(list.reduce((sum, { data }) => sum + data.length, 0));
  list.reduce((at, { data }) => { all.set(data, at); return at + data.length; }, 0);
  return all;
}

/** @param {any} model @param {Layer[] | null} layers */
function standIn(model, layers) {
  if (!layers) return {}; // the pad says that nobody answers
  return {
    saved(/** @type {string[]} */ names) {
      if (!names.includes("_asked")) return;
      const ink = model.get("_drawing");
      const image = asMnist(new Uint8Array(ink.buffer, ink.byteOffset, ink.byteLength));
      const { maps, sources, probabilities } = look(layers, image);
      model.set("_image", new DataView(image.buffer));
      model.set("_probabilities", new DataView(probabilities.buffer));
      model.set("_sources", new DataView(joined(sources).buffer));
      model.set("_maps", new DataView(joined(maps).buffer));
      model.set("_answered", model.get("_asked"));
    },
  };
}

export default { standIn };
