// Opens the lab's event store, and only one that is whole: a log that lost something is refused before anything acts on it.
import { existsSync, readdirSync } from 'node:fs';
import { ok, refuse, type Result } from '../shared/base/result.ts';
import { labEvents } from './core/log-form/event-form.ts';
import type { LabEvent } from './core/state/events.ts';
import type { HeadHome } from './platform/home/head-home.ts';
import type { KnownLab } from './platform/identity/lab-identity.ts';
import type { FileWitness } from './platform/identity/sealed-file.ts';
import { inspectStore, soundUpTo, type StoreFindings } from './platform/store/inspect-store.ts';
import { rebuildStore } from './platform/store/rebuild-store.ts';
import { SqliteEventStore } from './platform/store/sqlite-event-store.ts';
import { StoreMark, type MarkedLog } from './platform/store/store-mark.ts';
import { rowsFromLog } from './shells/rows-from-log.ts';

export interface LabStore {
  readonly store: SqliteEventStore<LabEvent>;
  /** What was put right, for the log; null when nothing had to be. */
  readonly mended: string | null;
  /** Null: the home is new, as far as the store can tell. */
  readonly lab: KnownLab | null;
  /** The identity that was opened beside it: from now on the store and its mark say whose they are. */
  belongsTo(lab: { readonly id: string; readonly name: string }): void;
  /** Remembers how often the lab's other files were written. */
  witness(labId: string): FileWitness;
  close(): void;
}

/** `log`: for what is amiss and hurts nobody yet. */
export function openLabStore(home: HeadHome, log: (line: string) => void): Result<LabStore> {
  const mark = StoreMark.read(home.mark);
  const inspected = inspectStore(home.store);
  if (!inspected.ok) return inspected;
  const findings = inspected.value;
  const fault = faultOf(home, mark, findings);
  if (fault !== null) return refuse('failed', fault);
  let mended: string | null = null;
  if (findings !== undefined && !findings.areTablesWhole) {
    const aside = rebuildStore<LabEvent>(home.store, labEvents, rowsFromLog, new Date());
    mended = `${home.store} was damaged; its log was whole, so its tables were made anew (the damaged file is kept as ${aside})`;
  }
  const opened = SqliteEventStore.open<LabEvent>(home.store, labEvents);
  if (!opened.ok) return opened;
  const store = opened.value;
  let guarding: StoreMark | undefined;
  return ok({
    store,
    mended,
    lab: knownLab(mark, store),
    witness: (of) => ({
      labId: of,
      revisionOf: (file) => Number(store.about(`revision of ${file}`) ?? 0),
      note: (file, revision) => store.tell(`revision of ${file}`, String(revision)),
    }),
    belongsTo: (lab) => {
      if (store.about('lab') !== lab.id) store.tell('lab', lab.id);
      if (store.about('lab name') !== lab.name) store.tell('lab name', lab.name);
      // Whoever opens it next need not read all of a long log again.
      store.tell(soundUpTo, String(store.lastSeq()));
      const marked = { labId: lab.id, lastSeq: store.lastSeq() };
      guarding = StoreMark.open(home.mark, marked, (error) =>
        log(`${home.mark} was not written: ${String(error)}`),
      );
      store.onStored((seq) => guarding?.note(seq));
    },
    close: () => {
      store.close();
      guarding?.close();
    },
  });
}

const putBack = 'put the whole home back from a backup (nightshift restore)';

/** Why the store must not be opened, and what to do; null when it may be. */
function faultOf(
  home: HeadHome,
  mark: MarkedLog | 'damaged' | null,
  findings: StoreFindings | undefined,
): string | null {
  const { store, mark: markPath } = home;
  const seen = findings?.lastSeq ?? 0;
  const goOn = (left: string): string => `or delete ${markPath} to go on with ${left}`;
  if (mark === 'damaged') {
    return `${markPath} is damaged, so nobody can tell whether ${store} is whole; ${putBack}, ${goOn(`the ${seen} events that are there`)}.`;
  }
  const labId = findings?.labId ?? null;
  if (mark !== null && labId !== null && mark.labId !== labId) {
    return `${store} and ${markPath} are of two labs; put back the one that does not belong to this home, or ${putBack}.`;
  }
  if (findings !== undefined && !findings.isBaseWhole) {
    return `${store} is damaged where it keeps what the lab was before its log begins; ${putBack}, or move it and ${markPath} away to begin with an empty lab.`;
  }
  if (findings !== undefined && !findings.isLogWhole) {
    return `${store} is damaged behind event ${seen}; ${putBack}, or move it and ${markPath} away to begin with an empty lab.`;
  }
  if (mark !== null && mark.lastSeq > seen) {
    const left = seen === 0 ? 'an empty lab' : `what is left, forgetting what came after`;
    const found = findings === undefined ? 'is missing' : `ends with event ${seen}`;
    return `${store} ${found}, but it had come to event ${mark.lastSeq}: a part of it was lost, or an older copy was put in its place; nothing was changed; ${putBack}, ${goOn(left)}.`;
  }
  if (mark === null && seen === 0 && hasBlobs(home.blobs)) {
    return `${store} ${findings === undefined ? 'is missing' : 'is empty'}, but ${home.blobs} holds files of a lab; ${putBack}, or move ${home.blobs} away to begin with an empty lab.`;
  }
  if (mark !== null && mark.lastSeq > 0 && !existsSync(home.blobs)) {
    return `${home.blobs} is missing, where the files and results of this lab's jobs are; ${putBack}, or make an empty folder there to go on without them.`;
  }
  return null;
}

function knownLab(
  mark: MarkedLog | 'damaged' | null,
  store: SqliteEventStore<LabEvent>,
): KnownLab | null {
  const marked = mark === null || mark === 'damaged' ? null : mark.labId;
  const id = marked ?? store.about('lab');
  if (id === null && store.lastSeq() === 0) return null;
  return { id, name: store.about('lab name') };
}

function hasBlobs(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some((name) => /^[0-9a-f]{2}$/.test(name));
}
