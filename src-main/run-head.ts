// The head as one thing to start and to stop: head.ts and desktop.ts both run it. Constructs and connects only.
import { hostname } from 'node:os';
import { httpPaths } from '../shared/api/http-paths.ts';
import { ok, refuse, type Result } from '../shared/base/result.ts';
import { nightTimings, practiceTimings } from '../shared/domain/timings.ts';
import { Access, apiToken } from './api/access.ts';
import { memberKeeps } from './api/blob-routes.ts';
import { HeadApi } from './api/head-api.ts';
import type { LabService } from './api/head-services.ts';
import { packRoutes } from './api/pack-routes.ts';
import { Sessions } from './api/sessions.ts';
import { openBootImages } from './boot-images.ts';
import { keepImagesFresh } from './shells/image-renewal.ts';
import { openFrontDoor, type FrontDoor } from './front-door.ts';
import { keepCollecting } from './platform/collect-blobs.ts';
import { headChecks } from './platform/doctor.ts';
import {
  headHome,
  readHeadJson,
  removeHeadJson,
  writeHeadJson,
  type HeadJson,
} from './platform/head-home.ts';
import type { HeadLog } from './platform/head-log.ts';
import { labInterfaces } from './platform/lab-interfaces.ts';
import { Router } from './platform/listener/router.ts';
import { LoopbackListener } from './platform/loopback-listener.ts';
import { shippedPackNames, shippedSoftware } from './platform/shipped-software.ts';
import { labNames } from './platform/practice/lab-names.ts';
import type { OnProgress } from './platform/system-builder/build-progress.ts';
import { buildPackImage, type PackImage } from './platform/system-builder/pack-image.ts';
import { systemClock, systemRng, timeOfDay } from './platform/system-clock.ts';
import { openMedia } from './media-service.ts';
import { openHome, refuseFile } from './open-home.ts';
import { openNetboot } from './netboot-service.ts';
import { openPractice } from './practice-service.ts';
import { openTokens } from './token-service.ts';
import { LabShell } from './shells/lab-shell.ts';

export interface HeadOptions {
  readonly home: string;
  readonly cacheDir: string;
  readonly port: number;
  readonly practice: boolean;
  /** Name of the lab at first start. */
  readonly lab: string | undefined;
  /** The built UI. */
  readonly uiFolder: string;
  readonly log: HeadLog;
  /** The API asked the head to stop. */
  onShutdown(): void;
}

export interface RunningHead {
  readonly lab: string;
  readonly facts: HeadJson;
  stop(): Promise<void>;
}

export async function runHead(options: HeadOptions): Promise<Result<RunningHead>> {
  // What was opened, to be closed in the opposite order.
  const owned: (() => void | Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of owned.splice(0).reverse()) await close();
  };
  const started = await open(options, (close) => owned.push(close)).catch(
    async (error: unknown) => {
      await stop();
      return refuseFile(error);
    },
  );
  if (!started.ok) {
    await stop();
    return started;
  }
  return ok({ ...started.value, stop });
}

