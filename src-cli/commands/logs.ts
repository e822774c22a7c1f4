import { followLog } from '../core/follow-log.ts';
import type { World } from '../core/ports.ts';

/** With --json one line `{"text": …}` for each piece, so that a program can follow, too. */
export async function showLogs(
  world: World,
  json: boolean,
  task: string,
  follow: boolean,
): Promise<number> {
  const { terminal } = world;
  await followLog(world, task, follow, (text) =>
    terminal.write(json ? `${JSON.stringify({ text })}\n` : text),
  );
  return 0;
}
