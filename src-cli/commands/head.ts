import { jsonLine } from '../core/answer.ts';
import { parseWhole } from '../core/environment-wish.ts';
import type { World } from '../core/ports.ts';
import { must, Refused } from '../core/refused.ts';

export interface HeadOptions {
  readonly port?: string;
  readonly lab?: string;
  readonly practice?: boolean;
}

/** A head in the foreground; with --json one line says where it listens, as soon as it does. */
export async function runHead(world: World, json: boolean, options: HeadOptions): Promise<number> {
  const { heads, terminal } = world;
  const port =
    options.port === undefined ? null : must(parseWhole(options.port, '--port', 0, 65_535));
  const running = await heads.running();
  if (running !== null) {
    throw new Refused(
      'refused',
      `a head runs for ${heads.home} already (process ${running.pid}, port ${running.port}).`,
    );
  }
  const flags = [
    ...(port === null ? [] : ['--port', String(port)]),
    ...(options.lab === undefined ? [] : ['--lab', options.lab]),
    ...(options.practice === true ? ['--practice'] : []),
  ];
  let ended = false;
  const end = heads.runHere(flags, json).finally(() => (ended = true));
  while (json && !ended) {
    const facts = await heads.running();
    if (facts !== null) {
      // The address for a browser carries the token; head.json has it for those who may read that.
      const { browserUrl, ...rest } = facts;
      terminal.out(jsonLine(terminal.outIsTty ? { ...rest, browserUrl } : rest));
      break;
    }
    await world.wait(50);
  }
  return end;
}
