import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, dirname } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hardwareMark } from '../../../src-member/platform/pc/hardware-mark.ts';
import { wiredCards } from '../../../src-member/platform/pc/wired-cards.ts';

/** A PC as Linux shows it in /sys. */
class Pc {
  readonly sys = mkdtempSync(join(tmpdir(), 'nightshift-sys-'));

  constructor() {
    this.dmi({
      product_uuid: '4c4c4544-0037-4d10-8052-b4c04f4e3733',
      board_serial: '/37M4N7/CN12',
    });
  }

  dmi(numbers: Readonly<Record<string, string>>): this {
    for (const [name, text] of Object.entries(numbers)) {
      this.#write(join('class', 'dmi', 'id', name), text);
    }
    return this;
  }

  /** `at`: where its device is, below /sys/devices; none: it has none. */
  card(
    name: string,
    address: string,
    at?: string,
    more: Readonly<Record<string, string>> = {},
  ): this {
    const net = join('class', 'net', name);
    const all = { address, type: '1', ...more };
    for (const [file, text] of Object.entries(all)) this.#write(join(net, file), text);
    if (at === undefined) return this;
    const device = join('devices', at);
    const bus = join('bus', /usb/.test(at) ? 'usb' : 'pci');
    for (const folder of [device, bus]) mkdirSync(join(this.sys, folder), { recursive: true });
    this.#link(join(device, 'subsystem'), bus);
    this.#link(join(net, 'device'), device);
    return this;
  }

  removable(at: string): this {
    this.#write(join('devices', at, 'removable'), 'removable');
    return this;
  }

  get addresses(): readonly string[] {
    return wiredCards(this.sys, new Map()).map(({ address }) => address);
  }

  mark(): string {
    return hardwareMark(this.sys, wiredCards(this.sys, new Map()));
  }

  #write(path: string, text: string): void {
    mkdirSync(dirname(join(this.sys, path)), { recursive: true });
    writeFileSync(join(this.sys, path), `${text}\n`);
  }

  #link(path: string, to: string): void {
    rmSync(join(this.sys, path), { force: true });
    symlinkSync(relative(dirname(join(this.sys, path)), join(this.sys, to)), join(this.sys, path));
  }
}

const pcs: Pc[] = [];
const pc = (): Pc => {
  const made = new Pc();
  pcs.push(made);
  return made;
};
afterEach(() => {
  for (const { sys } of pcs.splice(0)) rmSync(sys, { recursive: true });
});

const [first, second, adapter] = ['52:54:00:00:0a:01', '52:54:00:00:0a:02', '00:e0:4c:68:00:01'];
const two = (): Pc =>
  pc()
    .card('eth0', second, 'pci0000:00/0000:02:00.0')
    .card('eth1', first, 'pci0000:00/0000:01:00.0');

describe('the wired cards of a PC', () => {
  test('are all there, built-in ones first and by address, whatever they are called today', () => {
    const dock = 'pci0000:00/usb1/1-2/1-2:1.0';
    expect(wiredCards(two().card('eth9', adapter, dock).sys, new Map())).toEqual([
      { address: first, builtIn: true },
      { address: second, builtIn: true },
      { address: adapter, builtIn: false },
    ]);
  });

  test('are neither radio nor bridges, bonds, VLANs, tunnels, modems nor what is only there for containers', () => {
    const odd = pc()
      .card('lo', '00:00:00:00:00:00', undefined, { type: '772' })
      .card('wlan0', '52:54:00:00:0b:01', 'pci0000:00/0000:03:00.0', { 'wireless/status': '' })
      .card('br0', first)
      .card('bond0', first)
      .card('eth0.12', first)
      .card('docker0', '02:42:00:00:00:01')
      .card('veth12', '52:54:00:00:0b:02')
      .card('tun0', '', undefined, { type: '65534' })
      .card('ib0', '80:00:02:08', 'pci0000:00/0000:04:00.0', { type: '32' });
    expect(odd.addresses).toEqual([]);
  });

  test('are known by the address their maker gave them, in a bond or a dock that passes one on', () => {
    const changed = two();
    const permanent = new Map([['eth0', '52:54:00:00:0a:02']]);
    changed.card('eth0', first, 'pci0000:00/0000:02:00.0');
    expect(wiredCards(changed.sys, permanent).map(({ address }) => address)).toEqual([
      first,
      second,
    ]);
    const passed = two().card('eth9', first, 'pci0000:00/usb1/1-2/1-2:1.0');
    expect(passed.addresses).toEqual([first, second]);
  });

  test('behind a Thunderbolt dock can be pulled out, too', () => {
    const slot = 'pci0000:00/0000:00:1d.0/0000:05:00.0';
    const docked = two().card('eth5', adapter, `${slot}/0000:06:00.0`).removable(slot);
    expect(wiredCards(docked.sys, new Map()).at(-1)).toEqual({ address: adapter, builtIn: false });
  });
});

describe('the mark of a PC', () => {
  test('stays the same with another cable, an adapter, a dock, other names and a new BIOS', () => {
    const mark = two().mark();
    const usb = 'pci0000:00/usb1/1-2/1-2:1.0';
    expect(two().card('eth7', adapter, usb).mark()).toBe(mark);
    expect(two().card('docker0', '02:42:00:00:00:01').mark()).toBe(mark);
    expect(two().dmi({ bios_date: '11/25/2026', chassis_serial: 'another' }).mark()).toBe(mark);
    const renamed = pc()
      .card('enp1s0', first, 'pci0000:00/0000:01:00.0')
      .card('enp2s0', second, 'pci0000:00/0000:02:00.0');
    expect(renamed.mark()).toBe(mark);
  });

  test('is another one on another board', () => {
    const mark = two().mark();
    expect(two().dmi({ product_uuid: '4c4c4544-0037-4d10-8052-b4c04f4e3734' }).mark()).not.toBe(
      mark,
    );
    expect(two().dmi({ board_serial: '/37M4N8/CN12' }).mark()).not.toBe(mark);
    expect(pc().card('eth0', first, 'pci0000:00/0000:01:00.0').mark()).not.toBe(mark);
  });

  test.each([
    ['product_uuid', '00000000-0000-0000-0000-000000000000'],
    ['product_uuid', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'],
    ['product_uuid', '03000200-0400-0500-0006-000700080009'],
    ['product_uuid', 'Not Settable'],
    ['board_serial', 'Default string'],
    ['board_serial', 'To be filled by O.E.M.'],
    ['board_serial', 'Base Board Serial Number'],
    ['board_serial', '00000000'],
    ['board_serial', 'None'],
    ['board_serial', '............'],
  ])('is not made of what many boards have as their %s: %s', (name, text) => {
    expect(
      two()
        .dmi({ [name]: text })
        .mark(),
    ).toBe(
      two()
        .dmi({ [name]: '' })
        .mark(),
    );
  });
});