async function open(
  options: HeadOptions,
  own: (close: () => void | Promise<void>) => void,
): Promise<Result<Omit<RunningHead, 'stop'>>> {
  const { practice, port, cacheDir } = options;
  const home = headHome(options.home);
  const timings = practice ? practiceTimings : nightTimings;
  const log = (line: string): void => options.log.line(line);
  const clock = systemClock();
  const rng = systemRng();

  const opened = openHome(home, own, log);
  if (!opened.ok) return opened;
  const { blobs, labStore } = opened.value;

  const practiceCable = practice ? labNames(home.folder).uplink : undefined;
  const door = await openFrontDoor({
    folder: home.identity,
    known: labStore.lab,
    witness: (labId) => labStore.witness(labId),
    labName: options.lab ?? (practice ? 'practice' : `lab of ${hostname()}`),
    port,
    timings: practice ? 'practice' : 'night',
    practiceCable,
    clock,
    rng,
    // A head that ends in good order takes its page with it.
    isBack: readHeadJson(home) !== undefined,
    enrol: (facts, wantedName, by) => lab.enrol(facts, wantedName, by),
    letInBy: (member) => shell.letInBy(member),
    standingOf: (member) => shell.standingOf(member),
    seen: (report) => lab.seen(report),
    onOtherHead: () => shell.surroundingsChanged(),
    log,
  });
  if (!door.ok) return door;
  const { lab: identity, links } = door.value;
  own(() => door.value.close());
  labStore.belongsTo(identity);

  let openPort = port;
  const address = (): string => `${labInterfaces()[0]?.address ?? '127.0.0.1'}:${openPort}`;
  const shell = new LabShell(
    {
      clock,
      rng,
      store: labStore.store,
      links,
      blobs: {
        has: (hash) => blobs.has(hash),
        readBlob: (hash) => blobs.read(hash),
        readText: (hash) => blobs.readText(hash),
        fromBase64: (text) => Buffer.from(text, 'base64'),
      },
      hangUp: (member) => door.value.hangUp(member),
      log,
    },
    {
      ...{ lab: identity.name, labId: identity.id, timings, practice, address, timeOfDay },
      otherHead: () => door.value.otherHead(),
    },
  );
  blobs.onDamaged((hash, reason) => {
    log(`the blob ${hash} is damaged (${reason}) and lies in ${blobs.asidePathOf(hash)} now`);
    shell.blobDamaged(hash);
  });
  const lab: LabService = shell;
  own(() => shell.stop());

  const packNames = shippedPackNames();
  const issueIdentity: FrontDoor['issueBootIdentity'] = (wish) => ({
    ...door.value.issueBootIdentity(wish),
    packs: [...packNames],
  });
  const onProgress: OnProgress = ({ step, line }) => log(`${step}: ${line}`);
  const packImage = async (name: string): Promise<Result<PackImage>> =>
    packNames.includes(name)
      ? buildPackImage({ name, cacheDir, onProgress })
      : refuse('not-found', `There is no software pack "${name}".`);
  const images = openBootImages({ folder: home.images, cacheDir, clock, onProgress });
  if (!practice) {
    const isQuiet = (): boolean => !shell.machines().some(({ linked }) => linked);
    const fresh = { clock, newest: images.newest, build: images.build, isQuiet, log };
    const renewal = keepImagesFresh(fresh);
    own(() => renewal.dispose());
  }
  const token = apiToken(home.token);
  const practiceLab = openPractice({
    ...{ practice, home, cacheDir, clock, issueIdentity, images, log },
    port: () => openPort,
    expectBack: (names) => shell.expectBack(names),
    preparePacks: () => packImage('base'),
  });
  own(() => practiceLab.dispose());
  const media = openMedia({
    ...{ lab: identity.name, cacheDir, clock, rng, images, issueIdentity, address },
    serveFloppies: (wish) => netboot.serveFloppies(wish),
  });
  const netboot = openNetboot({
    ...{ lab: shell, door: door.value, home, cacheDir, clock, rng, images, log },
    port: () => openPort,
    packs: packNames,
    interfaces: () => labInterfaces(practiceCable),
  });
  own(() => netboot.close());
  const api = new HeadApi({
    services: {
      lab,
      practice: practiceLab,
      media,
      netboot,
      images,
      approvals: netboot.approvals,
      tokens: openTokens(door.value.tokens, shell),
      issueIdentity: ({ address: withAddress, ...wish }) =>
        ok(issueIdentity({ ...wish, address: withAddress ? address() : null })),
      software: () => shippedSoftware(cacheDir),
      doctor: () => headChecks(home, cacheDir, door.value.otherHead()),
      shutdown: () => options.onShutdown(),
    },
    access: new Access(token, identity.id, new Sessions(home.sessions)),
    blobs,
    timings,
    clock,
    uiFolder: options.uiFolder,
    log,
  });
  const localRouter = new Router(log);
  api.mount(door.value);
  api.mount(localRouter);
  door.value.route(httpPaths.pack, packRoutes(packImage));

  shell.start();
  const listening = await door.value.open();
  if (!listening.ok) return listening;
  openPort = listening.value.port;
  const loopback = new LoopbackListener(localRouter);
  const local = await loopback.listen(openPort + 1);
  own(() => loopback.close());
  // First of all, while there is still somebody to say it to.
  own(() => api.close());

  netboot.start();

  const collecting = keepCollecting(blobs, () => lab.referencedBlobs(), {
    clock,
    // What was sent before this head began is spoken of again by then.
    every: memberKeeps(timings),
    log,
  });
  own(() => collecting.dispose());

  const facts: HeadJson = {
    pid: process.pid,
    port: openPort,
    url: `https://127.0.0.1:${openPort}`,
    browserUrl: `http://127.0.0.1:${local.port}/?token=${token}`,
    startedAt: clock.wall(),
    practice,
  };
  writeHeadJson(home, facts);
  own(() => removeHeadJson(home));
  log(`the head of lab "${identity.name}" is open at port ${openPort}`);
  return ok({ lab: identity.name, facts });
}
