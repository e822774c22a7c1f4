import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { firstStage } from '../../core/netboot/dnsmasq-config.ts';

/** Where they lie now. */
export type FirstStageFiles = Readonly<Record<'bios' | 'uefi' | 'uefiSecond', string>>;

/**
 * What dnsmasq reads after it has given up root: the first stage and the list of PCs that boot their own disk. The
 * head's own folder is closed to everybody else, so this one stands beside it and holds no secret.
 */
export class PublicFolder {
  readonly path: string;
  readonly tftpRoot: string;
  readonly hostsFile: string;

  constructor(loaders: FirstStageFiles, grubConfig: string) {
    this.path = mkdtempSync(join(tmpdir(), 'nightshift-netboot-'));
    this.tftpRoot = join(this.path, 'tftp');
    this.hostsFile = join(this.path, 'home.hosts');
    chmodSync(this.path, 0o755);
    for (const part of ['bios', 'uefi', 'uefiSecond'] as const) {
      this.#place(firstStage[part], (target) => copyFileSync(loaders[part], target));
    }
    this.#place(firstStage.grubConfig, (target) => writeFileSync(target, grubConfig));
  }

  setHome(hosts: string): void {
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
