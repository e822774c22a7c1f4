import type { DesktopSettings } from '../platform/home/desktop-settings.ts';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** So much of a window has to be on some screen that a person can take hold of it, pixels. */
const hold = 100;

/**
 * Where the window stood, unless its screen is gone: then a usual size, where the system likes. The page's widest form begins
 * at 1280 pixels inside, which the frame on Windows would take from.
 */
export function boundsFor(
  kept: DesktopSettings['window'],
  screens: readonly Area[],
): Partial<Area> & { readonly width: number; readonly height: number } {
  const usual = { width: 1360, height: 860 };
  if (kept === undefined) return usual;
  const { x, y, width, height } = kept;
  const isReachable = screens.some((screen) => {
    const across = Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x);
    // The title bar is at the top.
    const top = y >= screen.y - 10 && y < screen.y + screen.height - hold;
    return across >= hold && top;
  });
  return isReachable ? { x, y, width, height } : usual;
}
