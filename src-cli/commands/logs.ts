import { jsonLine } from '../core/answer.ts';
import { followLog } from '../core/follow-log.ts';
import type { World } from '../core/ports.ts';

/**
 * Byte for byte, but where a person looks only text and colours unless it is `raw`. With --json one line `{"text": …}` for
 * each piece, so that a program can follow, too.
 */
export async function showLogs(
  world: World,
  json: boolean,
  task: string,
  { follow, raw }: { readonly follow: boolean; readonly raw: boolean },
): Promise<number> {
  const { terminal } = world;
  const decoder = new TextDecoder('utf-8');
  await followLog(world, task, follow, async (bytes) => {
    if (!json) return terminal.program(bytes, raw);
    const text = decoder.decode(bytes, { stream: true });
    if (text !== '') terminal.out(jsonLine({ text }));
  });
  return 0;
}
