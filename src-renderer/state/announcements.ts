import { diaryWords } from '../../shared/words/diary-words.ts';
import type { DiaryLine } from '../../shared/api/views.ts';

/** More than these at once are summed up: a voice that reads thirty lines helps nobody. */
const readOut = 3;

/** What a screen reader says about lines that came since `seen`; empty when nothing did. */
export function announcementOf(diary: readonly DiaryLine[], seen: number): string {
  const fresh = diary.filter(({ seq }) => seq > seen);
  if (fresh.length <= readOut) return fresh.map(diaryWords).join(' ');
  const bad = fresh.filter(({ tone }) => tone === 'bad');
  const told = bad.length > 0 ? bad.slice(-readOut) : fresh.slice(-1);
  return `${fresh.length} things happened. ${told.map(diaryWords).join(' ')}`;
}
