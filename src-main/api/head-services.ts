import type { Waiting } from '../../shared/domain/waiting.ts';
import type { InferContractRouterOutputs } from '@orpc/contract';
import type { Contract } from '../../shared/api/contract.ts';
import type { JobDetail, JobView, LabView, MachineView, Report } from '../../shared/api/views.ts';
import type { Result } from '../../shared/base/result.ts';
import type { Millis } from '../../shared/base/units.ts';
import type { AttemptKey } from '../../shared/domain/attempt-key.ts';
import type { BlobHash, JobId, MemberId, TaskId } from '../../shared/domain/ids.ts';
import type { JobSpec } from '../../shared/domain/job.ts';
import type { MemberFacts, ReleaseMoment, Seat } from '../../shared/domain/member.ts';
import type { PracticeLab } from '../ports/practice-lab.ts';
import type { Disposable } from '../../shared/ports/clock.ts';
import type { BootIdentity, SeenReport } from '../../shared/wire/enrolment.ts';
import type { LabPc } from '../ports/netboot.ts';
import type { BlobReferences } from '../core/state/referenced-blobs.ts';
import type { NetbootShell } from '../shells/netboot-shell.ts';
import type { MediaShell } from '../shells/media-shell.ts';

/** What procedures give. */
export type Outputs = InferContractRouterOutputs<Contract>;

export type MachineNames = readonly string[] | 'all';

/** Where a reader's bytes go. After `end` or `fail` nothing more comes. */
export interface LogSink {
  /**
   * A promise asks the source to wait for it, where it can. `restarts`: the task's `restartsFromZero` when this was
   * written; where it grows, the bytes are from the first one.
   */
  piece(bytes: Uint8Array, restarts: number): void | Promise<void>;
  end(): void;
  fail(sentence: string): void;
}

/** The lab as faces see it; `LabShell` is one. */
export interface LabService {
  view(): LabView;
  report(): Report;
  /** Of an earlier night, or of the newest one. */
  reportOf(night: number): Promise<Result<Report>>;
  machines(): MachineView[];
  cordon(names: MachineNames): Result<{ machines: string[] }>;
  uncordon(names: MachineNames): Result<{ machines: string[] }>;
  ban(names: readonly string[], because: string | null): Result<{ machines: string[] }>;
  unban(names: readonly string[]): Result<{ machines: string[] }>;
  forget(names: readonly string[]): Result<{ machines: string[] }>;
  evacuate(names: MachineNames): Result<{ machines: string[] }>;
  seats(): Outputs['seats']['list'];
  giveSeats(
    seats: readonly { readonly machine: string; readonly seat: Seat | null }[],
  ): Result<{ changed: number }>;
  clearSeats(names: MachineNames): Result<{ changed: number }>;
  release(
    names: MachineNames,
    when: ReleaseMoment,
    preview?: boolean,
  ): Result<{ machines: string[]; minutesLost: number }>;
  /** What `submit` would say, before the inputs are here. */
  consider(spec: JobSpec): Result<{ warnings: Waiting[] }>;
  /** `held`: from the start, until it is resumed. */
  submit(spec: JobSpec, held: boolean): Result<{ id: JobId; warnings: Waiting[] }>;
  jobs(): JobView[];
  /** The row of one of them, by id or name. */
  jobRow(idOrName: string): Result<JobView>;
  /** `task`: with the task of that index only; `from`: with those from that index on, see `jobs.get`. */
  job(idOrName: string, task?: number | null, from?: number | null): Result<JobDetail>;
  jobChanges(
    idOrName: string,
    since: string | null,
  ): Result<{ revision: string; whole: boolean; job: JobDetail }>;
  cancelJob(idOrName: string): Result<{ id: JobId }>;
  holdJob(idOrName: string): Result<{ id: JobId }>;
  resumeJob(idOrName: string): Result<{ id: JobId }>;
  removeJobs(jobs: readonly string[]): Result<{ ids: JobId[] }>;
  /** Null: only tells. */
  keepFor(wanted: Millis | null): Result<{ keepFor: Millis }>;
  migrate(task: string, machine: string): Result<{ task: TaskId; from: string; to: string }>;
  moveTargets(task: string): Result<Outputs['tasks']['targets']>;
  outputs(job: string, from?: number): Result<Outputs['jobs']['outputs']>;
  logs(task: string, follow: boolean, sink: LogSink): Result<Disposable>;
  onChange(listener: () => void): Disposable;
  /** `by`: what let it in. */
  enrol(
    facts: MemberFacts,
    wantedName: string | null,
    by?: string,
  ): Result<{ member: MemberId; name: string }>;
  seen(report: SeenReport & { readonly code?: string }): void;
  /** What is known of these PCs' hardware; `all`: of every one. */
  pcs(names: MachineNames): Result<LabPc[]>;
  /** A member has sent it for one of its attempts, and will speak of it. */
  holdBlob(member: MemberId, of: AttemptKey, hash: BlobHash): void;
  /** Blobs that something in the lab still needs, or will speak of. */
  referencedBlobs(): BlobReferences;
}

/** A head that is not for practice refuses in words. */
export type PracticeService = PracticeLab;

/** Boot media, on this machine's drives. */
export type MediaService = Pick<MediaShell, 'list' | 'write' | 'restore' | 'image'>;

export interface IdentityWish {
  readonly name: string | null;
  readonly validFor: Millis;
  readonly single: boolean;
  /** Whether it shall carry the head's address, for networks without multicast. */
  readonly address: boolean;
  /** So many PCs it lets in; null: any number. */
  readonly mostPcs?: number | null;
}

/** PCs without a token: who waits, and what a person decides. */
export interface ApprovalService {
  waiting(): Outputs['enrolment']['waiting'];
  decide(code: string, verdict: 'approved' | 'refused'): Result<Outputs['enrolment']['approve']>;
  forget(machine: string): Result<{ machine: string }>;
}

/** What boot media carry to be let in by. */
export interface TokenService {
  list(): Outputs['enrolment']['tokens'];
  revoke(id: string): Result<Outputs['enrolment']['revoke']>;
  limit(id: string, mostPcs: number): Result<Outputs['enrolment']['limit']>;
}

/** Browsers that were let in. */
export interface SessionService {
  list(): Outputs['sessions']['list'];
  /** Ends one, or `all`; which ones. */
  end(which: string): readonly string[];
}

/** The versions of what PCs boot. */
export interface ImageService {
  list(): Outputs['images']['list'];
  /** Null: always the newest. */
  build(): Promise<Result<Outputs['images']['build']>>;
  use(version: string | null): Result<Outputs['images']['use']>;
}

/** PCs that boot from the network, and those that are called awake over it. */
export type NetbootService = Pick<NetbootShell, 'on' | 'off' | 'status' | 'diagnose'> & {
  wake(names: MachineNames): Result<{ machines: string[] }>;
};

/** All that the contract is served from. Whoever implements it has Node or a page of a browser around itself. */
export interface HeadServices {
  readonly lab: LabService;
  readonly practice: PracticeService;
  readonly media: MediaService;
  readonly approvals: ApprovalService;
  readonly tokens: TokenService;
  readonly netboot: NetbootService;
  readonly images: ImageService;
  issueIdentity(wish: IdentityWish): Result<BootIdentity>;
  software(): Promise<Outputs['software']['list']>;
  doctor(): Promise<Outputs['doctor']>;
  toBase64(bytes: Uint8Array): string;
  /** Begins to stop the head; the answer still goes out. */
  shutdown(): void;
}
