/** What this phone holds, in its own database: what is not yet with the server, forms half filled
 *  in, and what was taken along. Survives a closed tab, a dead battery and days without a network. */

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import { newId } from "./digest";

/** A file as the phone holds it, named by its content. */
export interface Kept {
  digest: string;
  name: string;
  blob: Blob;
}

export type DraftState = "waiting" | "received" | "refused";

/** One submission. Its files lie beside it, so that a list of many costs little. */
export interface Draft {
  id: string;
  account: string; // another person on the same phone neither sees nor sends it
  subject: string; // "work/12": what is about the same thing goes out in the order in which it was made
  title: string;
  move: string; // of a task: "accept", "submit"; else what is handed in: "visit", "edit"
  body: string; // exactly the bytes that are sent, each time the same
  under?: string; // whose files they are in the store, where not those of `id`
  about?: unknown; // what the form showed beside it, for when it comes back
  files: { digest: string; name: string; size: number }[];
  state: DraftState;
  settled: boolean; // the server has said what became of it
  reason: string;
  problems?: Problem[]; // of a refusal, row by row
  madeAt: number;
  tries: number;
}

/** One row of what was sent that the server cannot take. */
export interface Problem {
  part: string; // "replies", "hazards", "rechecks"; "files" is the phone's own
  row: number;
  text: string;
}

/** A form that is being filled in. Its files are written once each, not with every stroke. */
export interface Unfinished {
  key: string; // account and what it is about
  under: string; // whose files they are in the store: no other form's or submission's ever
  note: string;
  files: Kept[];
  answers?: unknown; // of a longer form, as it keeps them itself
  replaces?: string; // the refused submission that it was
  reason?: string; // why that was refused
}
type Written = Omit<Unfinished, "files"> & { files: Omit<Kept, "blob">[] };

/** One part of what was taken along, as the server gave it. */
export interface Carried {
  account: string;
  part: string; // "tasks"; of a region with its code: "hazards@330702001203"
  revision: string;
  at: number;
  bytes: number;
  rows: unknown;
}

/** Whose phone this is at the moment; there without a network too. */
export interface Holder {
  key: "holder";
  account: string;
  name: string;
  inspects: boolean; // may make visits somewhere
  checks?: boolean; // and say there that a hazard is put right
  leaving: boolean; // signed out on the phone, the server does not know yet
  keepUntil: number; // by then what was taken along must be renewed, or it goes
}

interface Schema extends DBSchema {
  drafts: { key: string; value: Draft };
  files: { key: [string, string]; value: { draft: string; digest: string; blob: Blob } };
  forms: { key: string; value: Written };
  carried: { key: [string, string]; value: Carried };
  holder: { key: string; value: Holder };
}

const NAME = "anlan-work";
const VERSION = 3;
// On the disk, not only on its way there, before anybody is told that it is kept.
const STRICT = { durability: "strict" } as const;
let opened: Promise<IDBPDatabase<Schema>> | undefined;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>(NAME, VERSION, {
    async upgrade(db, from, _to, tx) {
      if (from < 1) {
        db.createObjectStore("drafts", { keyPath: "id" });
        db.createObjectStore("forms", { keyPath: "key" });
      }
      if (from < 2) {
        db.createObjectStore("files", { keyPath: ["draft", "digest"] });
        db.createObjectStore("carried", { keyPath: ["account", "part"] });
        db.createObjectStore("holder", { keyPath: "key" });
      }
      const files = tx.objectStore("files");
      // Before version 2 the files lay inside their submission, before 3 inside their form.
      for (const old of from === 1 ? ((await tx.objectStore("drafts").getAll()) as unknown as OldDraft[]) : []) {
        for (const { digest, blob } of old.files) await files.put({ draft: old.id, digest, blob });
        await tx.objectStore("drafts").put(renewed(old));
      }
      // One region, until now.
      const parts = tx.objectStore("carried");
      const taken = await parts.getAll();
      for (const old of taken) {
        const [place] = (taken.find((one) => one.part === "region" && one.account === old.account)
          ?.rows ?? []) as { code: string }[];
        if (!place || !["region", "enterprises", "hazards"].includes(old.part)) continue;
        await parts.delete([old.account, old.part]);
        await parts.put({ ...old, part: `${old.part}@${place.code}` });
      }
      for (const old of (await tx.objectStore("forms").getAll()) as unknown as Unfinished[]) {
        const under = newId();
        for (const { digest, blob } of old.files) await files.put({ draft: under, digest, blob });
        await tx.objectStore("forms").put(written({ ...old, under }));
      }
    },
    blocking: () => {
      // A newer page wants another version: let it.
      void opened?.then((db) => db.close());
      opened = undefined;
    },
    terminated: () => {
      opened = undefined;
    },
  }).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

