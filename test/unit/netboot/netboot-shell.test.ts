import { beforeEach, expect, test } from 'vitest';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { hours, minutes, seconds } from '../../../shared/base/units.ts';
import type { MacAddress } from '../../../shared/domain/mac-address.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import type {
  BootRequests,
  LabPc,
  NetbootSettings,
  Probes,
  ProxyInterface,
  ProxyListener,
  ProxyOrder,
  ProxyServer,
} from '../../../src-main/ports/netboot.ts';
import { NetbootShell } from '../../../src-main/shells/netboot-shell.ts';
import { ManualClock } from '../../../src-sim/manual-clock.ts';
import { SeededRng } from '../../../src-sim/seeded-rng.ts';

const eth0: ProxyInterface = { name: 'eth0', address: '10.0.0.2', netmask: '255.255.255.0' };
const mac = '52:54:00:00:00:01';

/** dnsmasq that does as it is told, or not at all. */
class SimulatedProxy implements ProxyServer {
  readonly orders: ProxyOrder[] = [];
  hosts = '';
  running: ProxyListener | undefined;
  refusal: Result<never> | undefined;

  ready(): Promise<Result<null>> {
    return Promise.resolve(ok(null));
  }

  start(order: ProxyOrder, listener: ProxyListener): ReturnType<ProxyServer['start']> {
    if (this.refusal) return Promise.resolve(this.refusal);
    this.orders.push(order);
    this.running = listener;
    this.hosts = order.hosts;
    return Promise.resolve(
      ok({
        setHosts: (hosts: string) => (this.hosts = hosts),
        stop: () => {
          this.running = undefined;
          return Promise.resolve();
        },
      }),
    );
  }

  dies(): void {
    const listener = this.running;
    this.running = undefined;
    listener?.ended('killed');
  }

  get isByDay(): boolean {
    const last = this.orders.at(-1);
    return (
      last?.configuration({ tftpRoot: '', hostsFile: '' }).includes('\ntag-if=set:home\n') === true
    );
  }
}

const noProbes: Probes = {
  ask: () => Promise.resolve(ok([])),
  broadcast: () => undefined,
  fetch: () => Promise.resolve(null),
  ownAddresses: () => [],
  macOf: () => undefined,
  neighbour: () => undefined,
};

class Head {
  readonly clock = new ManualClock();
  readonly proxy = new SimulatedProxy();
  interfaces: ProxyInterface[] = [eth0];
  pcs: LabPc[] = [];
  minute = 22 * 60;
  saved: NetbootSettings | undefined;
  servers = 0;
  requests: BootRequests | undefined;
  readonly shell: NetbootShell;

  constructor(saved?: NetbootSettings) {
    this.saved = saved;
    this.shell = new NetbootShell(
      {
        clock: this.clock,
        rng: new SeededRng(1),
        proxy: this.proxy,
        probes: noProbes,
        server: {
          open: (_addresses, _material, requests) => {
            this.requests = requests;
            this.servers += 1;
            const close = (): Promise<void> => {
              this.servers -= 1;
              return Promise.resolve();
            };
            return Promise.resolve(ok({ port: 7414, close }));
          },
        },
        settings: { load: () => this.saved, save: (settings) => (this.saved = settings) },
        loaders: () => Promise.resolve(ok({ bios: 'b', uefi: 'u', uefiSecond: 'g' })),
        material: () =>
          Promise.resolve(ok({ kernel: 'k', image: ['i'], identity: () => new Uint8Array() })),
        interfaces: () => this.interfaces,
        pcs: () => this.pcs,
        minuteOfDay: () => this.minute,
        log: () => undefined,
      },
      'Room 12',
    );
  }

  on(hours: string | null = null) {
    return this.shell.on({ interfaces: null, hours, atOnce: 8, kernelOptions: '' });
  }

