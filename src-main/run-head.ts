// The head as one thing to start and to stop: head.ts and desktop/main.ts both run it. A list of what it is made of.
import { hostname } from 'node:os';
import { ok, type Result } from '../shared/base/result.ts';
import { nightTimings, practiceTimings } from '../shared/domain/timings.ts';
import { systemClock, systemRng } from '../shared/node/system-clock.ts';
import { Access, apiToken } from './api/access.ts';
import { Sessions } from './api/sessions.ts';
import { openApi } from './features/api.ts';
import { openBootImages } from './features/boot-images.ts';
import { openEnrolment, openMemberLines, type Enrolment } from './features/enrolment.ts';
import type { Feature } from './features/feature.ts';
import { openIdentity } from './features/identity.ts';
import { openLab } from './features/lab.ts';
import { openMedia } from './features/media.ts';
import { openNetboot } from './features/netboot.ts';
import { openPractice } from './features/practice.ts';
import { openSoftware } from './features/software.ts';
import { openTokens } from './features/tokens.ts';
import { Whereabouts } from './features/whereabouts.ts';
import { openHome, refuseFile } from './open-home.ts';
import { labInterfaces } from './platform/discovery/lab-interfaces.ts';
import { headChecks } from './platform/home/doctor.ts';
import {
  headHome,
  readHeadJson,
  removeHeadJson,
  writeHeadJson,
  type HeadJson,
} from './platform/home/head-home.ts';
import type { HeadLog } from './platform/home/head-log.ts';
import { labNames } from './platform/practice/lab-names.ts';
import type { OnProgress } from './platform/system-builder/build-progress.ts';

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
  const { practice, cacheDir } = options;
  const folders = headHome(options.home);
  const timings = practice ? practiceTimings : nightTimings;
  const log = (line: string): void => options.log.line(line);
  const onProgress: OnProgress = ({ step, line }) => log(`${step}: ${line}`);
  const [clock, rng] = [systemClock(), systemRng()];
  const practiceCable = practice ? labNames(folders.folder).uplink : undefined;
  const head = new Whereabouts(options.port);
  const address = (): string => `${labInterfaces()[0]?.address ?? '127.0.0.1'}:${head.port()}`;

  const home = openHome(folders, own, log);
  if (!home.ok) return home;
  const { blobs, labStore } = home.value;
  const identity = await openIdentity({
    ...{ folder: folders.identity, known: labStore.lab, clock, rng },
    witness: (labId) => labStore.witness(labId),
    labName: options.lab ?? (practice ? 'practice' : `lab of ${hostname()}`),
  });
  if (!identity.ok) return identity;
  const named = identity.value.identity.lab;
  labStore.belongsTo(named);

  const lines = openMemberLines(log);
  const otherHead = (): string | null => head.otherHead();
  const lab = openLab({
    ...{
      home: home.value,
      lab: named,
      lines,
      timings,
      practice,
      address,
      otherHead,
      clock,
      rng,
      log,
    },
  });
  const enrolment = await openEnrolment({
    ...{ identity: identity.value, lines, lab: lab.service, head, practiceCable, clock, rng, log },
    timings: practice ? 'practice' : 'night',
    // A head that ends in good order takes its page with it.
    isBack: readHeadJson(folders) !== undefined,
  });
  const software = openSoftware(cacheDir, enrolment.service, onProgress);
  const issueIdentity: Enrolment['issueBootIdentity'] = (wish) => ({
    ...enrolment.service.issueBootIdentity(wish),
    packs: [...software.service.names],
  });
  const images = openBootImages({
    ...{ folder: folders.images, cacheDir, clock, onProgress, log },
    isQuiet: practice ? null : () => !lab.service.machines().some(({ linked }) => linked),
  });
  const netboot = openNetboot({
    ...{ lab: lab.service, labName: named.name, enrolment: enrolment.service, home: folders },
    ...{ cacheDir, clock, rng, images: images.service, log },
    port: () => head.port(),
    packs: software.service.names,
    interfaces: () => labInterfaces(practiceCable),
  });
  const practiceLab = openPractice({
    ...{ practice, home: folders, cacheDir, clock, issueIdentity, images: images.service, log },
    port: () => head.port(),
    expectBack: (names) => lab.service.expectBack(names),
    powerTaken: (names) => lab.service.powerTaken(names),
    preparePacks: () => software.service.image('base'),
  });
  const media = openMedia({
    ...{ lab: named.name, cacheDir, clock, rng, images: images.service, issueIdentity, address },
    serveFloppies: netboot.service.serveFloppies,
  });
  const token = apiToken(folders.token);
  const api = openApi({
    services: {
      lab: lab.service,
      practice: practiceLab.service,
      media: media.service,
      netboot: netboot.service,
      images: images.service,
      approvals: netboot.service.approvals,
      tokens: openTokens(enrolment.service.tokens, lab.service),
      issueIdentity: ({ address: withAddress, ...wish }) =>
        ok(issueIdentity({ ...wish, address: withAddress ? address() : null })),
      software: () => software.service.list(),
      doctor: () => headChecks(folders, cacheDir, otherHead()),
      shutdown: () => options.onShutdown(),
      toBase64: (bytes) => Buffer.from(bytes).toString('base64'),
    },
    access: new Access(token, named.id, new Sessions(folders.sessions)),
    ...{ routes: enrolment.service, head, blobs, timings, clock, uiFolder: options.uiFolder, log },
  });

  // In this order they are started and let others in, in the opposite one they are closed.
  const features: readonly Feature<unknown>[] = [
    ...[enrolment, lab, software, images, practiceLab, netboot, media, api],
  ];
  for (const feature of features) own(() => feature.close?.());
  for (const feature of features) feature.start?.();
  for (const feature of features) {
    const listening = await feature.listen?.();
    if (listening?.ok === false) return listening;
  }

  const facts: HeadJson = {
    pid: process.pid,
    port: head.port(),
    url: `https://127.0.0.1:${head.port()}`,
    browserUrl: `http://127.0.0.1:${api.service.localPort()}/?token=${token}`,
    startedAt: clock.wall(),
    practice,
  };
  writeHeadJson(folders, facts);
  own(() => removeHeadJson(folders));
  log(`the head of lab "${named.name}" is open at port ${head.port()}`);
  return ok({ lab: named.name, facts });
}
