import { randomInt } from 'node:crypto';
import { get } from 'node:http';
import { networkInterfaces } from 'node:os';
import { ok, type Result } from '../../../shared/base/result.ts';
import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';
import { biosArchitecture, uefiArchitectures } from '../../core/netboot/client-architecture.ts';
import type { DhcpAnswer } from '../../core/netboot/dhcp-packet.ts';
import { broadcastOf, type ProxyInterface } from '../../core/netboot/dnsmasq-config.ts';
import type { BootProbes } from '../../shells/netboot-ports.ts';
import { askDhcp } from './dhcp-probe.ts';
import { askTftp } from './tftp-probe.ts';

/** dnsmasq and ISC's server try the address they are about to offer for up to 3 s. */
const dhcpPatience = 7000;
const tftpPatience = 3000;
const httpPatience = 3000;

export const realBootProbes: BootProbes = {
  dhcp: async (at: ProxyInterface): Promise<Result<readonly DhcpAnswer[]>> => {
    const asked = await Promise.all(
      [biosArchitecture, uefiArchitectures[0]].map((architecture) =>
        askDhcp({
          broadcast: broadcastOf(at.address, at.netmask),
          patience: dhcpPatience,
          question: {
            transaction: randomInt(2 ** 32),
            // Switches that watch over DHCP drop questions in another card's name.
            mac: ownMac(at.name),
            architecture,
            machine: Array.from({ length: 16 }, (_, index) => index),
          },
        }),
      ),
    );
    const answers: DhcpAnswer[] = [];
    for (const one of asked) {
      if (!one.ok) return one;
      answers.push(...one.value);
    }
    return ok(answers);
  },
  tftp: (server, file) => askTftp(server, file, tftpPatience),
  http: (url) =>
    new Promise((resolve) => {
      const request = get(url, { timeout: httpPatience, agent: false }, (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        resolve(status === 200 ? null : `${url} answers ${status}`);
      });
      request.on('timeout', () => request.destroy(new Error('no answer')));
      request.on('error', (error) => resolve(`${url}: ${error.message}`));
    }),
  ownAddresses: () =>
    Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
};

function ownMac(name: string): MacAddress {
  const mac = parseMacAddress(networkInterfaces()[name]?.[0]?.mac ?? '');
  return mac ?? ('02:00:00:00:00:01' as MacAddress); // a card without one: a local address
}
