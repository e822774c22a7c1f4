// The lab itself: the core in its shell, with this head's store, blobs and links.
import type { LabTimings } from '../../shared/domain/timings.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import { timeOfDay } from '../../shared/node/system-clock.ts';
import { memberKeeps } from '../api/blob-routes.ts';
import type { OpenedHome } from '../open-home.ts';
import { keepCollecting } from '../platform/blobs/collect-blobs.ts';
import { LabShell, type LabShellSettings } from '../shells/lab-shell.ts';
import type { MemberLines } from './enrolment.ts';
import type { Feature } from './feature.ts';

export interface LabParts extends Pick<LabShellSettings, 'practice' | 'address' | 'otherHead'> {
  readonly home: OpenedHome;
  readonly lab: { readonly id: string; readonly name: string };
  readonly lines: MemberLines;
  readonly timings: LabTimings;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: (line: string) => void;
}

export function openLab(parts: LabParts): Required<Omit<Feature<LabShell>, 'listen'>> {
  const { clock, rng, log, timings, practice, address, otherHead } = parts;
  const { blobs, labStore } = parts.home;
  const { links, sockets } = parts.lines;
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
      hangUp: (member) => sockets.hangUp(member),
      log,
    },
    {
      ...{ lab: parts.lab.name, labId: parts.lab.id, timings, practice, address, timeOfDay },
      ...(otherHead === undefined ? {} : { otherHead }),
    },
  );
  blobs.onDamaged((hash, reason) => {
    log(`the blob ${hash} is damaged (${reason}) and lies in ${blobs.asidePathOf(hash)} now`);
    shell.blobDamaged(hash);
  });
  // What was sent before this head began is spoken of again by then.
  const every = memberKeeps(timings);
  let collecting: ReturnType<typeof keepCollecting> | undefined;
  return {
    service: shell,
    start: () => {
      shell.start();
      collecting = keepCollecting(blobs, () => shell.referencedBlobs(), { clock, every, log });
    },
    close: () => {
      collecting?.dispose();
      return shell.stop();
    },
  };
}
