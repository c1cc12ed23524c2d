/** <time data-module="clock">: the house's clock, running. */

import { fullMoment, nowMs, shortMoment } from "../clock";
import type { Mount } from "../main";

export const mount: Mount = (element) => {
  const show = (): void => {
    const narrow = window.innerWidth < 860;
    element.textContent = narrow ? shortMoment(nowMs()) : fullMoment(nowMs(), true);
  };
  show();
  const timer = setInterval(show, 250);
  return () => clearInterval(timer);
};
