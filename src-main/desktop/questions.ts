// What the app asks before something that cannot be taken back, as plain message boxes: they need no window.
import type { MessageBoxOptions } from 'electron';
import type { ReleaseMoment } from '../../shared/domain/member.ts';

export const releaseAnswers: readonly (ReleaseMoment | null)[] = ['checkpoint', 'now', null];

/** `minutesLost`: of work, if all is given back at once. */
export function releaseQuestion(pcs: number, minutesLost: number): MessageBoxOptions {
  const lost =
    minutesLost < 0.05
      ? 'next to nothing is lost'
      : `about ${minutesLost < 10 ? minutesLost.toFixed(1) : Math.round(minutesLost)} minutes of work are lost`;
  return {
    type: 'question',
    title: 'Release now',
    message: pcs === 1 ? 'Give the PC back now?' : `Give all ${pcs} PCs back now?`,
    detail:
      'At the next checkpoint, programs are saved first and go on another night; nothing is lost. ' +
      `At once, they fall back to their newest checkpoint: ${lost}.`,
    buttons: ['At the next checkpoint', 'At once', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  };
}

/** Of an app whose head ends with it. `pcs`: in the lab at this moment. */
export function quitQuestion(pcs: number): MessageBoxOptions {
  const what =
    pcs === 0
      ? 'No PC is in the lab at the moment; none can come in until Nightshift runs again.'
      : `The ${pcs === 1 ? 'PC in the lab freezes its' : `${pcs} PCs in the lab freeze their`} programs and wait until it runs again; nothing is saved, moved or given back meanwhile.`;
  return {
    type: 'warning',
    title: 'Quit Nightshift',
    message: 'Stop the head of the lab?',
    detail: `It runs in this app and stops with it. ${what} To leave the night running, close the window: Nightshift stays in the tray.`,
    buttons: ['Leave it running', 'Quit'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  };
}
