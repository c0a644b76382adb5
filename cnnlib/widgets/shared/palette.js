// The colours of figures.py. Written by python -m cnnlib.widgets.joiner; a test holds the two equal.

export const PALETTE = {
  light: {
    surface: "#ffffff",
    panel: "#f5f7fb",
    line: "#d5dbe6",
    control: "#7a8496",
    ink: "#151d2b",
    muted: "#566073",
    window: "#0d1420",
    alert: "#a8201a",
    input: "#2a68d8",
    input_zero: "#edf3fd",
    weight: "#c94a1b",
    weight_zero: "#fceee7",
    output: "#15835a",
    output_zero: "#e8f5ef",
    negative: "#7a45b8",
    theta: ["#c94a1b", "#95710a", "#a3366f", "#3b7d8c", "#6a7a1f", "#7a5a3c", "#5b5fa8"],
  },
  dark: {
    surface: "#12171e",
    panel: "#1b222c",
    line: "#343d4b",
    control: "#7d899b",
    ink: "#e9edf5",
    muted: "#a3adbd",
    window: "#ffffff",
    alert: "#ff9d94",
    input: "#6ea3ff",
    input_zero: "#1a2538",
    weight: "#ff8b5c",
    weight_zero: "#33241d",
    output: "#4fd19c",
    output_zero: "#16302a",
    negative: "#b692ff",
    theta: ["#ff8b5c", "#e3b93f", "#f287b7", "#6fc3d3", "#b5cc5a", "#c9a583", "#a4a8f0"],
  },
};

/** What is left of a colour's strength outside of the window. */
export const UNFOCUSED = 0.4;
