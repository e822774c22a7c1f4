import { describe, expect, test } from 'vitest';
import { gibibytes } from '../../../shared/base/units.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { labNames } from '../../../src-main/platform/practice/lab-names.ts';
import {
  kernelLine,
  qemuArguments,
  type VirtualPc,
} from '../../../src-main/platform/practice/vm/qemu-command.ts';
import { rootlessNetwork } from '../../../src-main/platform/practice/vm/vm-network.ts';

const found = rootlessNetwork(labNames('/srv/night shift, practice'));
if (!found.ok) throw new Error(refusalWords(found.error));
const network = found.value;

const pc: VirtualPc = {
  label: 'nightshift-abcdef-pc-02',
  cpus: 2,
  memory: gibibytes(1),
  kernel: '/images/vmlinuz',
  initrd: 'initrd.img',
  cards: network.cards(2),
  lanAddress: `${network.subnet}.12`,
};

/** The word after each of these. */
const after = (words: readonly string[], option: string): readonly string[] =>
  words.filter((_, index) => words[index - 1] === option);

describe('the command that starts a virtual PC', () => {
  test('emulated processors do without the feature that panics guests', () => {
    const words = qemuArguments(pc, 'tcg');
    expect(after(words, '-accel')).toEqual(['tcg,thread=multi']);
    expect(after(words, '-cpu')).toEqual(['max,-cx16']);
    expect(after(qemuArguments(pc, 'kvm'), '-cpu')).toEqual(['host']);
  });

  test('two cards: one towards the head, one to the others, by fixed addresses', () => {
    const words = qemuArguments(pc, 'tcg');
    expect(after(words, '-netdev').map((word) => word.split(',')[0])).toEqual(['user', 'socket']);
    const line = kernelLine(pc, 'tcg');
    expect(line).toContain(',10.0.2.15/24,10.0.2.2');
    expect(line).toContain(`,${network.subnet}.12/24`);
    expect(line).toContain(`nightshift.address=${network.subnet}.12`);
    expect(line).toContain('nightshift.screen-copy=ttyS1');
  });

  test('no two PCs share a card or an address, and no PC has two alike', () => {
    const cards = [1, 2, 3, 255, 256].flatMap((number) => network.cards(number));
    expect(new Set(cards.map(({ mac }) => mac)).size).toBe(cards.length);
    const lan = [1, 2, 3].map((number) => network.cards(number)[1]?.address);
    expect(new Set(lan).size).toBe(3);
  });

  test('a disk with a comma in its name is still one disk', () => {
    const words = qemuArguments({ ...pc, disks: ['/tmp/night shift, disk.img'] }, 'tcg');
    expect(after(words, '-drive')).toEqual([
      'if=none,id=disk0,format=raw,file=/tmp/night shift,, disk.img',
    ]);
  });

  test('a guest that panics boots again, and one that is given back goes off', () => {
    expect(qemuArguments(pc, 'tcg')).not.toContain('-no-reboot');
    expect(kernelLine(pc, 'tcg')).toMatch(/ panic=1 .*nightshift\.leave=off/);
  });

  test('an emulated kernel starts on one processor', () => {
    expect(kernelLine(pc, 'tcg')).toContain('maxcpus=1');
    expect(kernelLine(pc, 'kvm')).not.toContain('maxcpus');
  });
});
