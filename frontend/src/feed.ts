/** The live feed: one EventSource for the page, news told apart by id, and a connection that is
 *  known to be alive (the server's clock comes every ten seconds). */

import { setClock } from "./clock";

export interface News {
  id: number;
  name: string;
  at: number;
  data: Record<string, unknown>;
}
export type ValueRow = [station: number, series: number, atMs: number, value: number | null, flag: number];
export type Health = "live" | "late" | "out";

export interface Listener<N extends News> {
  onNews(news: N): void;
  onValues(rows: ValueRow[]): void;
  /** What is shown may be out of date: ask for the state afresh. */
  onReload(): void;
  onHealth(health: Health): void;
}

const SILENT_MS = 25_000;
const SEEN_MOST = 20_000;

/** Listens until the returned function is called. `after`: the last event already shown. */
export function listen<N extends News>(url: string, after: number, to: Listener<N>): () => void {
  const seen = new Set<number>();
  let source: EventSource | null = null;
  let heardAt = performance.now();
  let lastId = after;
  let first = true;
  let again = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    source = new EventSource(`${url}?after=${lastId}`);
    source.addEventListener("hello", (event) => {
      const data = read(event) as { now: number; rate: number; resumed: boolean };
      setClock(data.now, data.rate);
      again = 0;
      to.onHealth("live");
      // Values have no history in the feed: after a pause they are asked for afresh.
      if (!first || !data.resumed) to.onReload();
      first = false;
    });
    source.addEventListener("news", (event) => {
      const news = read(event) as N;
      const id = Number((event as MessageEvent).lastEventId);
      if (id > lastId) lastId = id;
      if (seen.has(news.id)) return;
      seen.add(news.id);
      if (seen.size > SEEN_MOST) seen.delete(seen.values().next().value as number);
      to.onNews(news);
    });
    source.addEventListener("values", (event) => to.onValues(read(event) as ValueRow[]));
    source.addEventListener("reload", () => to.onReload());
    source.addEventListener("clock", (event) => {
      const data = read(event) as { now: number; rate: number };
      setClock(data.now, data.rate);
    });
    source.onerror = () => {
      to.onHealth("out");
      if (source?.readyState === EventSource.CLOSED) reopen();
    };
  }

  function read(event: Event): unknown {
    heardAt = performance.now();
    return JSON.parse((event as MessageEvent<string>).data) as unknown;
  }

  /** The server refused: signed out, or full. Look which, and come back later. */
  function reopen(): void {
    source?.close();
    clearTimeout(retry);
    again += 1;
    retry = setTimeout(() => void signedIn().then(open), Math.min(1000 * 2 ** again, 30_000));
  }

  const watch = setInterval(() => {
    if (performance.now() - heardAt < SILENT_MS) return;
    heardAt = performance.now();
    to.onHealth("late");
    reopen();
  }, 5000);

  open();
  return () => {
    clearInterval(watch);
    clearTimeout(retry);
    source?.close();
  };
}

async function signedIn(): Promise<void> {
  try {
    const answer = await fetch("/api/board/here");
    if (answer.status === 401) location.reload(); // leads to the sign-in page and back
  } catch {
    // No network: the next attempt will tell.
  }
}
