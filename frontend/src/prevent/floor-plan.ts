/** Outlining an area on a floor plan, by mouse, finger or keyboard. The corners are parts of the
 *  picture's width and height and stand in the form's text field, which also works by itself. */

import { button, el } from "../dom";
import { t } from "../i18n";
import type { Mount } from "../main";

type Corner = [number, number];
const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.005;
const ARROWS: Record<string, Corner> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

export const mount: Mount = (form) => {
  const select = form.querySelector("select") as HTMLSelectElement;
  const text = form.querySelector("textarea") as HTMLTextAreaElement;
  const place = form.querySelector(".drawing") as HTMLElement;
  const drawing = new Drawing(form.dataset, (corners) => (text.value = JSON.stringify(corners)));
  place.append(drawing.element, drawing.buttons);
  place.hidden = false;
  select.addEventListener("change", () => {
    const chosen = select.selectedOptions[0];
    text.value = chosen?.dataset.corners || "";
    drawing.show(read(text.value), chosen?.dataset.grade ?? "", Boolean(select.value));
  });
  text.addEventListener("change", () => drawing.show(read(text.value), drawing.grade, Boolean(select.value)));
};

function read(text: string): Corner[] {
  try {
    const found: unknown = JSON.parse(text || "[]");
    const isCorner = (one: unknown): one is Corner =>
      Array.isArray(one) && one.length === 2 && one.every((part) => typeof part === "number");
    return Array.isArray(found) ? found.filter(isCorner) : [];
  } catch {
    return [];
  }
}

/** Where a new corner goes so that no sides cross: into the side that it is nearest to. */
function nearestSide(corners: Corner[], to: Corner): number {
  if (corners.length < 3) return corners.length;
  const distances = corners.map((from, index) => distance(from, corners[(index + 1) % corners.length] ?? from, to));
  return distances.indexOf(Math.min(...distances)) + 1;
}

function distance([ax, ay]: Corner, [bx, by]: Corner, [x, y]: Corner): number {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const along = length ? Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
  return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
}

class Drawing {
  readonly element = document.createElementNS(SVG, "svg");
  readonly buttons = el("div", "actions");
  grade = "";
  private readonly shape = document.createElementNS(SVG, "polygon");
  private readonly handles = document.createElementNS(SVG, "g");
  private readonly width: number;
  private readonly height: number;
  private corners: Corner[] = [];
  private ready = false;

  constructor(
    data: DOMStringMap,
    private readonly tell: (corners: Corner[]) => void,
  ) {
    this.width = Number(data.width);
    this.height = Number(data.height);
    this.element.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    const picture = document.createElementNS(SVG, "image");
    picture.setAttribute("href", data.picture ?? "");
    picture.setAttribute("width", String(this.width));
    picture.setAttribute("height", String(this.height));
    this.element.append(picture, this.shape, this.handles);
    this.element.addEventListener("click", (event) => this.clicked(event));
    const hint = el("span", "help", t("Choose an area first."));
    this.buttons.append(
      button(t("Add a corner"), "small", () => this.add(this.middle())),
      button(t("Remove the last corner"), "small", () => this.remove(this.corners.length - 1)),
      hint,
    );
    this.show([], "", false);
  }

  show(corners: Corner[], grade: string, ready: boolean): void {
    this.corners = corners;
    this.grade = grade;
    this.ready = ready;
    this.element.setAttribute("class", grade ? `sev-${grade}` : "sev-none");
    for (const one of this.buttons.querySelectorAll("button")) one.disabled = !ready;
    (this.buttons.lastElementChild as HTMLElement).hidden = ready;
    this.draw();
  }

  private clicked(event: MouseEvent): void {
    if (!this.ready || (event.target as Element).closest(".corner")) return;
    this.add(this.where(event));
  }

  private add(corner: Corner): void {
    const index = nearestSide(this.corners, corner);
    this.corners.splice(index, 0, corner);
    this.changed(index);
  }

  private remove(index: number): void {
    if (index < 0) return;
    this.corners.splice(index, 1);
    this.changed(Math.min(index, this.corners.length - 1));
  }

  private move(index: number, to: Corner): void {
    this.corners[index] = to.map((part) => Math.min(1, Math.max(0, Number(part.toFixed(4))))) as Corner;
    this.changed(index);
  }

  private changed(focused: number): void {
    this.tell(this.corners);
    this.draw();
    (this.handles.children[focused] as SVGElement | undefined)?.focus();
  }

  private draw(): void {
    const size = Math.max(this.width, this.height) / 90;
    this.shape.setAttribute("points", this.corners.map(([x, y]) => `${x * this.width},${y * this.height}`).join(" "));
    // Handles stay the same elements while one is dragged, or the pointer would lose it.
    while (this.handles.children.length > this.corners.length) this.handles.lastElementChild?.remove();
    while (this.handles.children.length < this.corners.length) this.handles.append(this.handle(this.handles.children.length));
    this.corners.forEach(([x, y], index) => {
      const handle = this.handles.children[index] as SVGElement;
      handle.setAttribute("cx", String(x * this.width));
      handle.setAttribute("cy", String(y * this.height));
      handle.setAttribute("r", String(size));
      handle.setAttribute("aria-label", t("Corner {n} of {all}", { n: index + 1, all: this.corners.length }));
    });
  }

  private handle(index: number): SVGElement {
    const handle = document.createElementNS(SVG, "circle");
    handle.setAttribute("class", "corner");
    handle.setAttribute("tabindex", "0");
    handle.setAttribute("role", "button");
    handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
    handle.addEventListener("pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) this.move(index, this.where(event));
    });
    handle.addEventListener("keydown", (event) => {
      const by = ARROWS[event.key];
      const at = this.corners[index];
      if (by && at) this.move(index, [at[0] + by[0], at[1] + by[1]]);
      else if (event.key === "Delete" || event.key === "Backspace") this.remove(index);
      else return;
      event.preventDefault();
    });
    return handle;
  }

  private middle(): Corner {
    const last = this.corners[this.corners.length - 1];
    return last ? [Math.min(1, last[0] + 0.1), last[1]] : [0.5, 0.5];
  }

  private where(event: MouseEvent): Corner {
    const box = this.element.getBoundingClientRect();
    const part = (value: number): number => Math.min(1, Math.max(0, Number(value.toFixed(4))));
    return [part((event.clientX - box.left) / box.width), part((event.clientY - box.top) / box.height)];
  }
}
