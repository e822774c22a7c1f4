// What tray and notifications say of the lab: pure, from one picture or from two.
import { diaryWords } from '../../shared/words/diary-words.ts';
import type { LabView, MachineView } from '../../shared/api/views.ts';

export interface Notice {
  readonly kind: 'night' | 'trouble' | 'returned' | 'app';
  readonly title: string;
  readonly body: string;
}

/** Lines of the diary that somebody should know of who is not looking. */
const trouble: ReadonlySet<string> = new Set([
  ...['member-lost', 'member-stayed', 'member-came-back'],
  ...['task-failed', 'task-held'],
]);

export const isHere = ({ state, leftAt }: MachineView): boolean =>
  state === 'released' ? leftAt === null : state !== 'lost';

/** PCs that can still be given back. */
export const inTheLab = (view: LabView): number =>
  view.machines.filter(({ state }) => state !== 'released' && state !== 'lost').length;

const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`;

/** One line, such as `Night 3: 12 PCs, 40 tasks running, 3 waiting`. */
export function labLine(view: LabView): string {
  const pcs = inTheLab(view);
  if (pcs === 0) return 'No PCs in the lab';
  const running = view.jobs.reduce((sum, { tasks }) => sum + tasks.running, 0);
  const waiting = view.jobs.reduce((sum, { tasks }) => sum + tasks.queued, 0);
  const tasks = `${count(running, 'task')} running${waiting === 0 ? '' : `, ${waiting} waiting`}`;
  return `Night ${view.night}: ${count(pcs, 'PC')}, ${tasks}`;
}

/** What happened between two pictures of one lab that deserves a notification; many of a kind make one. */
export function noticesBetween(before: LabView, after: LabView): readonly Notice[] {
  const last = before.diary.reduce((highest, { seq }) => Math.max(highest, seq), 0);
  const fresh = after.diary.filter(({ seq }) => seq > last).sort((a, b) => a.seq - b.seq);
  const opened = fresh.find(({ code }) => code === 'night-opened');
  const bad = fresh.filter(({ code }) => trouble.has(code));
  const texts = bad.map(diaryWords);
  if (after.otherHead !== null && before.otherHead === null)
    texts.push(`Another head of this lab answers at ${after.otherHead}; stop one of the two.`);
  return [
    ...(opened ? [{ kind: 'night', title: after.lab, body: diaryWords(opened) } as const] : []),
    ...troubleNotice(after.lab, texts),
    ...returnedNotice(before, after),
  ];
}

function troubleNotice(lab: string, texts: readonly string[]): readonly Notice[] {
  const [first, ...more] = texts;
  if (first === undefined) return [];
  const rest = more.length === 0 ? '' : ` And ${count(more.length, 'more thing')} to look at.`;
  return [{ kind: 'trouble', title: `Trouble in ${lab}`, body: `${first}${rest}` }];
}

function returnedNotice(before: LabView, after: LabView): readonly Notice[] {
  if (!before.machines.some(isHere) || after.machines.some(isHere)) return [];
  const lost = after.machines.filter(({ state }) => state === 'lost').length;
  const flagged = after.machines.filter(({ flag }) => flag !== null).length;
  const gone = after.machines.filter(({ state }) => state === 'released').length;
  const rest = [
    ...(lost > 0 ? [`${count(lost, 'PC')} had been lost.`] : []),
    ...(flagged > 0 ? [`${count(flagged, 'PC')} should be looked at.`] : []),
  ].join(' ');
  if (gone === 0) return [];
  const title = rest === '' ? 'Everything returned' : 'The lab is empty';
  return [
    { kind: 'returned', title, body: `${count(gone, 'PC')} given back and gone. ${rest}`.trim() },
  ];
}
