/** An independent, minimal reader of FAT volumes: what a PC's firmware would find. */
export interface ReadFile {
  readonly path: string;
  readonly content: Uint8Array;
}

export interface ReadVolume {
  readonly label: string;
  readonly files: readonly ReadFile[];
}

export function readFat(volume: Uint8Array): ReadVolume {
  const view = new DataView(volume.buffer, volume.byteOffset, volume.byteLength);
  const sector = view.getUint16(11, true);
  const perCluster = view.getUint8(13);
  const reserved = view.getUint16(14, true);
  const tables = view.getUint8(16);
  const rootEntries = view.getUint16(17, true);
  const perTable = view.getUint16(22, true) || view.getUint32(36, true);
  const sectors = view.getUint16(19, true) || view.getUint32(32, true);
  const dataStart = reserved + tables * perTable + Math.ceil((rootEntries * 32) / sector);
  const clusters = Math.floor((sectors - dataStart) / perCluster);
  const bits = clusters < 4085 ? 12 : clusters < 65_525 ? 16 : 32;

  const next = (cluster: number): number | undefined => {
    const table = reserved * sector;
    if (bits === 32) {
      const entry = view.getUint32(table + cluster * 4, true) & 0x0fff_ffff;
      return entry >= 0x0fff_fff8 ? undefined : entry;
    }
    const pair = view.getUint16(table + Math.floor(cluster * 1.5), true);
    const entry = cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
    return entry >= 0xff8 ? undefined : entry;
  };
  const clusterOf = (cluster: number): Uint8Array => {
    const at = (dataStart + (cluster - 2) * perCluster) * sector;
    return volume.subarray(at, at + perCluster * sector);
  };
  const chain = (first: number): Uint8Array => {
    const parts: Uint8Array[] = [];
    for (let at: number | undefined = first; at !== undefined && at >= 2; at = next(at)) {
      parts.push(clusterOf(at));
      if (parts.length > clusters + 2) throw new Error('a chain without an end');
    }
    return Buffer.concat(parts);
  };

  const files: ReadFile[] = [];
  let label = '';
  const walk = (folder: Uint8Array, path: string): void => {
    const entries = new DataView(folder.buffer, folder.byteOffset, folder.byteLength);
    let long = '';
    for (let at = 0; at < folder.length && folder[at] !== 0; at += 32) {
      const attributes = folder[at + 11] ?? 0;
      if (attributes === 0x0f) {
        const letters = [...range(1, 5), ...range(14, 6), ...range(28, 2)].map((offset) =>
          entries.getUint16(at + offset, true),
        );
        const end = letters.indexOf(0);
        const piece = String.fromCharCode(...(end === -1 ? letters : letters.slice(0, end)));
        long = piece + long;
        continue;
      }
      const short = Buffer.from(folder.subarray(at, at + 11)).toString('latin1');
      const [base, end] = [short.slice(0, 8).trimEnd(), short.slice(8).trimEnd()];
      const name = long === '' ? (end === '' ? base : `${base}.${end}`) : long;
      long = '';
      if ((attributes & 0x08) !== 0) label = short.trimEnd();
      else if (name !== '.' && name !== '..') {
        const cluster =
          entries.getUint16(at + 26, true) + entries.getUint16(at + 20, true) * 65_536;
        const size = entries.getUint32(at + 28, true);
        if ((attributes & 0x10) !== 0) walk(chain(cluster), `${path}${name}/`);
        else files.push({ path: path + name, content: chain(cluster).subarray(0, size) });
      }
    }
  };
  const rootAt = (reserved + tables * perTable) * sector;
  walk(
    bits === 32
      ? chain(view.getUint32(44, true))
      : volume.subarray(rootAt, rootAt + rootEntries * 32),
    '',
  );
  return { label, files };
}

const range = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + 2 * index);
