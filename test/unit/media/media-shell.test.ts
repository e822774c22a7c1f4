import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { MediaEvent } from '../../../shared/api/media-views.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import { bytes, hours, mebibytes } from '../../../shared/base/units.ts';
import type { FileThere } from '../../../src-main/ports/block-device.ts';
import { driveIdentity } from '../../../src-main/core/boot-image/drive-safety.ts';
import { stickSize } from '../../../src-main/core/boot-image/stick-image.ts';
import { MediaShell, type MediaPorts } from '../../../src-main/shells/media-shell.ts';
import { ManualClock } from '../../../src-sim/manual-clock.ts';
import { SeededRng } from '../../../src-sim/seeded-rng.ts';
import { readFat } from '../boot-image/fat-reader.ts';
import { driveOf, useOf } from './drives.ts';
import { SimulatedDrive, SimulatedDrives, type Misfortune } from './simulated-drive.ts';
import { inWords } from '../../in-words.ts';

const loader = (size: number): Uint8Array => new Uint8Array(size).fill(0x90);
const stored = (file: string) => ({ file, size: 2000 });
const material = {
  loaders: {
    boot: loader(512),
    core: loader(5000),
    shim: stored('shim'),
    grub: stored('grub'),
    mokManager: stored('mok'),
  },
  kernel: stored('kernel'),
  parts: [stored('base'), stored('start')] as const,
};
const size = stickSize(material);
const medium = {
  hours: '18:00-07:30',
  validFor: hours(24),
  address: null,
  kernelOptions: '',
};

class Machine {
  readonly drives: SimulatedDrives;
  readonly file = new SimulatedDrive(driveOf('/tmp/stick.img', { size }));
  there: FileThere = 'missing';
  discarded = 0;
  boots: Result<string> = ok('10.0.0.1:7413');
  readonly floppies: { readonly validFor: number; readonly address: string | null }[] = [];
  fault: Result<never> | undefined;
  readonly events: MediaEvent[] = [];
  readonly identities: (string | null)[] = [];
  readonly stop = { aborted: false };
  readonly shell: MediaShell;

  constructor(...sticks: SimulatedDrive[]) {
    this.drives = new SimulatedDrives(...sticks);
    const ports: MediaPorts = {
      lab: 'Room 12',
      clock: new ManualClock(),
      rng: new SeededRng(7),
      drives: this.drives,
      files: {
        there: async () => this.there,
        open: async (target) => {
          this.file.facts = { ...this.file.facts, size: target.size };
          return this.file.open();
        },
        discard: async () => void (this.discarded += 1),
      },
      contents: { read: async (_file, _at, length) => ok(loader(length)) },
      digest: (content) => createHash('sha256').update(content).digest('hex'),
      stickMaterial: async (onLine) => {
        onLine('boot loaders: fetching');
        return this.fault ?? ok(material);
      },
      floppyLoaders: async () => ok({ boot: loader(512), core: loader(5000), ipxe: loader(9000) }),
      identity: ({ address }) => {
        this.identities.push(address);
        return loader(512);
      },
      serveFloppies: async (wish) => {
        this.floppies.push(wish);
        return this.boots.ok && wish.address !== null ? ok(wish.address) : this.boots;
      },
      zone: () => ({ name: 'Europe/Berlin', offsets: [60, 120] }),
    };
    this.shell = new MediaShell(ports);
  }

  get sink() {
    return { event: (event: MediaEvent) => void this.events.push(event), stop: this.stop };
  }
  results() {
    return this.events.flatMap((event) => (event.t === 'result' ? [event] : []));
  }
}

const stick = (path: string, sequence = 1): SimulatedDrive =>
  new SimulatedDrive(driveOf(path, { size, sequence }));
const choice = (path: string, identity: string | null = null) => ({
  path,
  identity,
  typedName: null,
});

