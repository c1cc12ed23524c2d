/** After signing out, wherever that was: what the phone's page had taken along goes. */

import { t } from "../i18n";
import { wipe, unsent } from "../work/store";

export function mount(element: HTMLElement): void {
  void forget(element);
}

async function forget(element: HTMLElement): Promise<void> {
  await wipe();
  const waiting = await unsent();
  if (!waiting) return;
  element.className = "notice warn";
  element.textContent = t(
    "{n} submissions on this phone are not sent yet. They go out when their owner signs in here again.",
    { n: waiting },
  );
}
