/** The signs of stations on the map: the shape says the kind, the numeral the alarm's level;
 *  colour only repeats what they say. Drawn once on a canvas. */

const SIZE = 44; // at twice the density of the screen
const COLOURS = ["#1d7a8c", "#c3122f", "#d65f00", "#f5c400", "#1b6ec2"];
const INK = ["#ffffff", "#ffffff", "#ffffff", "#2b2300", "#ffffff"];
const NUMERALS = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"];

export type Shape = "drop" | "square" | "triangle" | "circle";

const shapes: Record<string, Shape> = {
  rain: "circle",
  ponding: "square",
  river: "triangle",
  reservoir: "triangle",
};

export function shapeOf(kind: string): Shape {
  return shapes[kind] ?? "drop";
}

/** "circle-0": quiet; "circle-1" … "circle-4": alarm; "circle-s": silent. */
export function signName(kind: string, severity: number, silent: boolean): string {
  return `${shapeOf(kind)}-${severity > 0 ? severity : silent ? "s" : 0}`;
}

export function drawSigns(add: (name: string, image: ImageData) => void): void {
  for (const shape of ["drop", "square", "triangle", "circle"] as const) {
    for (let level = 0; level <= 4; level++) add(`${shape}-${level}`, draw(shape, level, false));
    add(`${shape}-s`, draw(shape, 0, true));
  }
}

function draw(shape: Shape, level: number, silent: boolean): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const c = canvas.getContext("2d", { willReadFrequently: true });
  if (!c) throw new Error("no canvas");
  const reach = level > 0 ? SIZE / 2 - 3 : SIZE / 3.4;
  outline(c, shape, reach);
  c.fillStyle = silent ? "#ffffff" : (COLOURS[level] ?? "");
  c.fill();
  c.lineWidth = silent ? 4 : 3;
  c.strokeStyle = silent ? "#6b7a88" : "#ffffff";
  if (silent) c.setLineDash([5, 3]);
  c.stroke();
  if (level > 0) {
    c.fillStyle = INK[level] ?? "";
    c.font = `bold ${SIZE * 0.44}px "Noto Sans CJK SC", "Microsoft YaHei", sans-serif`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillText(NUMERALS[level] ?? "", SIZE / 2, SIZE / 2 + (shape === "triangle" ? 5 : 1));
  }
  return c.getImageData(0, 0, SIZE, SIZE);
}

function outline(c: CanvasRenderingContext2D, shape: Shape, r: number): void {
  const m = SIZE / 2;
  c.beginPath();
  if (shape === "circle") c.arc(m, m, r, 0, 7);
  else if (shape === "square") c.rect(m - r * 0.9, m - r * 0.9, r * 1.8, r * 1.8);
  else if (shape === "triangle") {
    c.moveTo(m, m - r);
    c.lineTo(m + r, m + r * 0.85);
    c.lineTo(m - r, m + r * 0.85);
    c.closePath();
  } else {
    c.moveTo(m, m - r);
    c.lineTo(m + r, m);
    c.lineTo(m, m + r);
    c.lineTo(m - r, m);
    c.closePath();
  }
}
