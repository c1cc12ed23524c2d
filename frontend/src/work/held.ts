/** A form is filled in on one page of ours at a time: two would write over each other. */

const PATIENCE_MS = 1_500; // one that is being left lets go a moment later

/** Waits until the form is ours, which it stays until the signal, and says so with `wait` where
 *  that takes longer. False where the signal came first; true where the browser knows no locks. */
export async function held(key: string, until: AbortSignal, wait: () => void): Promise<boolean> {
  if (!navigator.locks) return true;
  const told = setTimeout(wait, PATIENCE_MS);
  const left = new Promise<void>((done) => until.addEventListener("abort", () => done()));
  try {
    await new Promise<void>((granted, failed) => {
      navigator.locks
        .request(`anlan-form/${key}`, { signal: until }, () => {
          granted();
          return until.aborted ? undefined : left;
        })
        .catch(failed);
    });
  } catch {
    // Left while it waited, or a browser that refuses locks: then nothing holds the form back.
  } finally {
    clearTimeout(told);
  }
  return !until.aborted;
}
