// Composition root of the member agent: what runs on a PC for the night. PID 1 of the member system starts it, with the
// keyboard as stdin and the screen as stdout.
import { uptime } from 'node:os';
import { bytes, formatSize } from '../shared/base/units.ts';
import { attemptName } from '../shared/domain/attempt-key.ts';
import { nightshiftVersion } from '../shared/domain/settings.ts';
import { nightTimings, practiceTimings } from '../shared/domain/timings.ts';
import { refusalWords } from '../shared/words/refusal-words.ts';
import { connectToLab } from './connect-to-lab.ts';
import { answerFor } from './own-system.ts';
import { BlobCache } from './platform/task-files/blob-cache.ts';
import { bootPrefix, readIdentity } from './platform/pc/boot-files.ts';
import { calibrate } from './platform/pc/calibrate.ts';
import { taskUser } from './platform/containers/container-config.ts';
import { countBuffersAsHeap } from './platform/pc/garbage-collection.ts';
import { HttpsHeadBlobs } from './platform/head/head-blobs.ts';
import { HttpsTransfers } from './platform/snapshots/https-transfers.ts';
import { openRuntime } from './platform/containers/open-runtime.ts';
import { bootMark, byClock, pcFacts, wishesIn } from './platform/pc/pc-facts.ts';
import { SoftwarePacks } from './platform/task-files/software-packs.ts';
import { systemClock, systemRng } from '../shared/node/system-clock.ts';
import { tracksDirtyPages } from './platform/snapshots/soft-dirty.ts';
import { TmpfsTaskFiles } from './platform/task-files/task-files.ts';
import { TextScreen } from './platform/pc/text-screen.ts';
import { ThisPc } from './platform/pc/this-pc.ts';
import { AgentShell, type AgentView } from './shells/agent-shell.ts';
import { screenText } from './shells/screen-text.ts';

// A question of the scripts that start and end the member system.
const answer = answerFor(process.argv.slice(2));
if (answer !== undefined) process.exit(answer);

const environment = process.env;
const folder = environment['NIGHTSHIFT_RUN'] ?? '/run/nightshift';
const wishes = wishesIn(environment);
const log = (line: string): void =>
  void process.stderr.write(`${new Date().toISOString()} ${line}\n`);

process.on('uncaughtException', (error) => {
  log(`the agent stops and is started again: ${error.stack ?? error.message}`);
  process.exit(1);
});
process.on('unhandledRejection', (error) => {
  log(
    `the agent stops and is started again: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
  );
  process.exit(1);
});

countBuffersAsHeap();
await main();

async function main(): Promise<void> {
  log(`nightshift member agent ${nightshiftVersion}`);
  const screen = new TextScreen(process.stdout);
  const clock = systemClock();
  const identity = readIdentity(
    environment['NIGHTSHIFT_IDENTITY'] ?? '/etc/nightshift/identity.json',
  );
  if (!identity.ok) {
    screen.show({ lab: '', who: '', address: '', state: refusalWords(identity.error), tasks: [] });
    log(refusalWords(identity.error));
    process.exit(1);
  }

  const transfers = new HttpsTransfers({
    port: Number(environment['NIGHTSHIFT_TRANSFER_PORT'] ?? 7412),
    get peerAgent() {
      return lab.peerAgent;
    },
    peerOf: (socket) => lab.peerOf(socket),
  });
  const measured = {
    speed: 0,
    spare: null as number | null,
    preDump: tracksDirtyPages(),
    start: { ...(wishes.driver === 'container' ? {} : byClock()), boot: bootMark(folder) },
    transferPort: await transfers.open(),
    fetchable: identity.value.packs ?? [],
  };

  let view: AgentView | undefined;
  let saying = 'Looking for the head of this lab.';
  const draw = (): void =>
    screen.show(screenText(identity.value, saying, lab.localAddress(), view));
  const lab = connectToLab({
    identity: identity.value,
    clock,
    rng: systemRng(),
    facts: (address) => pcFacts(wishes, measured, address),
    onScreen: (sentence) => {
      saying = sentence;
      draw();
    },
    onLog: log,
  });
  lab.onCredentials((credentials) => {
    transfers.setCredentials(credentials);
    log(`enrolled ${uptime().toFixed(2)} s after this PC's kernel began`);
  });

  const blobs = new HttpsHeadBlobs({ url: () => lab.headUrl(), agent: lab.headAgent });
  const { memory, processors } = pcFacts(wishes, measured, '');
  const cache = new BlobCache(`${folder}/cache`, blobs, bytes(memory / 8), taskUser);
  const packs = new SoftwarePacks({
    carried: wishes.packs,
    folder: `${folder}/packs`,
    fetchable: measured.fetchable,
    read: (name) => blobs.readPack(name),
    log,
  });
  const opening = openRuntime({
    folder,
    packs: wishes.packs,
    prefix: bootPrefix(folder),
    processors,
    memory,
    ensurePack: (name) => packs.ensure(name),
    placeInputs: (inputs, task, nodes) => cache.place(inputs, task, nodes),
    onSupervisorLost: () => {
      log('the supervisor of the running programs is gone');
      process.exit(1);
    },
  });
  // While the supervisor of programs starts, a process of its own.
  measured.speed = calibrate();
  log(
    `speed ${measured.speed}, dirty pages ${measured.preDump ? 'tracked' : 'unknown'}, transfers on port ${measured.transferPort}`,
  );
  const opened = await opening;
  if (!opened.ok) {
    screen.show({
      lab: identity.value.lab,
      who: '',
      address: '',
      state: refusalWords(opened.error),
      tasks: [],
    });
    log(refusalWords(opened.error));
    process.exit(1);
  }
  const { runtime } = opened.value;
  const files = new TmpfsTaskFiles((of) => runtime.folderOf(of), blobs);

  const adopted = await runtime.adopt();
  for (const attempt of adopted)
    log(`adopted ${attemptName(attempt)}, frozen until the head answers`);
  measured.spare = runtime.spareMemory;
  const pc = new ThisPc({
    folder,
    wishes,
    measured,
    address: () => lab.localAddress(),
    ownTasks: () => runningTasks(),
    log,
    leave: (code) => {
      draw();
      // The last words are on their way.
      setTimeout(() => process.exit(code), 200);
    },
  });
  const timings = identity.value.timings === 'practice' ? practiceTimings : nightTimings;
  const shell = new AgentShell(
    {
      clock,
      link: lab.link,
      runtime,
      blobs,
      files,
      transfers,
      pc,
      uncache: (hashes) => cache.uncache(hashes),
      fetchFor: (spec) => packs.ensure(spec.pack),
      log,
    },
    timings,
    adopted,
    (changed) => {
      if (changed.welcome && !view?.welcome)
        log(`ready ${uptime().toFixed(2)} s after this PC's kernel began`);
      view = changed;
      draw();
    },
  );
  function runningTasks(): { readonly running: number; readonly memory: number } {
    let running = 0;
    let used = 0;
    for (const attempt of shell.view.state.attempts.values()) {
      if (attempt.stage.at !== 'live') continue;
      if (attempt.frozen.size === 0) running += attempt.spec.cpus;
      used += runtime.usage(attempt).memory;
    }
    return { running, memory: used };
  }
  log(
    `${processors} processors, ${formatSize(memory)} of which tasks may have ${formatSize(measured.spare)}, packs: ${pcFacts(wishes, measured, '').packs.join(', ')}`,
  );
  shell.run();
}
