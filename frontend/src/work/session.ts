/** Who is signed in at the server, asked before anything is sent: the page may be older. */

export interface Me {
  account: string;
  name: string;
  csrf: string;
  may: { inspect: boolean; check: boolean; carry: boolean };
}

export const SIGNED_OUT = "work-signed-out";
const PATIENCE_MS = 10_000;

/** Whatever was asked for: an answer to nobody says that the sign-in has ended. */
export function heard(answer: Response): Response {
  if (answer.status === 401) document.dispatchEvent(new CustomEvent(SIGNED_OUT));
  return answer;
}

/** The account; "out" where nobody is signed in; nothing where the server cannot be reached. */
export async function whoami(): Promise<Me | "out" | undefined> {
  try {
    const answer = heard(
      await fetch("/api/phone/me", {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE_MS),
        cache: "no-store",
      }),
    );
    if (answer.status === 401) return "out";
    // A proxy's page in its place is no answer of ours either.
    return answer.ok ? ((await answer.json()) as Me) : undefined;
  } catch {
    return undefined;
  }
}
