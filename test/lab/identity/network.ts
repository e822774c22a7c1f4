import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

const patience = 30_000;

/** PCs and heads in network namespaces of their own around a switch that is one too; the host's network is not touched. */
export class NamespaceNetwork implements Disposable {
  readonly #tag = `nsid${process.pid}`;
  readonly #hosts: string[] = [];
  readonly #programs = new Set<Program>();

  constructor() {
    ip('netns', 'add', `${this.#tag}-sw`);
    this.#in('sw', 'link', 'add', 'br0', 'type', 'bridge');
    this.#in('sw', 'link', 'set', 'br0', 'up');
  }

  /** A machine with a cable to the switch and, if given, an address. There is no default route, as in many labs. */
  add(name: string, address?: string): void {
    this.#hosts.push(name);
    ip('netns', 'add', `${this.#tag}-${name}`);
    this.#in(
      'sw',
      'link',
      'add',
      `p-${name}`,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      `${this.#tag}-${name}`,
    );
    this.#in('sw', 'link', 'set', `p-${name}`, 'master', 'br0', 'up');
    this.#in(name, 'link', 'set', 'lo', 'up');
    this.#in(name, 'link', 'set', 'eth0', 'up');
    if (address !== undefined) this.#in(name, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  }

  change(name: string, ...args: string[]): void {
    this.#in(name, ...args);
  }

  cut(name: string): void {
    this.#in('sw', 'link', 'set', `p-${name}`, 'nomaster');
  }

  heal(name: string): void {
    this.#in('sw', 'link', 'set', `p-${name}`, 'master', 'br0');
  }

  /** A cable from the switch to a virtual machine, whose end is a tap in the switch's own namespace. */
  addTap(name: string): string {
    const tap = `t-${name}`;
    this.#in('sw', 'tuntap', 'add', tap, 'mode', 'tap');
    this.#in('sw', 'link', 'set', tap, 'master', 'br0', 'up');
    return tap;
  }

  /** What to write before a command so that it runs on this machine, or on the switch (`sw`). */
  on(name: string): readonly [string, ...string[]] {
    return ['ip', 'netns', 'exec', `${this.#tag}-${name}`];
  }

  /** Bytes that went over a machine's cable since it was plugged in, Ethernet frames in both directions. */
  bytes(name: string): number {
    const report = ip('-n', `${this.#tag}-sw`, '-s', '-j', 'link', 'show', 'dev', `p-${name}`);
    const [link] = JSON.parse(report) as {
      stats64: { rx: { bytes: number }; tx: { bytes: number } };
    }[];
    return (link?.stats64.rx.bytes ?? 0) + (link?.stats64.tx.bytes ?? 0);
  }

  run(name: string, script: string, args: readonly string[], input = ''): Program {
    const program = new Program(
      spawn('ip', ['netns', 'exec', `${this.#tag}-${name}`, process.execPath, script, ...args], {
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
      input,
    );
    this.#programs.add(program);
    return program;
  }

  [Symbol.dispose](): void {
    for (const program of this.#programs) program.kill();
    for (const name of [...this.#hosts, 'sw']) {
      try {
        ip('netns', 'delete', `${this.#tag}-${name}`);
      } catch {
        // it was never made
      }
    }
  }

  #in(name: string, ...args: string[]): void {
    ip('-n', `${this.#tag}-${name}`, ...args);
  }
}

/** A program that prints one JSON line an event. */
export class Program {
  readonly events: Record<string, unknown>[] = [];
  errors = '';
  readonly #watchers = new Set<() => void>();
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, input: string) {
    this.#child = child;
    child.stdin?.end(input);
    child.stderr?.on('data', (piece: Buffer) => (this.errors += piece.toString()));
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.events.push(JSON.parse(line) as Record<string, unknown>);
        for (const look of this.#watchers) look();
      });
    }
  }

  count(kind: string): number {
    return this.events.filter((event) => kind in event).length;
  }

  last(kind: string): unknown {
    return this.events.findLast((event) => kind in event)?.[kind];
  }

  /** Waits until the last event of this kind passes; looks again at every event. */
  async until(kind: string, passes: (value: unknown) => boolean = () => true): Promise<unknown> {
    let overdue: NodeJS.Timeout | undefined;
    const found = new Promise<unknown>((resolve) => {
      this.#watchers.add(() => {
        const value = this.last(kind);
        if (value !== undefined && passes(value)) resolve(value);
      });
    });
    const giveUp = (reject: (error: Error) => void): void => {
      const tail = this.events.slice(-15).map((event) => JSON.stringify(event));
      reject(new Error(`no such "${kind}"; last events:\n${tail.join('\n')}\n${this.errors}`));
    };
    const late = new Promise<never>((_, reject) => (overdue = deadline(() => giveUp(reject))));
    for (const look of this.#watchers) look();
    try {
      return await Promise.race([found, late]);
    } finally {
      clearTimeout(overdue);
      this.#watchers.clear();
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal);
  }
}

function deadline(action: () => void): NodeJS.Timeout {
  return setTimeout(action, patience);
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
