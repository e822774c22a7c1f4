import { answer } from '../core/answer.ts';
import type { World } from '../core/ports.ts';
import { formatTable } from '../core/table.ts';
import { withHead } from '../core/with-head.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  readonly remedy: string | null;
}

/** The head looks after itself; without one, that is the finding. */
export async function doctor(world: World, json: boolean): Promise<number> {
  const connected = await world.heads.connect();
  const checks: readonly Check[] = connected.ok
    ? await withHead(world, ({ api }) => api.doctor())
    : [
        {
          check: 'head',
          ok: false,
          // The sentence says what to do, too.
          found: refusalWords(connected.error),
          remedy: null,
        },
      ];
  if (connected.ok) connected.value.close();
  const { paint } = world.terminal;
  answer(world, json, checks, () => [
    ...formatTable<Check>(
      [
        {
          title: '',
          text: ({ ok }) => (ok ? 'ok' : '!!'),
          paint: (text, { ok }) => (ok ? paint.good(text) : paint.bad(text)),
        },
        { title: 'CHECK', text: ({ check }) => check },
        { title: 'FOUND', text: ({ found }) => found },
      ],
      checks,
      paint,
    ),
    ...checks.flatMap(({ ok, check, remedy }) =>
      ok || remedy === null ? [] : [`${check}: ${remedy}`],
    ),
  ]);
  return checks.every(({ ok }) => ok) ? 0 : 1;
}
