/** One's tasks as they were taken along, with what was done on this phone since. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { newDraft } from "../work/draft";
import { ProofForm } from "../work/proof";
import { flush, keep, sendUnkept, tellUnsent } from "../work/send";
import type { Draft, Kept } from "../work/store";
import { card, chip, empty, fact, facts, field, heading, icon, part, picker, row, textarea } from "./parts";
import { mine, moment, onChange, pending, state, type Plan, type Task } from "./state";
import { plansDone } from "./visits";

/** Where a task stands for its doer: what the server said, then what this phone did. */
export function standing(task: Task, all: Draft[]): { code: string; label: string } {
  const moves = pending(all, `work/${task.id}`).map((draft) => draft.move);
  const plan = state.parts.plans.find((one) => one.item === task.id);
  const visited = plan !== undefined && plansDone(all, plan.enterprise).has(task.id);
  if (visited || moves.includes("submit")) return { code: "SENT", label: t("Handed in on this phone") };
  if (moves.includes("accept")) return { code: "DOING", label: t("Accepted on this phone") };
  return { code: task.state, label: task.state_label };
}

function due(task: Task): HTMLElement[] {
  if (!task.due_at) return [];
  const late = Date.parse(task.due_at) < Date.now();
  return [chip(t("until {time}", { time: moment(task.due_at) }), late ? "overdue" : "")];
}

export async function list(main: HTMLElement, _id: string, signal: AbortSignal): Promise<void> {
  const draw = async () => {
    const all = await mine();
    const rows = state.parts.tasks.map((task) => {
      const { code, label } = standing(task, all);
      const shown = [chip(label, `state-${code.toLowerCase()}`), ...due(task)];
      if (task.exercise) shown.unshift(chip(t("exercise"), "exercise"));
      return row(`#/task/${task.id}`, task.title, [task.place], shown);
    });
    const body = rows.length
      ? el("ul", "phone-list", "", ...rows)
      : empty(t("No task waits for you."), t("What is new comes when there is a network."));
    main.replaceChildren(heading(t("My tasks")), body);
  };
  onChange(() => void draw(), signal);
  await draw();
}

export async function show(main: HTMLElement, id: string): Promise<void> {
  const task = state.parts.tasks.find((one) => one.id === Number(id));
  if (!task) {
    main.replaceChildren(heading(t("Task"), "#/tasks"), empty(t("This task is no longer yours to do.")));
    return;
  }
  const { code, label } = standing(task, await mine());
  const head = card(
    "",
    facts(
      fact(t("State"), chip(label, `state-${code.toLowerCase()}`), ...due(task)),
      fact(t("Number"), `#${task.id} · ${task.kind_label}`),
      fact(t("Place"), task.place),
      fact(t("What"), ...task.lines),
      fact(t("Post"), task.post),
      fact(t("Sent back because"), task.returned),
    ),
  );
  main.replaceChildren(heading(task.title, "#/tasks"), head, ...doing(task, code, main));
}

function doing(task: Task, code: string, main: HTMLElement): HTMLElement[] {
  const plan = state.parts.plans.find((one) => one.item === task.id);
  // A planned visit is done by making it.
  if (plan && code !== "SENT") return [visitLink(plan)];
  const again = () => void show(main, String(task.id));
  if (code === "OPEN") {
    const press = button(t("Accept the task"), "primary big", () => {
      press.setAttribute("disabled", "");
      void accept(task).then(again);
    });
    return [el("div", "phone-foot", "", press)];
  }
  return code === "DOING" ? [proofForm(task, again)] : [];
}

function visitLink(plan: Plan): HTMLElement {
  const there = state.parts.enterprises.some((one) => one.id === plan.enterprise);
  const link = document.createElement("a");
  link.className = "button primary big";
  link.href = there ? `#/enterprise/${plan.enterprise}` : "#/mine";
  link.textContent = there ? t("To the enterprise") : t("Choose a region to take along");
  return link;
}

async function accept(task: Task): Promise<void> {
  const draft = newDraft({
    account: state.holder!.account,
    subject: `work/${task.id}`,
    title: task.title,
    move: "accept",
    files: [],
    asked: { item_id: task.id, move: "accept" },
  });
  await handOver(draft, []);
}

/** Kept first; whether it goes out at once, nobody has to wait for, but where it cannot be kept. */
export async function handOver(
  draft: Draft,
  files: Kept[],
  form = "",
): Promise<Draft & { kept: boolean }> {
  if (await keep(draft, files, form)) {
    void flush(draft.account);
    return { ...draft, kept: true };
  }
  const sent = await sendUnkept(draft, files);
  if (sent.state === "waiting") tellUnsent(sent);
  return sent;
}

function proofForm(task: Task, done: () => void): HTMLElement {
  const form = document.createElement("form");
  form.className = "form proof-form";
  form.noValidate = true;
  Object.assign(form.dataset, {
    item: String(task.id),
    account: state.holder!.account,
    title: task.title,
    photos: String(task.photos),
    position: String(task.position),
    note: String(task.note),
  });
  const send = document.createElement("button");
  send.className = "primary big";
  send.textContent = t("Hand in");
  form.append(
    el(
      "div",
      "field",
      "",
      picker(t("Take a photo"), "photo", "image/*", true),
      picker(t("Choose photos or documents"), "file", "image/*,application/pdf,audio/*", false),
      part("div", "photos", "thumbs"),
    ),
    positionField(),
    field(t("Note"), textarea("note", "", 2000), task.note),
    part("p", "error", "error"),
    send,
  );
  new ProofForm(
    form,
    (sent) => {
      if (sent.kept) done();
    },
    handOver,
  );
  return card(t("Proof"), form);
}

export function positionField(): HTMLElement {
  const box = el("div", "field position", "", icon("pin"));
  box.append(part("span", "position-text", "", t("Position: not yet known")));
  const press = part("button", "locate", "", t("Find my position")) as HTMLButtonElement;
  press.type = "button";
  box.append(press);
  return box;
}
