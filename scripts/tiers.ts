// The tiers of `npm test` in the order they run: the quickest answer first.
import { installedRuntime, windowObstacle } from '../src-main/platform/making-ready/desktop-app.ts';
import {
  bringing,
  chromiumPackage,
  ovmfPackage,
  sshdPackage,
  fontsPackage,
  type SystemPackage,
} from './system-packages.ts';

type ToolTier = { readonly kind: 'tool'; readonly command: readonly string[] };

type VitestTier = {
  readonly kind: 'vitest';
  /** Test files outside test/<name>/. */
  readonly alsoIn?: readonly string[];
  readonly packages?: readonly SystemPackage[];
  /** Why this machine cannot run it, whatever is installed; undefined if it can. */
  readonly obstacle?: () => string | undefined;
};

export type Tier = (ToolTier | VitestTier) & {
  readonly name: string;
  readonly meaning: string;
  /** Too long for every `npm test`; `.ci/run` and `npm test -- <name>` run it. */
  readonly onlyWhenNamed?: boolean;
};

function needsLinuxRoot(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux (namespaces, containers)';
  if (process.getuid?.() !== 0)
    return 'it needs root (namespaces, containers); try `sudo npm test`';
  return undefined;
}

function desktopObstacle(): string | undefined {
  return (
    windowObstacle() ??
    (installedRuntime() === undefined
      ? 'the Electron runtime is not here; `npx electron --version` fetches it where there is internet'
      : undefined)
  );
}

export const tiers: readonly Tier[] = [
  {
    name: 'types',
    meaning: 'every layer by its own tsconfig',
    kind: 'tool',
    command: ['scripts/check.ts'],
  },
  {
    name: 'lint',
    meaning: 'what each layer may touch',
    kind: 'tool',
    command: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'],
  },
  {
    name: 'format',
    meaning: 'prettier',
    kind: 'tool',
    command: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  },
  {
    name: 'unit',
    meaning: 'decisions and codecs by themselves, and the architecture',
    kind: 'vitest',
    alsoIn: ['test/architecture.test.ts'],
  },
  { name: 'sim', meaning: 'whole labs in simulated time', kind: 'vitest' },
  {
    name: 'ui',
    meaning: 'the views in a real browser',
    kind: 'vitest',
    packages: [chromiumPackage, fontsPackage],
  },
  {
    name: 'lab',
    meaning: 'the real head and members in containers on this machine',
    kind: 'vitest',
    packages: [
      chromiumPackage,
      fontsPackage,
      bringing('mmdebstrap'),
      bringing('openssh-client', 'ssh'),
      sshdPackage,
      bringing('p7zip-full', '7za'),
      bringing('iproute2', 'ip'),
      bringing('binutils', 'strip'),
      bringing('kmod', 'modprobe'),
    ],
    obstacle: needsLinuxRoot,
  },
  {
    name: 'vm',
    meaning: 'the real boot image in virtual PCs',
    kind: 'vitest',
    onlyWhenNamed: true,
    packages: [
      bringing('mmdebstrap'),
      bringing('iproute2', 'ip'),
      bringing('dnsmasq-base', 'dnsmasq'),
      bringing('util-linux', 'setpriv'),
      bringing('qemu-system-x86', 'qemu-system-x86_64'),
      ovmfPackage,
    ],
    obstacle: needsLinuxRoot,
  },
  {
    name: 'interop',
    meaning: 'beside the real programs of others',
    kind: 'vitest',
    onlyWhenNamed: true,
    packages: [
      bringing('mmdebstrap'),
      bringing('iproute2', 'ip'),
      bringing('dnsmasq-base', 'dnsmasq'),
      bringing('util-linux', 'setpriv'),
      bringing('nftables', 'nft'),
      bringing('tcpdump'),
      bringing('qemu-system-x86', 'qemu-system-x86_64'),
      ovmfPackage,
      bringing('mtools', 'mcopy'),
      bringing('dosfstools', 'fsck.fat'),
      bringing('fdisk', 'sfdisk'),
      bringing('e2fsprogs', 'mkfs.ext4'),
      bringing('grub-common', 'grub-fstest'),
      bringing('cpio'),
    ],
    obstacle: needsLinuxRoot,
  },
  {
    name: 'desktop',
    meaning: 'the app in a real Electron, where its runtime can be had',
    kind: 'vitest',
    onlyWhenNamed: true,
    obstacle: desktopObstacle,
  },
];

/** Tiers come first; from the first other word on everything is vitest's, a word that is called like a tier, too. */
export function partWords(words: readonly string[]): {
  readonly chosen: readonly string[];
  readonly forVitest: readonly string[];
} {
  const isTier = (word: string): boolean => tiers.some(({ name }) => name === word);
  const first = words.findIndex((word) => !isTier(word));
  const count = first === -1 ? words.length : first;
  return { chosen: words.slice(0, count), forVitest: words.slice(count) };
}
