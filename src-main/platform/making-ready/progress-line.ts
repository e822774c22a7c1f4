import type { BuildProgress, OnProgress } from '../system-builder/build-progress.ts';

export interface ProgressLine {
  readonly show: OnProgress;
  /** Before anything else is printed. */
  clear(): void;
}

/** A terminal gets one line that changes; a log gets one for each step and each fifth of it. Silent when nothing is built. */
export function progressLine(out: NodeJS.WriteStream): ProgressLine {
  let printed = '';
  let isOnLine = false;
  return {
    show: (progress) => {
      const text = textOf(progress);
      if (out.isTTY) {
        out.write(`\r\x1b[K${text.slice(0, Math.max(20, out.columns - 1))}`);
        isOnLine = true;
        return;
      }
      const mark = `${progress.step} ${Math.floor((progress.fraction ?? 0) * 5)}`;
      if (mark !== printed) out.write(`${text}\n`);
      printed = mark;
    },
    clear: () => {
      if (isOnLine) out.write('\r\x1b[K');
      isOnLine = false;
    },
  };
}

function textOf({ step, fraction, line }: BuildProgress): string {
  const share = fraction === undefined ? '' : ` ${Math.round(fraction * 100)} %`;
  return `${step}:${share} ${line}`;
}