describe('the head’s boot media', () => {
  test('lists what may be written and says why the rest may not', async () => {
    const system = new SimulatedDrive(
      driveOf('/dev/sda', {
        size,
        transport: 'sata',
        uses: [useOf('/dev/sda1', { label: 'root', fileSystem: 'ext4', mountedAt: ['/'] })],
      }),
    );
    const listed = await new Machine(system, stick('/dev/sdb')).shell.list();
    expect(listed).toMatchObject({
      ok: true,
      value: [
        { path: '/dev/sda', erasable: false, because: 'this machine uses it at /' },
        { path: '/dev/sdb', erasable: true, because: null, holds: null },
      ],
    });
    if (listed.ok) expect(listed.value[0]?.holds).toBe('root ext4');
  });

  test('makes two sticks that hold the same and are told apart', async () => {
    const sticks = [stick('/dev/sdb'), stick('/dev/sdc', 2)];
    const machine = new Machine(...sticks);
    const drives = [choice('/dev/sdb'), choice('/dev/sdc')];
    expect(await machine.shell.write({ ...medium, drives }, machine.sink)).toEqual(ok(null));
    expect(machine.results()).toMatchObject([{ ok: true }, { ok: true }]);
    expect(machine.events[0]).toEqual({ t: 'preparing', line: 'boot loaders: fetching' });
    const [one, two] = sticks.map(({ content }) => content);
    expect(
      readFat((one ?? loader(0)).subarray(mebibytes(1))).files.map(({ path }) => path),
    ).toContain('identity.cpio');
    expect(
      Buffer.compare((one ?? loader(0)).subarray(440, 444), (two ?? loader(0)).subarray(440, 444)),
    ).not.toBe(0);
    expect(machine.identities).toEqual([null]);
  });

  test('touches none when one of them may not be written', async () => {
    const good = stick('/dev/sdb');
    const large = new SimulatedDrive(driveOf('/dev/sdc', { size }));
    large.facts = { ...large.facts, size: bytes(2e12) };
    const machine = new Machine(good, large);
    const drives = [choice('/dev/sdb'), choice('/dev/sdc')];
    expect(inWords(await machine.shell.write({ ...medium, drives }, machine.sink))).toMatchObject({
      ok: false,
      error: { sentence: expect.stringContaining('confirm with its name') as string },
    });
    expect(good.opened).toBe(0);
  });

  test('names the sticks there are when one is asked for that is not', async () => {
    const machine = new Machine(stick('/dev/sdb'));
    const order = { ...medium, drives: [choice('/dev/sdx')] };
    expect(await machine.shell.write(order, machine.sink)).toEqual(
      refuseFor('not-found', 'no-such-drive', { path: '/dev/sdx', offered: ['/dev/sdb'] }),
    );
  });

  test('refuses a stick that was swapped after it was chosen', async () => {
    const chosen = driveIdentity(driveOf('/dev/sdb', { size, sequence: 1 }));
    const other = stick('/dev/sdb', 2);
    const machine = new Machine(other);
    const order = { ...medium, drives: [choice('/dev/sdb', chosen)] };
    expect(inWords(await machine.shell.write(order, machine.sink))).toMatchObject({
      ok: false,
      error: { sentence: expect.stringContaining('Another drive is at /dev/sdb') as string },
    });
    expect(other.opened).toBe(0);
  });

  test('refuses one that is swapped while the image is still being built', async () => {
    const machine = new Machine(stick('/dev/sdb', 1));
    const other = stick('/dev/sdb', 2);
    const order = { ...medium, drives: [choice('/dev/sdb')] };
    const done = machine.shell.write(order, {
      ...machine.sink,
      event: (event) => {
        if (event.t === 'preparing') machine.drives.drives = [other];
        machine.events.push(event);
      },
    });
    expect(await done).toEqual(ok(null));
    expect(machine.results()).toMatchObject([
      { ok: false, sentence: expect.stringContaining('Another drive') as string },
    ]);
    expect(other.opened).toBe(0);
  });

  test('refuses another one that was put in after the first failed', async () => {
    const first = stick('/dev/sdb', 1);
    first.misfortune = { breaksAt: 3 };
    const machine = new Machine(first);
    const other = stick('/dev/sdb', 2);
    first.onClose = () => {
      machine.drives.drives = [other];
    };
    await machine.shell.write({ ...medium, drives: [choice('/dev/sdb')] }, machine.sink);
    expect(machine.results()).toMatchObject([
      { ok: false, sentence: expect.stringContaining('Another drive') as string },
    ]);
    expect([first.opened, other.opened]).toEqual([1, 0]);
  });

  test('never writes one stick twice at the same time', async () => {
    const machine = new Machine(stick('/dev/sdb'));
    const order = { ...medium, drives: [choice('/dev/sdb')] };
    const [first, second] = await Promise.all([
      machine.shell.write(order, machine.sink),
      machine.shell.restore(order.drives, machine.sink),
    ]);
    expect([first.ok, second.ok]).toEqual([true, false]);
    expect(inWords(second)).toMatchObject({
      error: { sentence: '/dev/sdb is being written already; wait until that is over.' },
    });
    // Afterwards it may be.
    expect((await machine.shell.restore(order.drives, machine.sink)).ok).toBe(true);
  });

  test('makes an ordinary stick again of one that was a boot stick', async () => {
    const one = stick('/dev/sdb');
    const machine = new Machine(one);
    await machine.shell.write({ ...medium, drives: [choice('/dev/sdb')] }, machine.sink);
    await machine.shell.restore([choice('/dev/sdb')], machine.sink);
    const { label, files } = readFat(one.content.subarray(mebibytes(1)));
    expect([label, files]).toEqual(['USB STICK', []]);
    // Nothing of GRUB is left to start.
    expect([...one.content.subarray(0, 2)]).toEqual([0xcd, 0x18]);
    expect(one.content.subarray(512, mebibytes(1)).every((byte) => byte === 0)).toBe(true);
  });

  const failing: readonly (readonly [string, Misfortune, string | null, number])[] = [
    ['answers with an error', { breaksAt: 2 }, 'broken', 2],
    ['answers with an error once', { breaksAt: 2, once: true }, null, 2],
    ['takes half a piece', { shortAt: 2 }, 'does not give back what was written', 2],
    ['stops in the middle of a piece once', { tornAt: 2, once: true }, null, 2],
    ['cannot be read back', { deafAt: mebibytes(1) }, 'broken', 2],
    ['is pulled out', { vanishesAt: 2 }, 'vanished', 1],
    ['is pulled out while it is read back', { vanishesAtRead: 1 }, 'vanished', 1],
  ];
  test.each(failing)(
    'says of a stick to restore that %s what came of it',
    async (_what, misfortune, sentence, tries) => {
      const one = stick('/dev/sdb');
      one.misfortune = misfortune;
      one.content.fill(0xa5);
      const machine = new Machine(one, stick('/dev/sdc', 2));
      await machine.shell.restore([choice('/dev/sdb'), choice('/dev/sdc')], machine.sink);
      const results = new Map(machine.results().map((result) => [result.target, result]));
      expect(results.get('/dev/sdc')).toMatchObject({ ok: true });
      const result = results.get('/dev/sdb');
      expect([result?.ok, one.opened]).toEqual([sentence === null, tries]);
      expect(result?.sentence ?? '').toContain(sentence ?? '');
      // Whatever came of it, it does not boot.
      expect([0xcd, 0]).toContain(one.content[0]);
    },
  );

  test('does not restore a stick that was put in the place of the chosen one', async () => {
    const chosen = driveIdentity(driveOf('/dev/sdb', { size, sequence: 1 }));
    const other = stick('/dev/sdb', 2);
    const machine = new Machine(other);
    expect(
      inWords(await machine.shell.restore([choice('/dev/sdb', chosen)], machine.sink)),
    ).toMatchObject({
      error: { sentence: expect.stringContaining('Another drive is at /dev/sdb') as string },
    });
    expect(other.opened).toBe(0);
  });

  test('hands on why there is no image to write', async () => {
    const one = stick('/dev/sdb');
    const machine = new Machine(one);
    machine.fault = refuse('refused', 'Building needs root.');
    const order = { ...medium, drives: [choice('/dev/sdb')] };
    expect(await machine.shell.write(order, machine.sink)).toEqual(machine.fault);
    expect(one.opened).toBe(0);
  });

  test('refuses hours that are none before anything is looked at', async () => {
    const machine = new Machine();
    const order = { ...medium, hours: 'at night', drives: [choice('/dev/sdb')] };
    expect(await machine.shell.write(order, machine.sink)).toMatchObject({
      error: { kind: 'misuse' },
    });
  });
});

