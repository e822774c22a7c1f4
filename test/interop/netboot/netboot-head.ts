// Network boot as a head does it, by itself: `node netboot-head.ts CONFIG`, in a network namespace. Prints one JSON line an
// event; each line of stdin is a command.
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { encodeCpio, file } from '../../../src-main/core/boot-image/cpio.ts';
import { parseMacAddress } from '../../../shared/domain/mac-address.ts';
import { ok } from '../../../shared/base/result.ts';
import { PlainBootServer } from '../../../src-main/platform/netboot/boot-http.ts';
import { DnsmasqServer } from '../../../src-main/platform/netboot/dnsmasq-server.ts';
import { netbootSettingsFile } from '../../../src-main/platform/netboot/netboot-settings-file.ts';
import { openProbes } from '../../../src-main/platform/netboot/probes.ts';
import { withNetmasks } from '../../../src-main/platform/netboot/wired-interfaces.ts';
import { labInterfaces } from '../../../src-main/platform/discovery/lab-interfaces.ts';
import { systemClock, systemRng } from '../../../shared/node/system-clock.ts';
import type { LabPc } from '../../../src-main/ports/netboot.ts';
import { NetbootShell } from '../../../src-main/shells/netboot-shell.ts';
import { wakePcs } from '../../../src-main/shells/wake-shell.ts';

const configSchema = z.object({
  folder: z.string(),
  loaders: z.object({ bios: z.string(), uefi: z.string(), uefiSecond: z.string() }),
  kernel: z.string(),
  image: z.array(z.string()),
  atOnce: z.number(),
  kernelOptions: z.string(),
});
const commandSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('on'), hours: z.string().nullable() }),
  z.object({ do: z.literal('off') }),
  z.object({ do: z.literal('diagnose') }),
  z.object({ do: z.literal('released'), mac: z.string() }),
  z.object({ do: z.literal('wake'), mac: z.string() }),
]);

const config = configSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
const print = (event: object): void => console.log(JSON.stringify(event));
const log = (line: string): void => print({ log: line });
const interfaces = () => withNetmasks(labInterfaces());
const clock = systemClock();
const probes = openProbes(log);
const pcs: LabPc[] = [];
const shell = new NetbootShell(
  {
    clock,
    proxy: new DnsmasqServer(config.folder, log),
    server: new PlainBootServer(() => 7414),
    probes,
    rng: systemRng(),
    loaders: async () => ok(config.loaders),
    settings: netbootSettingsFile(config.folder, log),
    material: async () =>
      ok({
        kernel: config.kernel,
        image: config.image,
        identity: (address) =>
          encodeCpio([file('identity', new TextEncoder().encode(`head at ${address}`))]),
      }),
    interfaces,
    pcs: () => pcs,
    minuteOfDay: () => 12 * 60,
    log,
  },
  'lab of the test',
);
shell.start();

let shown = '';
setInterval(() => {
  const status = JSON.stringify(shell.status());
  if (status !== shown) print({ status: shell.status() });
  shown = status;
}, 20).unref();

createInterface({ input: process.stdin })
  .on('line', (line) => void perform(line))
  .on('close', () => void shell.close().then(() => process.exit(0)));
print({ ready: true });

async function perform(line: string): Promise<void> {
  const command = commandSchema.parse(JSON.parse(line));
  switch (command.do) {
    case 'on':
      print({
        on: await shell.on({
          interfaces: null,
          hours: command.hours,
          atOnce: config.atOnce,
          kernelOptions: config.kernelOptions,
        }),
      });
      return;
    case 'off':
      print({ off: await shell.off() });
      return;
    case 'diagnose':
      print({ diagnose: await shell.diagnose() });
      return;
    case 'released':
      pcs.push({
        name: 'pc-01',
        machineKey: command.mac,
        address: '',
        isHere: false,
        releasedAt: clock.wall(),
      });
      shell.woken([]);
      print({ released: true });
      return;
    case 'wake': {
      const pc = { name: 'pc-01', address: '', isHere: false, releasedAt: null };
      const woken = (macs: Parameters<typeof shell.woken>[0]): void => shell.woken(macs);
      const machineKey = parseMacAddress(command.mac) ?? '';
      print({ wake: wakePcs({ clock, probes, interfaces, woken }, [{ ...pc, machineKey }]) });
    }
  }
}
