/** Talk to our own server as the signed-in user. */

import { toastFailure } from "./toast";

function csrf(): string {
  return document.body.dataset.csrf ?? "";
}

export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, signal });
  if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`);
  return (await answer.json()) as T;
}

/** POST and return the answer's JSON; a refusal is shown as a toast and returned as null. */
export async function post<T>(url: string, body: unknown = {}): Promise<T | null> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) {
      toastFailure(answer.status, text);
      return null;
    }
    return (text ? JSON.parse(text) : {}) as T;
  } catch {
    toastFailure(0, "");
    return null;
  }
}
