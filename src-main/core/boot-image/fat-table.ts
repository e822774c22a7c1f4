import { firstCluster, type FatShape } from './fat-shape.ts';

/**
 * The used beginning of the table: entries 0 and 1 (media byte and end mark), then one chain for each run of clusters:
 * every cluster names the next, the last one says that it is the last.
 */
export function encodeTable(
  { kind }: Pick<FatShape, 'kind'>,
  runs: readonly { readonly cluster: number; readonly count: number }[],
): Uint8Array {
  const last = kind === 12 ? 0xfff : 0x0fff_ffff;
  const entries = kind === 12 ? [0xff0, 0xfff] : [0x0fff_fff8, 0x0fff_ffff];
  for (const { cluster, count } of runs) {
    if (cluster !== entries.length || cluster < firstCluster) {
      throw new Error(`a run at cluster ${cluster} does not follow the one before`);
    }
    for (let at = cluster; at < cluster + count - 1; at += 1) entries.push(at + 1);
    entries.push(last);
  }
  return kind === 12 ? packed12(entries) : packed32(entries);
}

/** Two entries in three bytes: the first has the lower half of the second byte. */
function packed12(entries: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(entries.length / 2) * 3);
  for (let pair = 0; 2 * pair < entries.length; pair += 1) {
    const [even, odd] = [entries[2 * pair] ?? 0, entries[2 * pair + 1] ?? 0];
    bytes[3 * pair] = even & 0xff;
    bytes[3 * pair + 1] = (even >> 8) | ((odd & 0xf) << 4);
    bytes[3 * pair + 2] = odd >> 4;
  }
  return bytes;
}

function packed32(entries: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [at, entry] of entries.entries()) view.setUint32(at * 4, entry, true);
  return bytes;
}
