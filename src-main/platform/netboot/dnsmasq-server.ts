import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { ProxyListener, ProxyOrder, ProxyServer, RunningProxy } from '../../ports/netboot.ts';
import { ensureOsTools } from '../../../shared/node/os-packages.ts';
import { hearQuestions } from './dhcp-ear.ts';
import { PublicFolder, removePublicFolder } from './public-folder.ts';

/** It has read its configuration and opened its ports when it says so. */
const startPatience = 20_000;

/**
 * Ends dnsmasq when the head ends, however it ends: the pipe from the head closes then. (A parent-death signal would
 * not do: the kernel forgets it when dnsmasq becomes its own user.) Its output is dnsmasq's log.
 */
const supervisor = `
exec 3<&0
dnsmasq "$@" </dev/null 2>&1 &
served=$!
( cat <&3 >/dev/null; kill "$served" ) 2>/dev/null &
echo "pid $served"
wait "$served"
code=$?
kill $! 2>/dev/null
exit "$code"
`;

/** dnsmasq in proxy mode, under this head's eyes. */
export class DnsmasqServer implements ProxyServer {
  readonly #folder: string;
  readonly #log: (line: string) => void;

  /** `folder`: `<NIGHTSHIFT_HOME>/netboot`. */
  constructor(folder: string, log: (line: string) => void) {
    this.#folder = folder;
    this.#log = log;
  }

  async ready(): Promise<Result<null>> {
    if (process.platform !== 'linux') {
      return refuse('refused', 'Network boot needs a head on Linux; use sticks with this one.');
    }
    if (process.getuid?.() !== 0) {
      return refuse(
        'refused',
        'Network boot needs root (DHCP and TFTP ports); start the head as root, or use sticks.',
      );
    }
    return ensureOsTools(['netboot'], this.#log);
  }

  async start(order: ProxyOrder, listener: ProxyListener): Promise<Result<RunningProxy>> {
    try {
      return await this.#start(order, listener);
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      return refuse('failed', `Network boot cannot be set up (${what}).`);
    }
  }

  async #start(order: ProxyOrder, listener: ProxyListener): Promise<Result<RunningProxy>> {
    this.#endLeftover();
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const open = new PublicFolder(order);
    writeFileSync(this.#path('dnsmasq.conf'), order.configuration(open));
    let stopHearing = (): void => undefined;
    const run = new DnsmasqRun(
      this.#path('dnsmasq.conf'),
      open,
      {
        line: (line) => listener.line(line),
        ended: (reason) => {
          stopHearing();
          this.#forget();
          listener.ended(reason);
        },
      },
      this.#log,
    );
    const pid = await run.started();
    if (!pid.ok) {
      await run.stop();
      return pid;
    }
    writeFileSync(this.#path('running.json'), JSON.stringify({ pid: pid.value, open: open.path }));
    stopHearing = hearQuestions((packet) => listener.question?.(packet));
    return ok({
      setHosts: (hosts) => run.setHosts(hosts),
      stop: () => {
        stopHearing();
        return run.stop();
      },
    });
  }

  /** The dnsmasq of a head that was killed has ended with it, but for the blink of an eye; its folder is still there. */
  #endLeftover(): void {
    const page = this.#path('running.json');
    if (!existsSync(page)) return;
    try {
      const left: unknown = JSON.parse(readFileSync(page, 'utf8'));
      const { pid, open } = left as { pid?: unknown; open?: unknown };
      if (typeof pid === 'number' && this.#isOurs(pid)) process.kill(pid, 'SIGKILL');
      if (typeof open === 'string') removePublicFolder(open);
    } catch {
      // It is gone, or the page was cut short.
    }
    this.#forget();
  }

  #isOurs(pid: number): boolean {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(this.#path('dnsmasq.conf'));
  }

  #forget(): void {
    rmSync(this.#path('running.json'), { force: true });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

class DnsmasqRun implements RunningProxy {
  readonly #open: PublicFolder;
  readonly #log: (line: string) => void;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  readonly #started: Promise<Result<number>>;
  #pid: number | undefined;
  #stopping = false;

  constructor(
    config: string,
    open: PublicFolder,
    listener: ProxyListener,
    log: (line: string) => void,
  ) {
    this.#open = open;
    this.#log = log;
    const path = [process.env['PATH'], '/usr/local/sbin', '/usr/sbin', '/sbin'].join(':');
    const options = ['--keep-in-foreground', `--conf-file=${config}`, '--log-facility=-'];
    this.#child = spawn('sh', ['-c', supervisor, 'dnsmasq-supervisor', ...options, '--pid-file='], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, PATH: path, LC_ALL: 'C' },
    });
    let lastWords = '';
    let saidStarted = false;
    let isOpen = false;
    let isUp: (result: Result<number>) => void = () => undefined;
    this.#started = new Promise((resolve) => {
      isUp = resolve;
      setTimeout(
        () => resolve(startFailure('it did not get ready in time')),
        startPatience,
      ).unref();
    });
    if (this.#child.stdout) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        const pid = /^pid (\d+)$/.exec(line)?.[1];
        if (pid !== undefined) this.#pid = Number(pid);
        else if (/^dnsmasq: |FAILED|failed to/.test(line)) lastWords = line;
        saidStarted ||= /dnsmasq(\[\d+\])?: started, version/.test(line);
        // The two come in any order.
        if (!isOpen && saidStarted && this.#pid !== undefined) {
          isOpen = true;
          isUp(ok(this.#pid));
        }
        listener.line(line);
      });
    }
    this.#closed = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        lastWords = error.message;
        resolve();
      });
      this.#child.on('close', (code) => {
        const reason = lastWords.replace(/^dnsmasq: /, '') || `it ended with ${code ?? 'a signal'}`;
        isUp(startFailure(reason));
        open.remove();
        // Before it is up, `started` says what is wrong.
        if (isOpen && !this.#stopping) {
          log(`dnsmasq ended: ${reason}`);
          listener.ended(reason);
        }
        resolve();
      });
    });
  }

  started(): Promise<Result<number>> {
    return this.#started;
  }

  setHosts(hosts: string): void {
    try {
      this.#open.setHosts(hosts);
      if (this.#pid !== undefined) process.kill(this.#pid, 'SIGHUP');
    } catch (error) {
      // It has just ended, which is told, or the disk is full: then these PCs boot the lab once more.
      this.#log(`dnsmasq was not told who boots the disk: ${String(error)}`);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child.stdin?.end();
    await this.#closed;
  }
}

function startFailure(reason: string): ReturnType<typeof refuse> {
  const inUse = /address already in use|in use/i.test(reason);
  return refuse(
    inUse ? 'refused' : 'failed',
    inUse
      ? 'Another program of this machine serves DHCP or TFTP (UDP port 67, 69 or 4011), so network boot cannot; stop it, or run the head elsewhere.'
      : `dnsmasq does not start (${reason}).`,
  );
}
