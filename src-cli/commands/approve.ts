import type { DecidedPcView, WaitingPcView } from '../../shared/api/netboot-views.ts';
import { answer, jsonLine } from '../core/answer.ts';
import type { World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import { formatAgo } from '../core/relative-time.ts';
import { formatTable } from '../core/table.ts';
import { withHead } from '../core/with-head.ts';

export interface ApproveOptions {
  readonly refuse?: boolean;
  readonly forget?: string;
}

/** Lets PCs without a token in, or keeps them out; the first code that is wrong ends it. */
export async function approve(
  world: World,
  json: boolean,
  codes: readonly string[],
  options: ApproveOptions,
): Promise<number> {
  const { refuse, forget } = options;
  if (forget !== undefined) {
    if (codes.length > 0 || refuse === true) {
      throw new Refused('misuse', '--forget takes a machine and nothing else.');
    }
    const forgotten = await withHead(world, ({ api }) => api.enrolment.forget({ machine: forget }));
    answer(world, json, forgotten, () => [
      `What was decided on ${forget} is forgotten; at its next boot it shows a code again.`,
    ]);
    return 0;
  }
  if (codes.length === 0) {
    if (refuse === true) throw new Refused('misuse', 'write the code of the PC to refuse.');
    const waiting = await withHead(world, ({ api }) => api.enrolment.waiting());
    answer(world, json, waiting, () => waitingTable(world, waiting));
    return 0;
  }
  const decided: DecidedPcView[] = [];
  await withHead(world, async ({ api }) => {
    for (const code of codes) {
      const pc = await api.enrolment[refuse === true ? 'refuse' : 'approve']({ code });
      decided.push(pc);
      if (json) continue;
      const who = pc.name ?? pc.address;
      world.terminal.out(
        refuse === true
          ? `${pc.code} is kept out (${who}); nightshift approve --forget ${pc.machineKey} undoes that.`
          : `${pc.code} is let in (${who}), now and at every later boot.`,
      );
    }
  });
  if (json) world.terminal.out(jsonLine(decided));
  return 0;
}

function waitingTable(world: World, waiting: readonly WaitingPcView[]): readonly string[] {
  if (waiting.length === 0) return ['No PC waits to be let in.'];
  return [
    ...formatTable<WaitingPcView>(
      [
        { title: 'NETWORK CARD', text: ({ machineKey }) => machineKey },
        { title: 'ADDRESS', text: ({ address }) => address },
        { title: 'CALLS ITSELF', text: ({ name }) => name ?? '' },
        { title: 'WAITING SINCE', text: ({ since }) => formatAgo(since, world.now()) },
      ],
      waiting,
      world.terminal.paint,
    ),
    'The code is on the screen of the PC itself: go there, read it, and type nightshift approve CODE.',
  ];
}