  /** Lets time pass, and what that begins come to its end. */
  async wait(span: number): Promise<void> {
    for (let passed = 0; passed < span; passed += 1000) {
      this.clock.advance(1000);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
  }
}

let head: Head;
beforeEach(() => {
  head = new Head();
});

test('when day breaks PCs are told to boot their own disks, and at night the lab again', async () => {
  expect((await head.on('18:00-07:30')).ok).toBe(true);
  expect(head.proxy.isByDay).toBe(false);
  expect(head.shell.status()).toMatchObject({ on: true, answer: 'lab', httpPort: 7414 });
  head.minute = 8 * 60;
  await head.wait(seconds(6));
  expect(head.proxy.isByDay).toBe(true);
  head.minute = 18 * 60;
  await head.wait(seconds(6));
  expect([head.proxy.isByDay, head.proxy.orders.length]).toEqual([false, 3]);
});

test('a PC that is given back is told to boot its disk, without disturbing the others', async () => {
  await head.on();
  const pc = { name: 'pc-01', machineKey: mac, address: '', isHere: true, releasedAt: null };
  head.pcs = [pc];
  await head.wait(seconds(6));
  expect(head.proxy.hosts).toBe('');
  head.pcs = [{ ...pc, isHere: false, releasedAt: head.clock.wall() }];
  await head.wait(seconds(6));
  expect(head.proxy.hosts).toBe(`${mac},set:home\n`);
  expect(head.proxy.orders).toHaveLength(1);
});

test('dnsmasq that keeps dying is started again, ever more slowly, until it stays', async () => {
  await head.on();
  const startedAfter = async (): Promise<number> => {
    const before = head.proxy.orders.length;
    for (let second = 1; second <= 60; second += 1) {
      await head.wait(seconds(1));
      if (head.proxy.orders.length > before) return second;
    }
    return Number.POSITIVE_INFINITY;
  };
  const waits: number[] = [];
  for (let death = 0; death < 3; death += 1) {
    head.proxy.dies();
    expect(head.shell.status().problem).toBe('dnsmasq ended: killed');
    waits.push(await startedAfter());
  }
  expect(waits).toEqual([1, 2, 4]);
  expect(head.shell.status().problem).toBeNull();
  await head.wait(minutes(1));
  head.proxy.dies();
  expect(await startedAfter()).toBe(1);
});

test('what cannot be switched on stays off and leaves nothing behind', async () => {
  head.proxy.refusal = refuse('refused', 'Another program serves DHCP.');
  expect(await head.on()).toMatchObject({ ok: false });
  expect(head.shell.status()).toMatchObject({ on: false, answer: null, httpPort: null });
  expect([head.servers, head.saved?.on]).toEqual([0, false]);
  const wrong = await head.on('late');
  expect(wrong.ok ? '' : refusalWords(wrong.error)).toContain('such as 18:00-07:30');
  head.interfaces = [];
  const nowhere = await head.on();
  expect(nowhere.ok ? '' : refusalWords(nowhere.error)).toContain('no network interface');
});

test('what boot floppies fetch is served while network boot is off, for as long as they may be used', async () => {
  const validFor = hours(2);
  expect(await head.shell.serveFloppies({ validFor, address: null })).toEqual(ok('10.0.0.2:7414'));
  const until = head.clock.wall() + validFor;
  expect(head.shell.status()).toMatchObject({
    ...{ on: false, interfaces: [], answer: null, httpPort: 7414, problem: null },
    floppies: { until, address: '10.0.0.2:7414', problem: null },
  });
  // There is no dnsmasq in it, before network boot is switched on or after it was switched off.
  expect([head.proxy.orders.length, head.servers]).toEqual([0, 1]);
  await head.on();
  expect([head.proxy.orders.length, head.servers]).toEqual([1, 1]);
  await head.shell.off();
  expect([head.proxy.running, head.servers]).toEqual([undefined, 1]);

  const again = new Head(head.saved);
  again.shell.start();
  await again.wait(seconds(1));
  expect(again.servers).toBe(1);
  again.interfaces = [{ ...eth0, address: '10.0.0.3' }];
  await again.wait(seconds(6));
  expect(again.shell.status().floppies?.problem).toContain('look for the head at 10.0.0.2:7414');
  await again.wait(validFor);
  expect([again.servers, again.shell.status().floppies]).toEqual([0, null]);
});

test('floppies that cannot be served are refused, unless somebody says where the head will be', async () => {
  head.interfaces = [];
  const order = { validFor: hours(2), address: null };
  const refused = await head.shell.serveFloppies(order);
  expect(refused.ok ? '' : refusalWords(refused.error)).toContain('no network interface');
  expect([head.saved, head.shell.status().floppies]).toEqual([undefined, null]);

  const address = '192.168.7.1:7414';
  expect(await head.shell.serveFloppies({ ...order, address })).toEqual(ok(address));
  expect(head.shell.status().floppies).toMatchObject({ address: null });
  expect(head.shell.status().floppies?.problem).toContain('no network interface');
  // Plugged in.
  head.interfaces = [eth0];
  await head.wait(seconds(40));
  expect(head.shell.status().floppies).toMatchObject({ address: '10.0.0.2:7414', problem: null });
});

test('a PC that was just given back starts its own disk though its floppy is still in', async () => {
  await head.shell.serveFloppies({ validFor: hours(24), address: null });
  const requests = head.requests;
  const script = (): string => requests?.script('ipxe', mac as MacAddress, '10.0.0.9') ?? '';
  expect(script()).toContain('kernel vmlinuz');
  const releasedAt = head.clock.wall();
  head.pcs = [{ name: 'pc-01', machineKey: mac, address: '', isHere: false, releasedAt }];
  expect(script()).toContain('boots its own disk');
  await head.wait(hours(1) + seconds(1));
  expect(script()).toContain('kernel vmlinuz');
});

test('a head that is started again goes on, and follows an address that changed', async () => {
  await head.on();
  const again = new Head(head.saved);
  again.shell.start();
  await again.wait(seconds(1));
  expect(again.shell.status()).toMatchObject({ on: true, interfaces: ['eth0'] });
  again.interfaces = [{ ...eth0, address: '10.0.0.3' }];
  await again.wait(seconds(6));
  const last = again.proxy.orders.at(-1)?.configuration({ tftpRoot: '', hostsFile: '' });
  expect(last).toContain('http://10.0.0.3:7414/boot.ipxe');
  expect(again.servers).toBe(1);
  await again.shell.off();
  expect([again.servers, again.saved?.on, again.proxy.running]).toEqual([0, false, undefined]);
});
