// The app as people get it: what was built last in this checkout, served by a real head, in a real browser.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import { connectToHead } from '../../src-cli/platform/head-connection.ts';
import { ensureUi } from '../../src-main/platform/build-when-changed.ts';
import { HeadProcess } from './head/head-process.ts';

let folder: string;
let head: HeadProcess;
let browser: Browser;
beforeAll(async () => {
  expect(process.env['NODE_ENV']).toBe('test');
  expect(await ensureUi(() => undefined)).toMatchObject({ ok: true });
  const executablePath = findChromium(existsSync);
  browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox'],
  });
});
afterAll(() => browser.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-head-'));
  head = new HeadProcess(join(folder, 'home'), ['--port', '0', '--lab', 'Real lab']);
  await head.ready();
});
afterEach(async () => {
  await head.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('shows the lab of its head and no other, follows it, and says when it was stopped', async () => {
  const page = await browser.newPage();
  await page.goto(head.facts().browserUrl);
  await page.getByRole('heading', { name: 'Real lab' }).waitFor();
  await page.getByText('No PCs yet').waitFor();
  expect(await page.getByRole('region', { name: 'Simulated lab' }).count()).toBe(0);
  expect(await page.title()).toBe('Lab · Real lab');

  const connection = await connectToHead(head.home);
  if (!connection.ok) throw new Error(connection.error.sentence);
  await connection.value.api.jobs.submit({ command: ['true'], name: 'seen', owner: 'ada' });
  await page.getByText('ada submitted job 1 "seen" (1 task).').first().waitFor();
  connection.value.close();

  expect(await head.stop('SIGINT')).toEqual({ code: 0, signal: null });
  await page.getByText('The head was stopped.').waitFor();
  await page.close();
});

test('shows its cookie to no other server of this machine, whatever page one comes from', async () => {
  const heard: (string | undefined)[] = [];
  const other = createServer((request, response) => {
    heard.push(request.headers.cookie);
    response.setHeader('content-type', 'text/html').end('<title>other</title>');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const page = await browser.newPage();
  await page.goto(head.facts().browserUrl);
  await page.getByRole('heading', { name: 'Real lab' }).waitFor();
  for (const name of ['127.0.0.1', 'localhost', 'nightshift.localhost'])
    await page.goto(`http://${name}:${port}/`);
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.filter((cookie) => cookie !== undefined)).toEqual([]);
  // And it is good still.
  await page.goto(head.facts().browserUrl);
  await page.getByRole('heading', { name: 'Real lab' }).waitFor();
  await page.close();
  await new Promise((resolve) => other.close(resolve));
});
