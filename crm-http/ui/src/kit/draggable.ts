/** What can be dragged by mouse and, held for a moment, by touch. */

import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import { draggable as byMouse } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";

/** How long a finger rests on something until it drags it, in milliseconds: sooner than the long press of the systems. */
const HOLD = 350;
/** A finger that goes further than this before, in pixels, scrolls. */
const SLACK = 8;
/** How often it is said where a finger is that rests: what is below may scroll. */
const TICK = 50;

interface Point {
  clientX: number;
  clientY: number;
}

/** An element that drags, and what has been told of it so far. */
class Drag {
  private readonly ghost: HTMLElement;
  private readonly ticks: number;
  private over: Element | null = null;
  private takes = false;

  private constructor(
    private readonly source: HTMLElement,
    private readonly transfer: DataTransfer,
    private readonly from: Point,
    private at: Point = from,
  ) {
    this.ghost = ghostOf(source);
    this.ticks = window.setInterval(() => this.to(this.at), TICK);
    navigator.vibrate?.(10);
  }

  /** Begins, unless whoever owns the element does not want it. */
  static begin(source: HTMLElement, at: Point): Drag | null {
    const transfer = new DataTransfer();
    // Whoever drags by the browser's own means sees no pointer move, and takes one for the end of it.
    window.addEventListener("pointermove", swallow, true);
    if (tell("dragstart", source, at, transfer)) return new Drag(source, transfer, at);
    window.removeEventListener("pointermove", swallow, true);
    return null;
  }

  to(at: Point): void {
    this.at = at;
    this.ghost.style.translate = `${at.clientX - this.from.clientX}px ${at.clientY - this.from.clientY}px`;
    const over = document.elementFromPoint(at.clientX, at.clientY);
    if (over !== this.over) {
      const left = this.over;
      this.over = over;
      if (over) this.tell("dragenter", over, left);
      if (left?.isConnected) this.tell("dragleave", left, over);
    }
    // Who takes it says so by preventing that nothing happens.
    this.takes = over !== null && !this.tell("dragover", over);
  }

  end(isDropped: boolean): void {
    this.ghost.remove();
    window.clearInterval(this.ticks);
    window.removeEventListener("pointermove", swallow, true);
    if (isDropped && this.takes && this.over?.isConnected) this.tell("drop", this.over);
    // The source may have gone out of view meanwhile.
    this.tell("dragend", this.source.isConnected ? this.source : document.documentElement);
  }

  private tell(type: string, target: Element, relatedTarget: Element | null = null): boolean {
    return tell(type, target, this.at, this.transfer, relatedTarget);
  }
}

/** Whether nobody has prevented what follows. */
function tell(type: string, target: Element, { clientX, clientY }: Point, dataTransfer: DataTransfer, relatedTarget: Element | null = null): boolean {
  return target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, composed: true, clientX, clientY, relatedTarget, dataTransfer }));
}

const swallow = (event: Event): void => event.stopImmediatePropagation();

/** What is seen below the finger. */
function ghostOf(source: HTMLElement): HTMLElement {
  const { left, top, width, height } = source.getBoundingClientRect();
  const ghost = source.cloneNode(true) as HTMLElement;
  for (const element of [ghost, ...ghost.querySelectorAll<HTMLElement>("*")]) {
    for (const { name } of [...element.attributes]) if (name === "id" || name.startsWith("data-") || name.startsWith("aria-")) element.removeAttribute(name);
  }
  ghost.inert = true;
  ghost.ariaHidden = "true";
  ghost.classList.add("drag-ghost");
  // Said here, so that what the element has of a page's own styles does not matter.
  Object.assign(ghost.style, { position: "fixed", zIndex: "1000", margin: "0", pointerEvents: "none", left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  document.body.append(ghost);
  return ghost;
}

/**
 * Drags the element after a finger that has rested on it. Its drag events are those of a mouse, so that whatever takes what is
 * dragged by mouse takes this too. Browsers differ in whether and how a long press drags; what they do is switched off meanwhile.
 */
function byTouch(element: HTMLElement): () => void {
  const onStart = (start: TouchEvent): void => {
    const touch = start.changedTouches[0];
    const { target } = start;
    if (!touch || start.touches.length > 1 || !(target instanceof Element) || target.closest("button, input, select, [role=menu]")) return;
    let at: Point = touch;
    let drag: Drag | null = null;
    const timer = window.setTimeout(() => {
      drag = Drag.begin(element, at);
      if (!drag) over();
    }, HOLD);
    const onMove = (event: TouchEvent): void => {
      const moved = event.touches[0];
      if (!moved || event.touches.length > 1) return over();
      if (drag) {
        if (event.cancelable) event.preventDefault();
        drag.to(moved);
      } else if (Math.hypot(moved.clientX - touch.clientX, moved.clientY - touch.clientY) > SLACK) {
        over();
      } else {
        at = moved;
      }
    };
    const onEnd = (event: TouchEvent): void => {
      // Else the browser makes a click of it.
      if (drag && event.cancelable) event.preventDefault();
      over(event.type === "touchend" && event.touches.length === 0);
    };
    const over = (isDropped = false): void => {
      window.clearTimeout(timer);
      listening.abort();
      element.draggable = true;
      const ended = drag;
      drag = null;
      ended?.end(isDropped);
    };
    const listening = new AbortController();
    const { signal } = listening;
    // An element that is taken out of the page still hears of its touch, and nothing around it does.
    const own = target as HTMLElement;
    own.addEventListener("touchmove", onMove, { passive: false, signal });
    own.addEventListener("touchend", onEnd, { passive: false, signal });
    own.addEventListener("touchcancel", onEnd, { signal });
    own.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    element.draggable = false;
  };
  // Not passive, so that the moves of the touch can be kept from scrolling.
  element.addEventListener("touchstart", onStart, { passive: false });
  return () => element.removeEventListener("touchstart", onStart);
}

/** As `draggable` of pragmatic-drag-and-drop, by touch as well. */
export const draggable: typeof byMouse = (args) => combine(byMouse(args), byTouch(args.element));
