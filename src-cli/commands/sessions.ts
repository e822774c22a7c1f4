import type { SessionView } from '../../shared/api/session-views.ts';
import { answer } from '../core/answer.ts';
import { count } from '../core/count.ts';
import type { World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import { formatAgo } from '../core/relative-time.ts';
import { formatTable } from '../core/table.ts';
import { withHead } from '../core/with-head.ts';

/** Browsers that were let in by the token. */
export async function showSessions(world: World, json: boolean): Promise<number> {
  const sessions = await withHead(world, ({ api }) => api.sessions.list());
  answer(world, json, sessions, () =>
    sessions.length === 0
      ? ['No browser is let in at the moment.']
      : formatTable<SessionView>(
          [
            { title: 'SESSION', text: ({ id }) => id },
            {
              title: 'FROM',
              text: ({ listener, from }) => (listener === 'local' ? 'this machine' : from),
            },
            { title: 'SINCE', text: ({ since }) => formatAgo(since, world.now()) },
            { title: 'BROWSER', text: ({ agent }) => agent, most: 60 },
          ],
          sessions,
          world.terminal.paint,
        ),
  );
  return 0;
}

export async function endSessions(
  world: World,
  json: boolean,
  ids: readonly string[],
  all: boolean,
): Promise<number> {
  if (all === ids.length > 0)
    throw new Refused(
      'misuse',
      'name the sessions to end, or write --all for every one (not both).',
    );
  const ended: string[] = [];
  await withHead(world, async ({ api }) => {
    for (const session of all ? ['all'] : ids)
      ended.push(...(await api.sessions.end({ session })).ended);
  });
  answer(world, json, { ended }, () => [
    `${count(ended.length, 'session')} ended; the address with the token lets a browser in again.`,
  ]);
  return 0;
}
