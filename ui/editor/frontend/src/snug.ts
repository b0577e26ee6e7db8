// A bar whose words give way, the dispensable first, until what it holds fits into its width.
import { useLayoutEffect, useRef, type RefObject } from "react";

/** 0: all words; 1: no keys; 2, 3: a picture says what it can; 4: pictures alone. The style sheet says how. */
export const TIGHTEST = 4;

/** The first way of setting a bar that fits; the last one where none does. */
export function levelOf(fits: (level: number) => boolean): number {
  for (let level = 0; level < TIGHTEST; level += 1) if (fits(level)) return level;
  return TIGHTEST;
}

/** Set `data-level` of a bar anew after each drawing of it, and when its frame changes. */
export function useSnug(): RefObject<HTMLDivElement | null> {
  const bar = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = bar.current;
    const frame = element?.parentElement;
    if (!element || !frame) return;
    const set = () => {
      const level = levelOf((tried) => {
        element.dataset.level = String(tried);
        const words = element.querySelector("b");
        const whole = !words || (words.scrollHeight <= words.clientHeight + 1 && words.scrollWidth <= words.clientWidth + 1);
        return whole && element.scrollWidth <= element.clientWidth;
      });
      element.dataset.level = String(level);
    };
    set();
    const watch = new ResizeObserver(set);
    watch.observe(frame);
    return () => watch.disconnect();
  });
  return bar;
}
