import type { TokenView } from '../../shared/api/token-views.ts';
import { answer, listed } from '../core/answer.ts';
import { count } from '../core/count.ts';
import { parseWhole } from '../core/environment-wish.ts';
import type { World } from '../core/ports.ts';
import { must } from '../core/refused.ts';
import { formatMoment } from '../core/relative-time.ts';
import { formatTable } from '../core/table.ts';
import { withHead } from '../core/with-head.ts';

/** What boot media carry to be let in by. */
export async function listTokens(world: World, json: boolean): Promise<number> {
  const tokens = await withHead(world, ({ api }) => api.enrolment.tokens());
  answer(world, json, tokens, () =>
    tokens.length === 0
      ? ['No boot medium was made yet; nightshift media write makes one.']
      : tokensTable(world, tokens),
  );
  return 0;
}

export async function revokeTokens(
  world: World,
  json: boolean,
  ids: readonly string[],
): Promise<number> {
  const revoked: TokenView[] = [];
  await withHead(world, async ({ api }) => {
    for (const token of ids) revoked.push(await api.enrolment.revoke({ token }));
  });
  answer(world, json, revoked, () =>
    revoked.flatMap(({ id, machines }) => [
      `The token ${id} lets nobody in any more; sticks that carry it have to be made anew.`,
      ...(machines.length === 0
        ? []
        : [
            `${count(machines.length, 'PC')} came in by it (${listed(machines)}) and may stay for a day at most; nightshift machines ban NAME ends that at once.`,
          ]),
    ]),
  );
  return 0;
}

export async function limitToken(
  world: World,
  json: boolean,
  token: string,
  most: string,
): Promise<number> {
  const mostPcs = must(parseWhole(most, 'the number of PCs', 1, 100_000));
  const limited = await withHead(world, ({ api }) => api.enrolment.limit({ token, mostPcs }));
  answer(world, json, limited, () => [
    `The token ${limited.id} lets in up to ${count(mostPcs, 'PC')}; it has let in ${limited.pcs}.`,
  ]);
  return 0;
}

function tokensTable({ terminal, now }: World, tokens: readonly TokenView[]): readonly string[] {
  const { paint } = terminal;
  const moment = (at: number): string => formatMoment(at, new Date(at).getTimezoneOffset());
  return formatTable<TokenView>(
    [
      { title: 'TOKEN', text: ({ id }) => id },
      {
        title: 'FOR',
        text: ({ label, use }) => label ?? (use === 'single' ? 'one PC' : ''),
        most: 24,
      },
      { title: 'MADE', text: ({ madeAt }) => moment(madeAt) },
      {
        title: 'GOOD UNTIL',
        text: ({ expires, revoked }) =>
          revoked ? 'withdrawn' : expires < now() ? 'over' : moment(expires),
        paint: (text, { revoked }) => (revoked ? paint.bad(text) : text),
      },
      {
        title: 'PCS',
        align: 'right',
        text: ({ pcs, mostPcs, use }) => `${pcs}/${use === 'single' ? 1 : (mostPcs ?? 'any')}`,
        paint: (text, { pcs, mostPcs }) => (pcs === mostPcs ? paint.bad(text) : text),
      },
      { title: 'NOW IN THE BOOKS', text: ({ machines }) => machines.join(' '), most: 60 },
    ],
    tokens,
    paint,
  );
}
