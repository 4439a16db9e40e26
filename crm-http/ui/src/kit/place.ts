const GAP = 4;

/** Puts a popover below what it belongs to, or above it where there is more room; within the window. */
export function place(popover: HTMLElement, anchor: Element): void {
  const at = anchor.getBoundingClientRect();
  const own = popover.getBoundingClientRect();
  const isBelow = at.bottom + own.height + GAP <= innerHeight || at.top < innerHeight - at.bottom;
  const left = at.left + own.width <= innerWidth - GAP ? at.left : at.right - own.width;
  popover.style.left = `${Math.max(GAP, left)}px`;
  popover.style.top = `${Math.max(GAP, isBelow ? at.bottom + GAP : at.top - own.height - GAP)}px`;
}
