import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ok } from '../shared/base/result.ts';
import { epochMillis, mebibytes } from '../shared/base/units.ts';
import { blobHash, type BlobHash } from '../shared/domain/ids.ts';
import type { OutputFile } from '../shared/domain/job.ts';
import { practiceTimings } from '../shared/domain/timings.ts';
import type { Disposable } from '../shared/ports/clock.ts';
import { systemRng } from '../shared/node/system-clock.ts';
import { refusalWords } from '../shared/words/refusal-words.ts';
import { Access } from '../src-main/api/access.ts';
import { HeadApi, type HttpListener } from '../src-main/api/head-api.ts';
import type { HeadServices } from '../src-main/api/head-services.ts';
import { BlobStore } from '../src-main/platform/blobs/blob-store.ts';
import { LabIdentity } from '../src-main/platform/identity/lab-identity.ts';
import { LoopbackListener } from '../src-main/platform/listener/loopback-listener.ts';
import { Router } from '../src-main/platform/listener/router.ts';
import { TlsListener } from '../src-main/platform/listener/tls-listener.ts';
import { unhurried, type SimulatedHead } from '../src-sim/simulated-head.ts';
import type { SimulatedLab } from '../src-sim/simulated-lab.ts';

/** Sockets and disks have their own time, which no simulated clock advances. */
const letOthersIn = promisify(setTimeout);
/** The moment at which labs of tests stand still. */
export const evening = Date.UTC(2026, 10, 21, 22, 30);
export const token = '0123456789abcdef'.repeat(4);

/**
 * The one head in memory as its clients reach it: the real API, sessions, blobs on a disk and listeners on real sockets, with
 * the files by which the command line finds it. Its lab stands still until a test, or a command that waits, lets time pass.
 */
export class ServedHead {
  readonly home: string;
  readonly head: SimulatedHead;
  /** What was asked of its services, with all arguments, in order: `lab.cordon`. */
  readonly calls: { readonly call: string; readonly input: readonly unknown[] }[] = [];
  /** Requests beside the contract: `PUT /blob`. */
  readonly requests: string[] = [];
  /** What callers listen to and have not let go of: `lab.onChange`. */
  readonly #open: string[] = [];
  /** Told of each call before it is carried out. */
  onCall: (call: string) => void = () => undefined;
  access = new Access(token, 'sim');
  blobs: BlobStore;
  port = 0;
  localPort = 0;
  labCertificate = '';
  #close: (() => Promise<void>) | undefined;

  constructor(home: string, head: SimulatedHead) {
    this.home = home;
    this.head = head;
    this.blobs = new BlobStore(join(home, 'blobs'), mebibytes(1));
    this.lab.disk = {
      has: (hash) => this.blobs.has(hash),
      keep: (text) => this.putBlob(text),
      read: (hash) => this.blobs.read(hash),
    };
  }

  get lab(): SimulatedLab {
    return this.head.lab;
  }

  get around(): SimulatedHead['around'] {
    return this.head.around;
  }

