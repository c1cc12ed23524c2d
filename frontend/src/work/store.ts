/** What this phone holds, in its own database: what is not yet with the server, forms half filled
 *  in, and what was taken along. Survives a closed tab, a dead battery and days without a network. */

import { openDB, type DBSchema, type IDBPDatabase } from "idb";

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
  files: { digest: string; name: string; size: number }[];
  state: DraftState;
  settled: boolean; // the server has said what became of it
  reason: string;
  madeAt: number;
  tries: number;
}

/** A form that is being filled in. */
export interface Unfinished {
  key: string; // account and what it is about
  note: string;
  files: Kept[];
  answers?: unknown; // of a longer form, as it keeps them itself
}

/** One part of what was taken along, as the server gave it. */
export interface Carried {
  account: string;
  part: string;
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
  leaving: boolean; // signed out on the phone, the server does not know yet
  keepUntil: number; // by then what was taken along must be renewed, or it goes
}

interface Schema extends DBSchema {
  drafts: { key: string; value: Draft };
  files: { key: [string, string]; value: { draft: string; digest: string; blob: Blob } };
  forms: { key: string; value: Unfinished };
  carried: { key: [string, string]; value: Carried };
  holder: { key: string; value: Holder };
}

const NAME = "anlan-work";
const VERSION = 2;
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
      db.createObjectStore("files", { keyPath: ["draft", "digest"] });
      db.createObjectStore("carried", { keyPath: ["account", "part"] });
      db.createObjectStore("holder", { keyPath: "key" });
      if (from !== 1) return;
      // Until now the files lay inside their submission.
      for (const old of (await tx.objectStore("drafts").getAll()) as unknown as OldDraft[]) {
        for (const { digest, blob } of old.files)
          await tx.objectStore("files").put({ draft: old.id, digest, blob });
        await tx.objectStore("drafts").put(renewed(old));
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

export const drafts = {
  /** A new submission with its files, both or neither. */
  async add(draft: Draft, files: Kept[]): Promise<void> {
    const tx = (await database()).transaction(["drafts", "files"], "readwrite", STRICT);
    const written = files.map(({ digest, blob }) =>
      tx.objectStore("files").put({ draft: draft.id, digest, blob }),
    );
    await Promise.all([...written, tx.objectStore("drafts").put(draft), tx.done]);
  },
  /** What became of it. Its files go when the server has them on its disk. */
  async update(draft: Draft): Promise<void> {
    const tx = (await database()).transaction(["drafts", "files"], "readwrite", STRICT);
    const gone = draft.state === "received" ? [dropFiles(tx.objectStore("files"), draft.id)] : [];
    // Removed meanwhile by its owner: it does not come back.
    const known = await tx.objectStore("drafts").getKey(draft.id);
    const put = known ? [tx.objectStore("drafts").put(draft)] : [];
    await Promise.all([...gone, ...put, tx.done]);
  },
  get: async (id: string) => (await database()).get("drafts", id),
  async remove(id: string): Promise<void> {
    const tx = (await database()).transaction(["drafts", "files"], "readwrite", STRICT);
    await Promise.all([
      dropFiles(tx.objectStore("files"), id),
      tx.objectStore("drafts").delete(id),
      tx.done,
    ]);
  },
  async of(account: string): Promise<Draft[]> {
    const all = await (await database()).getAll("drafts");
    const own = all.filter((draft) => draft.account === account);
    // Ids begin with the time: two of one millisecond keep an order too.
    return own.sort((a, b) => a.madeAt - b.madeAt || (a.id < b.id ? -1 : 1));
  },
  async file(id: string, digest: string): Promise<Blob | undefined> {
    return (await (await database()).get("files", [id, digest]))?.blob;
  },
};

async function dropFiles(
  store: { delete(range: IDBKeyRange): Promise<void> },
  draft: string,
): Promise<void> {
  await store.delete(IDBKeyRange.bound([draft, ""], [draft, "\uffff"]));
}

export const forms = {
  put: async (form: Unfinished) => (await database()).put("forms", form),
  get: async (key: string) => (await database()).get("forms", key),
  remove: async (key: string) => (await database()).delete("forms", key),
  /** Those of an account that begin so: visits that are not finished. */
  async of(prefix: string): Promise<Unfinished[]> {
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

/** Forget what was taken along, all forms half filled in and whose phone it was.
 *
 *  What was handed in and is not yet with the server stays: it waits for its owner's next sign-in,
 *  and nobody else sees it. */
export async function wipe(): Promise<void> {
  const tx = (await database()).transaction(["carried", "forms", "holder"], "readwrite", STRICT);
  await Promise.all([
    tx.objectStore("carried").clear(),
    tx.objectStore("forms").clear(),
    tx.objectStore("holder").clear(),
    tx.done,
  ]);
}

/** How many submissions of anybody's wait on this phone. */
export async function unsent(): Promise<number> {
  const all = await (await database()).getAll("drafts");
  return all.filter((draft) => draft.state === "waiting").length;
}
