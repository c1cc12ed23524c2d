/** The accept button: kept on the phone where the network is away, like any other submission. */

import { t } from "../i18n";
import { toast } from "../toast";
import { newDraft } from "./draft";
import { handIn, tellUnsent } from "./send";

export function mount(element: HTMLElement): () => void {
  const form = element as HTMLFormElement;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    form.querySelector("button")?.setAttribute("disabled", "");
    void accept(form);
  };
  form.addEventListener("submit", submit);
  return () => form.removeEventListener("submit", submit);
}

async function accept(form: HTMLFormElement): Promise<void> {
  const { item = "", account = "", title = "" } = form.dataset;
  const draft = newDraft({
    account,
    subject: `work/${item}`,
    title,
    move: "accept",
    files: [],
    asked: { item_id: Number(item), move: "accept" },
  });
  const sent = await handIn(draft, []);
  if (sent.state === "received") return void location.reload();
  if (sent.state === "refused") {
    toast(t("Refused"), sent.reason, "bad");
    return void setTimeout(() => location.reload(), 2500);
  }
  tellUnsent(sent);
  if (!sent.kept) form.querySelector("button")?.removeAttribute("disabled");
}
