import type { BootImageView } from '../shared/api/image-views.ts';
import type { DriveView, MediaEvent } from '../shared/api/media-views.ts';
import type { BootFinding, NetbootView, WaitingPcView } from '../shared/api/netboot-views.ts';
import type { SessionView } from '../shared/api/session-views.ts';
import type { TokenView } from '../shared/api/token-views.ts';
import { ok, refuse, type Result } from '../shared/base/result.ts';
import type {
  ApprovalService,
  HeadServices,
  ImageService,
  MediaService,
  NetbootService,
  Outputs,
  SessionService,
  TokenService,
} from '../src-main/api/head-services.ts';
import { toBase64 } from './base64.ts';
import type { SimulatedLab } from './simulated-lab.ts';
import { SimulatedPractice } from './simulated-practice.ts';

/**
 * What a head has around the lab itself: drives, images, network boot, browsers, PCs that wait for a person. A story sets
 * them; commands change them as a real head would, without a machine behind them.
 */
export class SimulatedSurroundings {
  drives: DriveView[] = [];
  /** What comes of writing media; by default every target comes out well. */
  mediaStory: (targets: readonly string[]) => readonly MediaEvent[] = (targets) =>
    targets.map(wellWritten);
  images: BootImageView[] = [];
  tokens: TokenView[] = [];
  sessions: SessionView[] = [];
  waiting: WaitingPcView[] = [];
  /** What the first of those that wait shows. */
  codeOnScreen = 'K7MQ-4F';
  netboot: NetbootView = {
    ...{ on: false, interfaces: ['eth0'], hours: null, answer: null, httpPort: 7414 },
    ...{ problem: null, atOnce: 8, pcs: [], floppies: null },
  };
  bootFindings: BootFinding[] = [];
  checks: Outputs['doctor'] = [
    { check: 'mmdebstrap', ok: true, found: '1.3.5', remedy: null },
    {
      ...{ check: 'qemu', ok: false, found: 'not installed' },
      remedy: 'apt-get install qemu-system-x86',
    },
  ];
  packs: Outputs['software']['list'] = [
    {
      ...{ name: 'base', version: '13.1', bytes: 210 * 1024 ** 2 },
      description: 'Debian trixie with python3, perl, gcc and xz',
    },
  ];
  /** How often somebody asked the head to stop. */
  stopsAsked = 0;

  servicesFor(lab: SimulatedLab): HeadServices {
    return {
      lab: lab.shell,
      practice: new SimulatedPractice(lab),
      ...{ media: this.#media, approvals: this.#approvals, tokens: this.#tokens },
      ...{ netboot: this.#netbootOf(lab), images: this.#images },
      issueIdentity: (wish) =>
        ok({
          ...{ version: 1, lab: lab.name, labId: 'sim', headKey: 'a'.repeat(64), token: null },
          headAddress: wish.address ? '10.0.0.1:7411' : null,
          ...{ name: wish.name, timings: 'practice' },
        }),
      software: async () => this.packs,
      doctor: async () => this.checks,
      shutdown: () => (this.stopsAsked += 1),
      toBase64,
    };
  }

  readonly browsers: SessionService = {
    list: () => this.sessions,
    end: (which) => {
      const ended = this.sessions.filter(({ id }) => which === 'all' || id === which);
      this.sessions = this.sessions.filter((session) => !ended.includes(session));
      return ended.map(({ id }) => id);
    },
  };

  readonly #media: MediaService = {
    list: async () => ok(this.drives),
    write: async ({ drives }, sink) =>
      this.#tellMedia(
        drives.map(({ path }) => path),
        sink,
      ),
    restore: async (drives, sink) =>
      this.#tellMedia(
        drives.map(({ path }) => path),
        sink,
      ),
    image: async ({ file }, sink) => this.#tellMedia([file.path], sink),
  };

  async #tellMedia(
    targets: readonly string[],
    sink: Parameters<MediaService['restore']>[1],
  ): Promise<Result<null>> {
    for (const event of this.mediaStory(targets)) sink.event(event);
    return ok(null);
  }

  readonly #approvals: ApprovalService = {
    waiting: () => this.waiting,
    decide: (code) => {
      const [found, ...others] = this.waiting;
      if (!found || code !== this.codeOnScreen)
        return refuse('not-found', `no PC waits with the code ${code}.`);
      this.waiting = others;
      return ok({ machineKey: found.machineKey, address: found.address, name: found.name, code });
    },
    forget: (machine) => ok({ machine }),
  };

  readonly #tokens: TokenService = {
    list: () => this.tokens,
    revoke: (id) => this.#changeToken(id, { revoked: true }),
    limit: (id, mostPcs) => this.#changeToken(id, { mostPcs }),
  };

  #changeToken(id: string, change: Partial<TokenView>): Result<TokenView> {
    const found = this.tokens.find((token) => token.id === id);
    if (!found) return noToken(id);
    const changed = { ...found, ...change };
    this.tokens = this.tokens.map((token) => (token === found ? changed : token));
    return ok(changed);
  }

  #netbootOf(lab: SimulatedLab): NetbootService {
    return {
      on: async ({ hours }) =>
        ok((this.netboot = { ...this.netboot, on: true, answer: 'lab', hours })),
      off: async () => ok((this.netboot = { ...this.netboot, on: false, answer: null })),
      status: () => this.netboot,
      diagnose: async () => ok(this.bootFindings),
      wake: (names) => {
        const known = lab.shell.pcs(names);
        if (!known.ok) return known;
        const asleep = known.value.filter(({ isHere }) => names !== 'all' || !isHere);
        const machines = asleep.map(({ name }) => name);
        lab.shell.expectBack(machines);
        for (const name of machines) lab.pc(name).boot();
        return ok({ machines });
      },
    };
  }

  readonly #images: ImageService = {
    list: () => this.images,
    build: async () => ok(this.images),
    use: (version) => {
      if (version !== null && !this.images.some((image) => image.version === version)) {
        const kept = this.images.map((image) => image.version).join(', ');
        return refuse('not-found', `there is no boot image "${version}"; this head has ${kept}.`);
      }
      const used = version ?? this.images[0]?.version;
      this.images = this.images.map((image) => ({
        ...image,
        ...{ inUse: image.version === used, chosen: image.version === version },
      }));
      return ok(this.images);
    },
  };
}

const noToken = (id: string): Result<never> =>
  refuse('not-found', `there is no token "${id}"; nightshift media list-tokens lists them.`);

const wellWritten = (target: string): MediaEvent => ({
  ...{ t: 'result', target, ok: true, sentence: null },
  ...{ bytes: 80_000_000, took: 8000, sha256: 'ab'.repeat(32) },
});
