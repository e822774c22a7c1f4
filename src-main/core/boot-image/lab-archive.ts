import { asciiBytes, encodeCpio, file, folder, type ArchiveEntry } from './cpio.ts';

/** The initramfs lays what is below this over the system. */
const overlay = 'nightshift';

/** SHA-256, in lower-case hex digits. */
export type Digest = (content: Uint8Array) => string;

/**
 * What a PC compares its files with when it starts, as sha256sum(1) reads it: neither TFTP nor HTTP nor a stick notices each bit
 * that was turned over on the way. The initramfs looks for `sums/system`, `sums/start` and `sums/identity`.
 */
function sumsOf(part: string, files: readonly ArchiveEntry[], digest: Digest): ArchiveEntry {
  const lines = files.map(({ path, content }) => `${digest(content)}  /${path}\n`);
  return file(`sums/${part}`, asciiBytes(lines.join('')));
}

/** Comes after the base image: agent and init are new more often than the system. */
export function startArchive(start: {
  readonly agent: Uint8Array;
  readonly init: Uint8Array;
  /** One line; what the member says it runs. */
  readonly version: Uint8Array;
  readonly digest: Digest;
}): Uint8Array {
  const programs = [
    file(`${overlay}/usr/lib/nightshift/agent.mjs`, start.agent),
    file(`${overlay}/usr/lib/nightshift/init`, start.init, 0o755),
  ];
  const version = file(`${overlay}/etc/nightshift/version`, start.version);
  return encodeCpio([
    ...below('usr/lib/nightshift'),
    ...programs,
    ...below('etc/nightshift').slice(1),
    version,
    folder('sums'),
    sumsOf('start', [...programs, version], start.digest),
  ]);
}

/** Comes last: whose PC this is. One base image serves all labs. */
export function identityArchive(identity: Uint8Array, digest: Digest): Uint8Array {
  const json = file(`${overlay}/etc/nightshift/identity.json`, identity, 0o600);
  return encodeCpio([
    ...below('etc/nightshift'),
    json,
    folder('sums'),
    sumsOf('identity', [json], digest),
  ]);
}

function below(path: string): readonly ArchiveEntry[] {
  const names = `${overlay}/${path}`.split('/');
  return names.map((_, index) => folder(names.slice(0, index + 1).join('/')));
}
