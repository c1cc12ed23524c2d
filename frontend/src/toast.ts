/** Short messages in the corner. Errors stay until closed; the rest go by themselves. */

import { t } from "./i18n";

type Kind = "good" | "bad" | "info";

export function toast(message: string, hint = "", kind: Kind = "info"): void {
  const box = document.createElement("div");
  box.className = `toast ${kind}`;
  box.setAttribute("role", kind === "bad" ? "alert" : "status");
  const text = document.createElement("div");
  const strong = document.createElement("strong");
  strong.textContent = message;
  text.append(strong);
  if (hint) {
    const line = document.createElement("div");
    line.className = "small soft";
    line.textContent = hint;
    text.append(line);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-button small";
  close.textContent = "✕";
  close.setAttribute("aria-label", t("Close"));
  close.addEventListener("click", () => box.remove());
  box.append(text, close);
  document.getElementById("toasts")?.append(box);
  if (kind !== "bad") setTimeout(() => box.remove(), 5000);
}

/** What a failed answer says: the message and hint of a Refusal or of a fault. */
export function toastFailure(status: number, body: string): void {
  try {
    const data = JSON.parse(body) as { message?: string; hint?: string };
    if (data.message) {
      toast(data.message, data.hint ?? "", "bad");
      return;
    }
  } catch {
    // Not JSON: a proxy's page, or nothing at all.
  }
  if (status === 0) toast(t("The server did not answer."), t("Check the network and try again."), "bad");
  else toast(t("Something went wrong on the server."), `HTTP ${status}`, "bad");
}
