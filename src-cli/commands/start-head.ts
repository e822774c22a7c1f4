import { count } from '../core/count.ts';
import type { World } from '../core/ports.ts';
import { must, Refused } from '../core/refused.ts';

/** Building the member system takes minutes at the first start. */
const patience = 30 * 60_000;

/** Starts a head in the background for a practice lab and waits until it answers. */
export async function startHead(world: World): Promise<void> {
  const { terminal, heads } = world;
  terminal.say(`No head runs for ${heads.home}; starting one.`);
  const started = must(await heads.startBehind(['--head-only', '--practice']));
  let ended: { readonly exitCode: number | null; readonly lastLine: string | null } | null = null;
  void started.ended.then(
    (how) => (ended = how),
    () => (ended = { exitCode: null, lastLine: null }),
  );
  started.lines((line) => terminal.say(`  ${line}`));
  const began = world.now();
  try {
    for (;;) {
      if ((await heads.running()) !== null) {
        const connected = await heads.connect();
        if (connected.ok) {
          connected.value.close();
          return;
        }
      }
      const how: { readonly exitCode: number | null; readonly lastLine: string | null } | null =
        ended;
      if (how !== null) throw new Refused('failed', endText(how));
      if (world.interrupted.aborted) {
        throw new Refused(
          'failed',
          `the head goes on starting in the background (process ${started.pid}); give the command again to see.`,
        );
      }
      if (world.now() - began > patience) {
        throw new Refused(
          'failed',
          `the head has not answered within ${count(patience / 60_000, 'minute')}; see practice/start.log in ${heads.home}.`,
        );
      }
      await world.wait(100);
    }
  } finally {
    started.letGo();
  }
}

function endText(how: {
  readonly exitCode: number | null;
  readonly lastLine: string | null;
}): string {
  const last = how.lastLine?.replace(/^nightshift: /, '').replace(/\.$/, '');
  return `the head did not start${how.exitCode === null ? '' : ` (exit code ${how.exitCode})`}${last === undefined ? '' : `: ${last}`}.`;
}
