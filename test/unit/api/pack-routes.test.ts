import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ok } from '../../../shared/base/result.ts';
import { blobHash, memberId } from '../../../shared/domain/ids.ts';
import { packRoutes } from '../../../src-main/api/pack-routes.ts';
import type { PackImage } from '../../../src-main/platform/system-builder/pack-image.ts';

const home = mkdtempSync(join(tmpdir(), 'nightshift-packs-'));
const folder = join(home, 'version');
const path = join(folder, 'pack.squashfs');
const content = 'a squashfs, '.repeat(20_000);
const hash = blobHash(createHash('sha256').update(content).digest('hex'));
let builds: number;
let server: Server;

beforeEach(async () => {
  builds = 0;
  const image = async (): Promise<{ readonly ok: true; readonly value: PackImage }> => {
    if (!existsSync(folder)) {
      builds += 1;
      mkdirSync(folder);
      writeFileSync(path, content);
    }
    return ok({ folder, path, hash });
  };
  const routes = packRoutes(image);
  server = createServer((asked, reply) => {
    void routes(asked, reply, { kind: 'member', id: memberId('pc-01') });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});

test('a pack that the head’s disk has damaged is made anew, and no PC gets the damaged one whole', async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, content.replace('squashfs', 'squashFs'));
  const { port } = server.address() as AddressInfo;
  const fetched = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/pack/base`)).text();
  await expect(fetched()).rejects.toThrow();
  await vi.waitFor(() => expect(existsSync(folder)).toBe(false));
  expect(await fetched()).toBe(content);
  expect(builds).toBe(1);
});
