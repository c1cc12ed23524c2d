/** <time data-module="countdown" datetime="…">: "剩余 2小时5分", or by how much it is overdue. */

import { duration, nowMs } from "../clock";
import { t } from "../i18n";
import type { Mount } from "../main";

export const mount: Mount = (element) => {
  const due = Date.parse(element.getAttribute("datetime") ?? "");
  if (Number.isNaN(due)) return undefined;
  const show = (): void => {
    const left = (due - nowMs()) / 1000;
    element.classList.add("countdown");
    element.classList.toggle("late", left < 0);
    const time = duration(left);
    element.textContent = left < 0 ? t("{time} overdue", { time }) : t("{time} left", { time });
  };
  show();
  const timer = setInterval(show, 1000);
  return () => clearInterval(timer);
};
