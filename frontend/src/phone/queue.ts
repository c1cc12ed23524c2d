/** What was handed in on this phone: waiting, received or refused, with the reason. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { row } from "../work/outbox";
import type { Draft } from "../work/store";
import { reopenProof } from "../work/proof";
import { card, chip, empty, heading, row as entry } from "./parts";
import { reopenEdit, unfinishedEdits } from "./edits";
import { signIn } from "./mine";
import { mine, moment, onChange, state, sync } from "./state";
import { room } from "./room";
import { reopen, unfinished } from "./visits";

const ORDER = { refused: 0, waiting: 1, received: 2 };

export async function show(main: HTMLElement, _id: string, signal: AbortSignal): Promise<void> {
  const draw = async () => {
    const all = await mine();
    const counted = (wanted: Draft["state"]) => all.filter((one) => one.state === wanted).length;
    const figures = el(
      "div",
      "figures",
      "",
      figure(counted("waiting"), t("waiting to be sent")),
      figure(counted("refused"), t("refused")),
      figure(counted("received"), t("received today")),
    );
    const send = button(t("Send now"), "primary big", () => void sync());
    if (!counted("waiting")) send.setAttribute("disabled", "");
    const sorted = [...all].sort((a, b) => ORDER[a.state] - ORDER[b.state] || a.madeAt - b.madeAt);
    const rows = sorted.map((draft) => row(draft, href(draft), () => void draw(), correction(draft)));
    main.replaceChildren(
      heading(t("To be sent")),
      ...(state.contact === "out" ? [signIn(t("Your sign-in has ended."))] : []),
      card("", figures, el("p", "soft small", network())),
      ...(await room()),
      ...(await begun()),
      rows.length ? el("ul", "outbox", "", ...rows) : empty(t("Nothing waits on this phone.")),
      el("div", "phone-foot", "", send),
    );
  };
  onChange(() => void draw(), signal);
  await draw();
}

/** What is not finished yet, also what came back: it is not handed in. */
async function begun(): Promise<HTMLElement[]> {
  const line = (to: string, { name, at, returned }: { name: string; at: string; returned: boolean }) =>
    entry(to, name, [t("Begun {time}", { time: moment(at) })], [
      returned ? chip(t("refused, to be corrected"), "overdue") : chip(t("not finished")),
    ]);
  const visits = (await unfinished()).map((one) => line(`#/visit/${one.id}`, one));
  const edits = (await unfinishedEdits()).map((one) => line(`#/edit/${one.enterprise}`, one));
  const list = (title: string, rows: HTMLElement[]) =>
    rows.length ? [card(title, el("ul", "phone-list", "", ...rows))] : [];
  return [...list(t("Visits to be finished"), visits), ...list(t("Changes to be handed in"), edits)];
}

/** What was refused is put right where it was written, with all of its photos. */
function correction(draft: Draft): (() => void) | undefined {
  const to = (hash: string) => (location.hash = hash);
  if (draft.move === "visit")
    return () => void reopen(draft).then((id) => id && to(`#/visit/${id}`));
  if (draft.move === "edit")
    return () => void reopenEdit(draft).then((there) => there && to(`#/edit/${draft.subject.slice(11)}`));
  const task = href(draft);
  const mine = state.parts.tasks.some((one) => `#/task/${one.id}` === task);
  if (draft.move === "submit" && mine) return () => void reopenProof(draft).then(() => to(task));
  return undefined;
}

function figure(count: number, label: string): HTMLElement {
  return el("div", "figure", "", el("b", "", String(count)), el("span", "", label));
}

function network(): string {
  if (state.contact === "here") return t("The server can be reached.");
  if (state.contact === "out") return t("Sign in again; it is then sent by itself.");
  return t("The server cannot be reached. Everything is kept and goes out by itself.");
}

function href(draft: Draft): string {
  return draft.subject.startsWith("work/") ? `#/task/${draft.subject.slice(5)}` : "";
}
