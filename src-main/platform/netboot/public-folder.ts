import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProxyOrder } from '../../ports/netboot.ts';

/**
 * What dnsmasq reads after it has given up root: the first stage and the list of PCs that boot their own disk. The
 * head's own folder is closed to everybody else, so this one stands beside it and holds no secret.
 */
export class PublicFolder {
  readonly path: string;
  readonly tftpRoot: string;
  readonly hostsFile: string;

  constructor(order: Pick<ProxyOrder, 'texts' | 'files' | 'hosts'>) {
    this.path = mkdtempSync(join(tmpdir(), 'nightshift-netboot-'));
    this.tftpRoot = join(this.path, 'tftp');
    this.hostsFile = join(this.path, 'home.hosts');
    chmodSync(this.path, 0o755);
    for (const { name, file } of order.files) {
      this.#place(name, (target) => copyFileSync(file, target));
    }
    for (const { name, text } of order.texts) {
      this.#place(name, (target) => writeFileSync(target, text));
    }
    this.setHosts(order.hosts);
  }

  setHosts(hosts: string): void {
    writeFileSync(this.hostsFile, hosts);
    chmodSync(this.hostsFile, 0o644);
  }

  remove(): void {
    removePublicFolder(this.path);
  }

  #place(name: string, write: (target: string) => void): void {
    const target = join(this.tftpRoot, name);
    mkdirSync(dirname(target), { recursive: true });
    for (let folder = dirname(target); folder.length > this.path.length; folder = dirname(folder)) {
      chmodSync(folder, 0o755); // whatever the umask
    }
    write(target);
    chmodSync(target, 0o644);
  }
}

/** Also of a head that was killed. */
export function removePublicFolder(path: string): void {
  if (dirname(path) === tmpdir() && path.includes('nightshift-netboot-')) {
    rmSync(path, { recursive: true, force: true });
  }
}
