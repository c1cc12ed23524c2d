/** What is not yet with the server, in the phone's own database: survives a closed tab, a dead
 *  battery and days without a network. */

export interface Draft {
  id: string;
  account: string; // another person on the same phone neither sees nor sends it
  item: string;
  title: string;
  move: string;
  body: string; // exactly the bytes that are sent, each time the same
  files: { digest: string; name: string; blob: Blob }[];
  state: "waiting" | "received" | "refused";
  reason: string;
  madeAt: number;
  tries: number;
}

/** A form that is being filled in. */
export interface Unfinished {
  key: string; // account and item
  note: string;
  files: { digest: string; name: string; blob: Blob }[];
}

const VERSION = 1;
let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("anlan-work", VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("drafts", { keyPath: "id" });
      request.result.createObjectStore("forms", { keyPath: "key" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => {
      opened = undefined;
      reject(request.error);
    };
  });
  return opened;
}

async function run<T>(
  store: "drafts" | "forms",
  mode: IDBTransactionMode,
  ask: (objects: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = ask(transaction.objectStore(store));
    // Only a finished transaction is on the disk; the request's own success is not enough.
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

export const drafts = {
  put: (draft: Draft) => run("drafts", "readwrite", (o) => o.put(draft)),
  get: (id: string) => run<Draft | undefined>("drafts", "readonly", (o) => o.get(id)),
  remove: (id: string) => run("drafts", "readwrite", (o) => o.delete(id)),
  async of(account: string): Promise<Draft[]> {
    const all = await run<Draft[]>("drafts", "readonly", (o) => o.getAll());
    return all.filter((draft) => draft.account === account).sort((a, b) => a.madeAt - b.madeAt);
  },
};

export const forms = {
  put: (form: Unfinished) => run("forms", "readwrite", (o) => o.put(form)),
  get: (key: string) => run<Unfinished | undefined>("forms", "readonly", (o) => o.get(key)),
  remove: (key: string) => run("forms", "readwrite", (o) => o.delete(key)),
};
