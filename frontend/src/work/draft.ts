/** A new submission: its id and its bytes are made once, here. */

import { newId } from "./digest";
import type { Draft, Kept } from "./store";

interface Asked {
  account: string;
  subject: string;
  title: string;
  move: string;
  files: Kept[];
  under?: string; // where the form has kept them already
  about?: unknown;
  asked: Record<string, unknown>; // what the server is asked to do
}

export function newDraft({ account, subject, title, move, files, under, about, asked }: Asked): Draft {
  const id = newId();
  const made = new Date();
  const body = JSON.stringify({
    id,
    made_at: made.toISOString(),
    ...asked,
    attachments: files.map(({ digest, name }) => ({ digest, name: name.slice(0, 120) })),
  });
  return {
    id,
    account,
    subject,
    title,
    move,
    body,
    files: files.map(({ digest, name, blob }) => ({ digest, name, size: blob.size })),
    state: "waiting",
    settled: false,
    reason: "",
    ...(under ? { under } : {}),
    ...(about ? { about } : {}),
    madeAt: made.getTime(),
    tries: 0,
  };
}
