import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeCpio, file } from '../../src-main/core/boot-image/cpio.ts';
import {
  qemuArguments,
  type Accelerator,
  type VirtualPc,
} from '../../src-main/platform/practice/vm/qemu-command.ts';
import { startQemu } from '../../src-main/platform/practice/vm/start-qemu.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';

/** Instead of the member system's own `init`: nothing but what a shell needs, and then the shell. */
const init = `#!/bin/sh
mount -t proc proc /proc
mount -t devtmpfs dev /dev
exec sh -c 'read up idle </proc/uptime; echo "shell after $up s"; exec sh' </dev/console >/dev/console 2>&1
`;

export interface BarePc extends Pick<VirtualPc, 'cpus' | 'memory' | 'kernel' | 'cards'> {
  /** Empty or not there yet. */
  readonly folder: string;
  readonly accelerator: Accelerator;
  /** The image's small file system: busybox and what it starts with. */
  readonly initramfs: string;
}

/** Boots the kernel to a shell in a PC of the same make, and switches it off. Seconds, by that kernel's own clock. */
export async function secondsToBareShell(pc: BarePc): Promise<number> {
  mkdirSync(pc.folder, { recursive: true });
  const log = join(pc.folder, 'agent.log');
  writeFileSync(log, '');
  const initrd = join(pc.folder, 'initrd.img');
  copyFileSync(pc.initramfs, initrd);
  // What comes later in an initrd replaces what came before.
  appendFileSync(initrd, encodeCpio([file('init', Buffer.from(init), 0o755)]));
  const { cpus, memory, kernel, cards, accelerator, folder } = pc;
  const started = await startQemu(
    folder,
    [],
    qemuArguments(
      {
        ...{ label: 'nightshift-bench-bare', cpus, memory, kernel, initrd: 'initrd.img' },
        // The same cards, whose cables lead nowhere: they are not even looked at.
        cards: cards.map((card) => ({ ...card, backend: 'user,restrict=on' })),
        lanAddress: cards[0]?.address ?? '',
      },
      accelerator,
    ),
  );
  if (!started.ok) throw new Error(refusalWords(started.error));
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  try {
    const said = (): string => readFileSync(log, 'latin1');
    return await waitUntil(
      'the bare shell is there',
      () => Number(/shell after ([\d.]+) s/.exec(said())?.[1]) || undefined,
      { within: 300_000, picture: async () => said().slice(-2000) },
    );
  } finally {
    process.kill(pid, 'SIGKILL');
  }
}
