/** A form is filled in on one page of ours at a time: two would write over each other. */

const PATIENCE_MS = 1_500; // one that is being left lets go a moment later

/** Whether the form is ours until the signal; true where the browser cannot say. */
export function held(key: string, until: AbortSignal): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const left = new Promise<void>((done) => until.addEventListener("abort", () => done()));
    navigator.locks
      .request(`anlan-form/${key}`, { signal: AbortSignal.timeout(PATIENCE_MS) }, () => {
        resolve(true);
        return until.aborted ? undefined : left;
      })
      .catch(() => resolve(false));
  });
}