interface OldDraft extends Omit<Draft, "files" | "subject" | "settled"> {
  item: string;
  files: Kept[];
}

function renewed({ item, files, ...rest }: OldDraft): Draft {
  return {
    ...rest,
    subject: `work/${item}`,
    files: files.map(({ digest, name, blob }) => ({ digest, name, size: blob.size })),
    settled: rest.state !== "waiting",
  };
}

function written({ files, ...rest }: Unfinished): Written {
  return { ...rest, files: files.map(({ digest, name }) => ({ digest, name })) };
}

function owner(draft: Draft): string {
  return draft.under ?? draft.id;
}

/** Those of an owner that are there already, and those that are not wanted any more. */
async function known(
  store: { getAllKeys(range: IDBKeyRange): Promise<[string, string][]> },
  under: string,
): Promise<Set<string>> {
  const keys = await store.getAllKeys(IDBKeyRange.bound([under, ""], [under, "\uffff"]));
  return new Set(keys.map(([, digest]) => digest));
}

export const drafts = {
  /** A new submission with its files, both or neither; `form` is what it was made of, and goes.
   *
   *  What the form has kept is not written again: a full phone can hand in what it holds. */
  async add(draft: Draft, files: Kept[], form = ""): Promise<void> {
    const names = ["drafts", "files", "forms"] as const;
    const tx = (await database()).transaction(names, "readwrite", STRICT);
    const there = await known(tx.objectStore("files"), owner(draft));
    const fresh = files
      .filter(({ digest }) => !there.has(digest))
      .map(({ digest, blob }) => tx.objectStore("files").put({ draft: owner(draft), digest, blob }));
    const done = form ? [tx.objectStore("forms").delete(form)] : [];
    await Promise.all([...fresh, ...done, tx.objectStore("drafts").put(draft), tx.done]);
  },
  /** A refused submission becomes a form again, with all of its files; false where it is gone. */
  async reopen(draft: Draft, form: Unfinished): Promise<boolean> {
    const tx = (await database()).transaction(["drafts", "forms"], "readwrite", STRICT);
    const there = await tx.objectStore("drafts").get(draft.id);
    const again = there?.state === "refused";
    const moved = again
      ? [tx.objectStore("forms").put(written(form)), tx.objectStore("drafts").delete(draft.id)]
      : [];
    await Promise.all([...moved, tx.done]);
    return again;
  },
  /** All of its files that are on this phone. */
  async files(draft: Draft): Promise<Kept[]> {
    return joined(await database(), owner(draft), draft.files);
  },
  /** What became of it. Its files go when the server has them on its disk. */
  async update(draft: Draft): Promise<void> {
    const tx = (await database()).transaction(["drafts", "files"], "readwrite", STRICT);
    const gone = draft.state === "received" ? [dropFiles(tx.objectStore("files"), owner(draft))] : [];
    // Removed meanwhile by its owner: it does not come back.
    const known = await tx.objectStore("drafts").getKey(draft.id);
    const put = known ? [tx.objectStore("drafts").put(draft)] : [];
    await Promise.all([...gone, ...put, tx.done]);
  },
  get: async (id: string) => (await database()).get("drafts", id),
  async remove(draft: Draft): Promise<void> {
    const tx = (await database()).transaction(["drafts", "files"], "readwrite", STRICT);
    await Promise.all([
      dropFiles(tx.objectStore("files"), owner(draft)),
      tx.objectStore("drafts").delete(draft.id),
      tx.done,
    ]);
  },
  async of(account: string): Promise<Draft[]> {
    const all = await (await database()).getAll("drafts");
    const own = all.filter((draft) => draft.account === account);
    // Ids begin with the time: two of one millisecond keep an order too.
    return own.sort((a, b) => a.madeAt - b.madeAt || (a.id < b.id ? -1 : 1));
  },
  async file(draft: Draft, digest: string): Promise<Blob | undefined> {
    return (await (await database()).get("files", [owner(draft), digest]))?.blob;
  },
};

async function joined(
  db: IDBPDatabase<Schema>,
  under: string,
  files: Omit<Kept, "blob">[],
): Promise<Kept[]> {
  const found = files.map(async ({ digest, name }) => {
    const blob = (await db.get("files", [under, digest]))?.blob;
    return blob ? [{ digest, name, blob }] : [];
  });
  return (await Promise.all(found)).flat();
}