  /** Listens, on the same port as before if it did. */
  async start(): Promise<void> {
    const log = (line: string): void => void this.head.logged.push(line);
    const at = epochMillis(Date.now());
    const opened = await LabIdentity.open(
      join(this.home, 'identity'),
      this.lab.name,
      systemRng(),
      at,
    );
    if (!opened.ok) throw new Error(refusalWords(opened.error));
    const { headKey, labCertificate } = opened.value;
    this.labCertificate = labCertificate;
    const certificate = await opened.value.headCertificate(at);
    this.access = new Access(token, opened.value.lab.id, this.access.sessions);
    const api = new HeadApi({
      services: this.#heard(this.around.servicesFor(this.lab)),
      access: this.access,
      blobs: this.blobs,
      timings: practiceTimings,
      clock: {
        ...unhurried,
        now: () => this.lab.clock.now(),
        wall: () => this.lab.clock.wall(),
      },
      uiFolder: this.#uiFolder(),
      log,
    });
    const [router, localRouter] = [new Router(log), new Router(log)];
    api.mount(this.#noting(router));
    api.mount(this.#noting(localRouter));
    const tls = new TlsListener({ key: headKey, certificate, labCertificate }, router);
    const listening = await tls.listen(this.port);
    if (!listening.ok) throw new Error(refusalWords(listening.error));
    this.port = listening.value.port;
    const loopback = new LoopbackListener(localRouter);
    this.localPort = (await loopback.listen(this.localPort)).port;
    // Nobody is told goodbye: so it is when a process is killed.
    this.#close = async () => {
      await Promise.all([loopback.close(), tls.close()]);
      await api.close();
    };
    this.#tellWhere();
  }

  /** kill −9: links break, `head.json` stays, and the lab has no head until `comeBack`. */
  async kill(): Promise<void> {
    await this.#close?.();
    this.#close = undefined;
    this.lab.killHead();
  }

  async comeBack(): Promise<void> {
    this.lab.startHead();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#close?.();
    this.#close = undefined;
    rmSync(join(this.home, 'head.json'), { force: true });
  }

  /** Stores a file, as if it had been sent. */
  putBlob(text: string): BlobHash {
    const hash = blobHash(createHash('sha256').update(text).digest('hex'));
    const path = this.blobs.pathOf(hash);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return hash;
  }

  /** A file that a program leaves. */
  leaving(path: string, text: string, executable = false): OutputFile {
    return { path, hash: this.putBlob(text), size: Buffer.byteLength(text), executable };
  }

  // ---- the clock of whoever types beside it

  readonly now = (): number => this.lab.clock.wall();

  /** Who waits lets the lab's time pass; without a head there is nothing to pass it for. */
  readonly wait = async (span: number): Promise<void> => {
    if (this.#close !== undefined) this.lab.advance(span);
    await letOthersIn(this.#close === undefined ? 20 : 0);
  };

  /** Lets time pass until something that listens to the lab is through with it. */
  async passing<Value>(done: Promise<Value>): Promise<Value> {
    let isOver = false;
    const end = (): void => void (isOver = true);
    done.then(end, end);
    while (!isOver) {
      if (this.#close !== undefined) this.lab.advance(50);
      await letOthersIn(1);
    }
    return done;
  }

  /** How many listen: `lab.onChange`, `lab.logs`. */
  listening(call: string): number {
    return this.#open.filter((open) => open === call).length;
  }

  #heard(services: HeadServices): HeadServices {
    const note = (call: string, input: readonly unknown[]): void => {
      this.calls.push({ call, input });
      this.onCall(call);
    };
    const held = (call: string): Disposable => {
      this.#open.push(call);
      return { dispose: () => void this.#open.splice(this.#open.indexOf(call), 1) };
    };
    const { lab, practice, media, approvals, tokens, netboot, images } = services;
    return {
      ...services,
      lab: heard('lab', lab, note, {
        onChange: (listener) => both(held('lab.onChange'), lab.onChange(listener)),
        logs: (task, follow, sink) => {
          const reading = lab.logs(task, follow, sink);
          return reading.ok ? ok(both(held('lab.logs'), reading.value)) : reading;
        },
      }),
      practice: heard('practice', practice, note),
      media: heard('media', media, note),
      approvals: heard('approvals', approvals, note),
      tokens: heard('tokens', tokens, note),
      netboot: heard('netboot', netboot, note),
      images: heard('images', images, note),
      shutdown: () => {
        note('shutdown', []);
        services.shutdown();
      },
    };
  }

  #noting(listener: HttpListener): HttpListener {
    return {
      upgrade: (path, handler) => listener.upgrade(path, handler),
      route: (prefix, handler) => {
        listener.route(prefix, (request, response, peer) => {
          this.requests.push(`${request.method ?? ''} ${prefix}`);
          return handler(request, response, peer);
        });
      },
    };
  }

  #uiFolder(): string {
    const folder = join(this.home, 'ui');
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Nightshift</title>');
    writeFileSync(join(folder, 'moon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(join(folder, 'assets', 'main-Ab3dEf6h.js'), 'export {};');
    return folder;
  }

  #tellWhere(): void {
    const url = `https://127.0.0.1:${this.port}`;
    writeFileSync(join(this.home, 'api-token'), `${token}\n`);
    const where = { pid: process.pid, port: this.port, url, browserUrl: null };
    writeFileSync(
      join(this.home, 'head.json'),
      JSON.stringify({ ...where, startedAt: this.now() }),
    );
  }
}

const both = (one: Disposable, other: Disposable): Disposable => ({
  dispose: () => {
    one.dispose();
    other.dispose();
  },
});

/** The same service; its methods are told of as they are called. */
function heard<Service extends object>(
  name: string,
  service: Service,
  note: (call: string, input: readonly unknown[]) => void,
  instead: Partial<Service> = {},
): Service {
  return new Proxy(service, {
    get: (target, key) => {
      const found: unknown = Reflect.get(key in instead ? instead : target, key);
      if (typeof found !== 'function') return found;
      return (...input: unknown[]): unknown => {
        note(`${name}.${String(key)}`, input);
        return Reflect.apply(found, target, input);
      };
    },
  });
}
