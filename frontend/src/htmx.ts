/** htmx and its rules: forms come back with 422 and are swapped; refusals become toasts. */

import htmx from "htmx.org";
import { toast, toastFailure } from "./toast";

htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
htmx.config.includeIndicatorStyles = false;
htmx.config.historyCacheSize = 0; // always ask the server: what is shown may have changed
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "[45]..", swap: false, error: true },
];

interface Answered extends Event {
  detail: { xhr: XMLHttpRequest; shouldSwap?: boolean; isError?: boolean };
}

document.addEventListener("htmx:configRequest", (event) => {
  const { headers } = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  headers["X-CSRFToken"] = document.body.dataset.csrf ?? "";
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event as Answered;
  const type = detail.xhr.getResponseHeader("Content-Type") ?? "";
  // A refusal answers in JSON, also with 422: it is told, never swapped into the page.
  if (type.includes("application/json") && detail.xhr.status >= 400) {
    detail.shouldSwap = false;
    if (detail.xhr.status === 422) toastFailure(422, detail.xhr.responseText);
  }
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = (event as Answered).detail;
  toastFailure(xhr.status, xhr.responseText);
});

document.addEventListener("htmx:sendError", () => toastFailure(0, ""));

/** Pages may answer with `HX-Trigger: {"toast": {"message": …, "hint": …, "kind": "good"}}`. */
document.addEventListener("toast", (event) => {
  const { message, hint, kind } = (event as CustomEvent).detail as {
    message: string;
    hint?: string;
    kind?: "good" | "bad" | "info";
  };
  toast(message, hint ?? "", kind ?? "good");
});