async function dropFiles(
  store: { delete(range: IDBKeyRange): Promise<void> },
  draft: string,
): Promise<void> {
  await store.delete(IDBKeyRange.bound([draft, ""], [draft, "\uffff"]));
}

export const forms = {
  /** Files that are new are written, those that were taken out go; all of it or nothing. */
  async put(form: Unfinished): Promise<void> {
    const tx = (await database()).transaction(["forms", "files"], "readwrite");
    const files = tx.objectStore("files");
    const there = await known(files, form.under);
    const wanted = new Set(form.files.map(({ digest }) => digest));
    const fresh = form.files.filter(({ digest }) => !there.has(digest));
    const gone = [...there].filter((digest) => !wanted.has(digest));
    await Promise.all([
      ...fresh.map(({ digest, blob }) => files.put({ draft: form.under, digest, blob })),
      ...gone.map((digest) => files.delete([form.under, digest])),
      tx.objectStore("forms").put(written(form)),
      tx.done,
    ]);
  },
  async get(key: string): Promise<Unfinished | undefined> {
    const db = await database();
    const form = await db.get("forms", key);
    return form && { ...form, files: await joined(db, form.under, form.files) };
  },
  async remove({ key, under }: Unfinished): Promise<void> {
    const tx = (await database()).transaction(["forms", "files"], "readwrite");
    await Promise.all([
      dropFiles(tx.objectStore("files"), under),
      tx.objectStore("forms").delete(key),
      tx.done,
    ]);
  },
  /** Those of an account that begin so, without their files: visits that are not finished. */
  async of(prefix: string): Promise<Written[]> {
    return (await database()).getAll("forms", IDBKeyRange.bound(prefix, `${prefix}\uffff`));
  },
};

export const carried = {
  get: async (account: string, part: string) => (await database()).get("carried", [account, part]),
  async of(account: string): Promise<Carried[]> {
    const range = IDBKeyRange.bound([account, ""], [account, "\uffff"]);
    return (await database()).getAll("carried", range);
  },
  /** All parts of one answer, or none: a list never goes with another day's checklists. */
  async put(parts: Carried[], gone: [string, string][]): Promise<void> {
    const tx = (await database()).transaction("carried", "readwrite");
    await Promise.all([
      ...parts.map((part) => tx.store.put(part)),
      ...gone.map((key) => tx.store.delete(key)),
      tx.done,
    ]);
  },
};

export const holder = {
  get: async () => (await database()).get("holder", "holder"),
  put: async (found: Holder) => (await database()).put("holder", found),
};

/** Forget what was taken along and whose phone it was; of `leaver` also the forms half filled in.
 *
 *  What was handed in and is not yet with the server stays, and so does what others have begun: it
 *  waits for its owner's next sign-in, and nobody else sees it. */
export async function wipe(leaver = ""): Promise<void> {
  const names = ["carried", "drafts", "files", "forms", "holder"] as const;
  const tx = (await database()).transaction(names, "readwrite", STRICT);
  const begun = await tx.objectStore("forms").getAll();
  const left = begun.filter(({ key }) => leaver && key.startsWith(`${leaver}/`));
  const others = begun.filter((form) => !left.includes(form));
  const sent = await tx.objectStore("drafts").getAll();
  const stay = new Set([...sent.map(owner), ...others.map(({ under }) => under)]);
  const files = tx.objectStore("files");
  const gone = (await files.getAllKeys()).filter(([under]) => !stay.has(under));
  await Promise.all([
    ...gone.map((key) => files.delete(key)),
    tx.objectStore("carried").clear(),
    ...left.map(({ key }) => tx.objectStore("forms").delete(key)),
    tx.objectStore("holder").clear(),
    tx.done,
  ]);
}

/** How many submissions of anybody's wait on this phone. */
export async function unsent(): Promise<number> {
  const all = await (await database()).getAll("drafts");
  return all.filter((draft) => draft.state === "waiting").length;
}

export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

/** Whether so many bytes would find room: they are written and taken out again. */
export async function fits(bytes: number): Promise<boolean> {
  const probe = { draft: "probe", digest: "", blob: new Blob([new Uint8Array(bytes)]) };
  try {
    const db = await database();
    await db.put("files", probe);
    await db.delete("files", [probe.draft, probe.digest]);
  } catch (error) {
    return !isFull(error);
  }
  return true;
}
