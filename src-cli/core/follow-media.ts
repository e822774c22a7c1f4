import type { MediaEvent } from '../../shared/api/media-views.ts';
import { formatDuration } from '../../shared/base/units.ts';
import type { Terminal } from './ports.ts';

type Progress = Extract<MediaEvent, { t: 'progress' }>;
export type MediaResult = Omit<Extract<MediaEvent, { t: 'result' }>, 't'>;

/** Shows every target's progress on one line; hands back the results in the order in which they came. */
export async function followMedia(
  terminal: Pick<Terminal, 'progress' | 'say'>,
  events: AsyncIterable<MediaEvent>,
): Promise<readonly MediaResult[]> {
  const under = new Map<string, Progress>();
  const results: MediaResult[] = [];
  for await (const event of events) {
    switch (event.t) {
      case 'preparing':
        terminal.progress(event.line);
        continue;
      case 'progress':
        if (event.attempt > 1 && event.phase === 'opening') {
          terminal.say(`${event.target} failed; trying once more.`);
        }
        under.set(event.target, event);
        break;
      case 'result': {
        const { t: _, ...result } = event;
        results.push(result);
        under.delete(event.target);
        break;
      }
    }
    terminal.progress(
      under.size === 0 ? null : [...under.values()].map(progressText).join('  ·  '),
    );
  }
  return results;
}

/** `/dev/sdb writing 45 %, 12.3 MB/s, 1 min 20 s` */
export function progressText(progress: Progress): string {
  const { target, phase, done, total, bytesPerSecond, remaining } = progress;
  if (phase === 'opening') return `${target} opening`;
  const share = total === 0 ? 0 : Math.floor((100 * done) / total);
  return [
    `${target} ${phase} ${share} %`,
    `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`,
    ...(remaining === null ? [] : [formatDuration(Math.ceil(remaining / 1000) * 1000)]),
  ].join(', ');
}
