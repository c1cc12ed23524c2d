/** A visit, written down with no network: checklist, hazards, earlier hazards, photos, position,
 *  signature, voice note. Finishing makes one submission of it. */

import { button, el } from "../dom";
import { t } from "../i18n";
import { toast } from "../toast";
import { Position } from "../work/capture";
import { held } from "../work/held";
import { forms } from "../work/store";
import { card, elsewhere, empty, fact, facts, field, heading, textarea, tick } from "./parts";
import { room } from "./room";
import { SignaturePad } from "./signature";
import { moment } from "./state";
import { handOver, positionField } from "./tasks";
import { earlier } from "./visit_earlier";
import { beside, checklist } from "./visit_lines";
import { Paper } from "./visit_paper";
import { companions } from "./visit_people";
import { draftOf, lacks } from "./visit_sent";
import { facingOf, keyOf, KINDS, kindOf, type Answers } from "./visits";
import { VoiceNote } from "./voice";

export async function show(main: HTMLElement, id: string, signal: AbortSignal): Promise<void> {
  const wait = () => main.replaceChildren(heading(t("Visit"), "#/enterprises"), empty(elsewhere()));
  if (!(await held(keyOf(id), signal, wait))) return;
  const form = await forms.get(keyOf(id));
  const answers = form?.answers as Answers | undefined;
  const seen = answers && facingOf(answers);
  if (!form || !answers || !seen) {
    main.replaceChildren(
      heading(t("Visit"), "#/enterprises"),
      empty(t("This visit is finished, or its enterprise was not taken along.")),
    );
    return;
  }
  const paper: Paper = new Paper(
    main,
    form,
    answers,
    seen,
    () => screen.draw(),
    () => void screen.tellRoom(),
  );
  const screen = new VisitScreen(main, paper, signal);
  screen.draw();
}

class VisitScreen {
  private readonly room = el("div");
  private readonly position: Position;
  private readonly positionBox = positionField();
  private readonly voice: VoiceNote;
  private readonly pad: SignaturePad;

  constructor(
    private readonly main: HTMLElement,
    private readonly paper: Paper,
    signal: AbortSignal,
  ) {
    this.position = new Position(this.positionBox.querySelector('[data-part="position-text"]'));
    this.positionBox
      .querySelector('[data-part="locate"]')
      ?.addEventListener("click", () => void this.locate());
    this.voice = new VoiceNote((kept) => paper.single("voice", kept), signal);
    this.pad = new SignaturePad((kept) => paper.single("signature", kept));
  }

  draw(): void {
    const { paper } = this;
    const { one, list } = paper.seen;
    const facing = facts(
      fact(t("Kind of visit"), KINDS[kindOf(paper.answers)] ?? ""),
      fact(t("Begun"), moment(paper.answers.started_at)),
      fact(t("Checklist"), list ? list.name : t("none in force for this enterprise")),
    );
    const finish = button(t("Finish the visit"), "primary big", () => void this.finish(finish));
    this.main.replaceChildren(
      heading(one.name, `#/enterprise/${one.id}`),
      ...this.returned(),
      card("", facing, this.led(), this.positionBox),
      companions(paper),
      ...checklist(paper, () => this.draw()),
      beside(paper),
      ...earlier(paper),
      this.room,
      card(t("Photos of the place"), paper.photoBox("visit")),
      this.closing(),
      paper.error,
      finish,
    );
    this.position.restore(paper.answers.position);
    if (!paper.answers.position) void this.locate();
    void this.tellRoom();
  }

  async tellRoom(): Promise<void> {
    this.room.replaceChildren(...(await room()));
  }

  /** Why the server refused it: as a whole here, row by row at their places. */
  private returned(): HTMLElement[] {
    const { reason, replaces } = this.paper.form;
    if (replaces === undefined) return [];
    const why = reason ? el("div", "", reason) : el("span");
    const told = t("Nothing is lost. Correct what is marked, then finish the visit again.");
    const text = el("div", "", "", el("strong", "", t("Refused")), why, el("div", "small", told));
    const box = el("div", "notice bad", "", text);
    box.setAttribute("role", "alert");
    return [box];
  }

  private led(): HTMLElement {
    const { answers } = this.paper;
    return tick([t("led by principal leaders")], answers.led ?? false, (on) => {
      answers.led = on;
      this.paper.jot();
    });
  }

  private async locate(): Promise<void> {
    await this.position.locate();
    const { answers } = this.paper;
    answers.position = this.position.found ?? answers.position;
    await this.paper.keep();
  }

  private closing(): HTMLElement {
    const { paper } = this;
    const note = textarea("note", paper.form.note, 2000);
    note.addEventListener("input", () => {
      paper.form.note = note.value;
      paper.jot();
    });
    const { voice, signature } = paper.restoreSingles();
    return card(
      t("Conclusion"),
      field(t("Note"), note),
      this.voice.element(voice),
      ...paper.complaint(paper.answers.voice),
      this.pad.element(signature),
      ...paper.complaint(paper.answers.signature),
    );
  }

  private async finish(press: HTMLElement): Promise<void> {
    const { paper } = this;
    const lack = lacks(paper);
    paper.error.textContent = lack;
    if (lack) return paper.error.scrollIntoView({ block: "center" });
    press.setAttribute("disabled", "");
    await paper.settled();
    const sent = await handOver(draftOf(paper), paper.form.files, paper.form.key);
    if (!sent.kept && sent.state !== "received") {
      paper.error.textContent = sent.reason;
      return press.removeAttribute("disabled");
    }
    paper.close();
    if (!sent.kept) {
      await forms.remove(paper.form).catch(() => undefined);
      toast(t("Received by the server"), paper.seen.one.name);
    }
    location.hash = "#/queue";
  }
}