describe('image files', () => {
  const file = { path: '/tmp/stick.img', replace: false };

  test('are made as sticks are', async () => {
    const machine = new Machine();
    const order = { ...medium, file, kind: 'stick' as const, address: '10.0.0.1:7411' };
    expect(await machine.shell.image(order, machine.sink)).toEqual(ok(null));
    expect(machine.results()).toMatchObject([{ target: '/tmp/stick.img', ok: true }]);
    expect(machine.identities).toEqual(['10.0.0.1:7411']);
  });

  test('do not stay half-written when the disk is full', async () => {
    const machine = new Machine();
    machine.file.misfortune = { fullAt: 2 };
    const order = { ...medium, file, kind: 'stick' as const };
    await machine.shell.image(order, machine.sink);
    expect(machine.results()).toMatchObject([{ target: '/tmp/stick.img', ok: false }]);
    expect(machine.discarded).toBeGreaterThan(0);
  });

  test('are refused where something is, before minutes of building', async () => {
    const machine = new Machine();
    machine.there = 'file';
    const order = { ...medium, file, kind: 'stick' as const };
    expect(inWords(await machine.shell.image(order, machine.sink))).toMatchObject({
      error: { sentence: expect.stringContaining('--force') as string },
    });
    expect(machine.events).toEqual([]);
  });

  test('need a whole path, since the head does not know where its asker stands', async () => {
    const machine = new Machine();
    const order = { ...medium, file: { path: 'x.img', replace: false }, kind: 'stick' as const };
    expect(await machine.shell.image(order, machine.sink)).toMatchObject({
      error: { kind: 'misuse' },
    });
  });

  test('of floppies name the head, which serves what they fetch for as long as they may be used', async () => {
    const machine = new Machine();
    const order = { ...medium, file, kind: 'floppy' as const };
    machine.boots = refuse('refused', 'This machine has no network.');
    expect(inWords(await machine.shell.image(order, machine.sink))).toMatchObject({
      error: {
        sentence: expect.stringMatching(
          /cannot serve it: This machine has no network.*--address/,
        ) as string,
      },
    });
    expect(machine.results()).toEqual([]);
    machine.boots = ok('10.0.0.1:7413');
    expect(await machine.shell.image(order, machine.sink)).toEqual(ok(null));
    const { files } = readFat(machine.file.content.subarray(0, 1_474_560));
    const script = files.find(({ path }) => path === 'lab.ipxe');
    expect(Buffer.from(script?.content ?? []).toString()).toContain(
      'http://10.0.0.1:7413/boot.ipxe',
    );
    expect(machine.floppies.at(-1)).toMatchObject({ validFor: hours(24), address: null });
    // A floppy holds no secret.
    expect(machine.identities).toEqual([]);
  });
});
