/** What several screens of the phone are made of. */

import { el } from "../dom";
import { t } from "../i18n";

export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons ?? ""}#${name}`);
  svg.append(use);
  return svg;
}

/** A row of a list that opens something: all of it is the target. */
export function row(href: string, title: string, facts: string[], chips: HTMLElement[]): HTMLElement {
  const link = document.createElement("a");
  link.className = "phone-row";
  link.href = href;
  link.append(el("span", "work-title", title));
  if (chips.length) link.append(el("span", "chips", "", ...chips));
  for (const fact of facts.filter(Boolean)) link.append(el("span", "soft small", fact));
  return el("li", "", "", link);
}

/** In place of a form that another page of ours is filling in. */
export function elsewhere(): string {
  return t("This is being filled in on another page of this phone. Go on there, or close it: then it goes on here.");
}

export function chip(text: string, className = ""): HTMLElement {
  return el("span", `chip ${className}`, text);
}

export function fact(name: string, ...values: (string | HTMLElement)[]): HTMLElement[] {
  const shown = values.filter(Boolean);
  if (!shown.length) return [];
  const dd = el("dd");
  shown.forEach((value, n) => dd.append(...(n ? [el("br"), value] : [value])));
  return [el("dt", "", name), dd];
}

export function facts(...rows: HTMLElement[][]): HTMLElement {
  return el("dl", "facts", "", ...rows.flat());
}

export function card(title: string, ...children: Node[]): HTMLElement {
  return el("section", "card", "", ...(title ? [el("h2", "", title)] : []), ...children);
}

export function empty(strong: string, why = ""): HTMLElement {
  return el("div", "empty", "", el("strong", "", strong), ...(why ? [el("span", "", why)] : []));
}

export function heading(title: string, back = ""): HTMLElement {
  const head = el("header", "phone-title");
  if (back) {
    const link = document.createElement("a");
    link.href = back;
    link.className = "button";
    link.textContent = t("Back");
    head.append(link);
  }
  head.append(el("h1", "", title));
  return head;
}

/** A labelled field with its input. */
export function field(label: string, input: HTMLElement, required = false): HTMLElement {
  const name = document.createElement("label");
  name.textContent = label;
  if (required) name.className = "required";
  name.htmlFor = input.id ||= `field-${label}`;
  return el("div", "field", "", name, input);
}

export function tick(
  label: (string | Node)[],
  checked: boolean,
  set: (on: boolean) => void,
): HTMLElement {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = checked;
  box.addEventListener("change", () => set(box.checked));
  const name = el("label", "check");
  name.append(box, ...label);
  return name;
}

export function textarea(id: string, value: string, most: number): HTMLTextAreaElement {
  const area = document.createElement("textarea");
  area.id = area.name = id;
  area.maxLength = most;
  area.rows = 3;
  area.value = value;
  return area;
}

/** A button that opens the camera or the files, as large as a thumb. */
export function picker(text: string, name: string, accept: string, camera: boolean): HTMLElement {
  const input = document.createElement("input");
  input.type = "file";
  input.name = name;
  input.accept = accept;
  input.className = "visually-hidden";
  if (camera) input.setAttribute("capture", "environment");
  else input.multiple = true;
  const label = document.createElement("label");
  label.className = `button photo-button ${camera ? "big" : ""}`;
  if (camera) label.append(icon("camera"));
  label.append(text, input);
  return label;
}

export function part(tag: string, name: string, className = "", text = ""): HTMLElement {
  const element = el(tag, className, text);
  element.dataset.part = name;
  return element;
}
