import { encodeCpio, file, folder, type ArchiveEntry } from './cpio.ts';

/** The initramfs lays what is below this over the system. */
const overlay = 'nightshift';

/** Comes after the base image: agent and init are new more often than the system. */
export function startArchive(start: {
  readonly agent: Uint8Array;
  readonly init: Uint8Array;
  /** One line; what the member says it runs. */
  readonly version: Uint8Array;
}): Uint8Array {
  return encodeCpio([
    ...below('usr/lib/nightshift'),
    file(`${overlay}/usr/lib/nightshift/agent.mjs`, start.agent),
    file(`${overlay}/usr/lib/nightshift/init`, start.init, 0o755),
    ...below('etc/nightshift').slice(1),
    file(`${overlay}/etc/nightshift/version`, start.version),
  ]);
}

/** Comes last: whose PC this is. One base image serves all labs. */
export function identityArchive(identity: Uint8Array): Uint8Array {
  return encodeCpio([
    ...below('etc/nightshift'),
    file(`${overlay}/etc/nightshift/identity.json`, identity, 0o600),
  ]);
}

function below(path: string): readonly ArchiveEntry[] {
  const names = `${overlay}/${path}`.split('/');
  return names.map((_, index) => folder(names.slice(0, index + 1).join('/')));
}
