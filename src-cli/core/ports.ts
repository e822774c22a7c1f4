import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../shared/api/contract.ts';
import type { Result } from '../../shared/base/result.ts';
import type { Witness } from '../ports/practice-witness.ts';
import type { Digest, LocalPath, Traits, WalkedFolder } from '../../shared/domain/local-tree.ts';
import type { Paint } from './paint.ts';

/** The outside world as the commands see it; src-cli/platform has the real one. */

export type Api = ContractRouterClient<Contract>;

export interface Terminal {
  /** Whether a person looks at what goes to stdout, and to stderr. */
  readonly outIsTty: boolean;
  readonly sayIsTty: boolean;
  readonly columns: () => number;
  readonly rows: () => number;
  readonly paint: Paint;
  /** Paint for stderr. */
  readonly sayPaint: Paint;
  /** A line of the answer, to stdout. */
  readonly out: (line: string) => void;
  /** Text of our own, as it is, cursor and all; settles when the reader has taken it. */
  readonly write: (text: string) => Promise<void>;
  /**
   * What a program wrote: byte for byte, but where a person looks only text and colours unless it is `raw`. Settles when
   * the reader has taken it.
   */
  readonly program: (bytes: Uint8Array, raw: boolean) => Promise<void>;
  /** A line for a person, to stderr. */
  readonly say: (line: string) => void;
  /** The one line that is redrawn while something goes on; null wipes it. Nothing where nobody looks. */
  readonly progress: (line: string | null) => void;
}

export interface Blobs {
  readonly has: (hash: string) => Promise<boolean>;
  /** Sends a local file; the head checks the hash. */
  readonly put: (
    path: LocalPath,
    hash: string,
    size: number,
    onSent?: (bytes: number) => void,
  ) => Promise<Result<null>>;
  readonly text: (hash: string) => Promise<Result<string>>;
  /** Into a new file, verified, by an atomic rename; an existing one is replaced. */
  readonly save: (hash: string, to: LocalPath, mode: number | null) => Promise<Result<null>>;
}

export interface Head {
  readonly api: Api;
  readonly blobs: Blobs;
  /** False once the link is broken. */
  readonly alive: () => boolean;
  readonly close: () => void;
}

export interface Files {
  /** Names follow the rules of Windows here. */
  readonly windows: boolean;
  readonly kind: (
    path: LocalPath,
  ) => Promise<'file' | 'folder' | 'other' | 'missing' | 'unreadable'>;
  /** What is below a folder, in the order of the paths; links that lead out of it are followed. */
  readonly walk: (folder: string) => Promise<Result<WalkedFolder>>;
  readonly digest: (path: LocalPath) => Promise<Result<Digest>>;
  readonly readText: (path: string) => Promise<Result<string>>;
  readonly writeText: (path: string, text: string) => Promise<Result<null>>;
  readonly writeBytes: (path: LocalPath, pieces: readonly Uint8Array[]) => Promise<Result<null>>;
  /**
   * The folders between `into` and a place below it, and with `itself` that one, too: made, or there already and no links.
   */
  readonly makeFolderBelow: (
    into: string,
    place: LocalPath,
    itself?: boolean,
  ) => Promise<Result<null>>;
  readonly makeLink: (
    place: LocalPath,
    target: Uint8Array,
    force: boolean,
  ) => Promise<Result<null>>;
  /** Another name of one file; false where that cannot be. */
  readonly makeName: (first: LocalPath, place: LocalPath) => Promise<boolean>;
  /** Times, then modes, in this order. */
  readonly setTraits: (all: readonly Traits[]) => Promise<void>;
  /** A file of that name for this command only, which goes when it ends; its path. */
  readonly keepAside: (name: string, text: string) => Promise<Result<string>>;
  readonly join: (...parts: readonly string[]) => string;
  /** From the folder the command was given in. */
  readonly absolute: (path: string) => string;
}

/** Facts of the head's data directory. */
export interface HeadFacts {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly browserUrl: string | null;
}

export interface StartedHead {
  readonly pid: number;
  /** Settles when the head ended by itself; its exit code and the last line it said. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly lastLine: string | null }>;
  readonly lines: (onLine: (line: string) => void) => void;
  readonly letGo: () => void;
}

export interface Heads {
  /** NIGHTSHIFT_HOME. */
  readonly home: string;
  readonly connect: () => Promise<Result<Head>>;
  /** The head that runs for this home, or null. */
  readonly running: () => Promise<HeadFacts | null>;
  /** Whether a head's process is there still. */
  readonly lives: (pid: number) => boolean;
  /** In the foreground, on this terminal, until it ends: its exit code. */
  readonly runHere: (flags: readonly string[], quiet: boolean) => Promise<number>;
  /** In the background: goes on when this command ends. */
  readonly startBehind: (flags: readonly string[]) => Promise<Result<StartedHead>>;
  /** Whether the head that runs was started by `startBehind`. */
  readonly startedBehind: () => Promise<boolean>;
  /** Copies the home to a folder or a `.tar`, or brings such a copy back; whether a head runs or not. */
  readonly keepHome: (verb: 'backup' | 'restore', path: string) => Promise<Result<null>>;
}

export interface World {
  readonly terminal: Terminal;
  readonly heads: Heads;
  readonly files: Files;
  readonly loginName: () => string;
  /**
   * What stands on standard input, as a file for this command only; null: nothing, or a terminal. `silent`: a pipe on which
   * nothing comes, unless `wait` says to wait for its end.
   */
  readonly standardInput: (
    wait: boolean,
  ) => Promise<Result<{ readonly path: string } | 'silent' | null>>;
  /** A variable of the environment the command was given in. */
  readonly variable: (name: string) => string | undefined;
  /** Practice PCs of the container driver need it. */
  readonly isRoot: () => boolean;
  /** The line that runs a script of this checkout with root's rights. */
  readonly asRoot: (script: string, ...words: readonly string[]) => string;
  /** Ctrl-C ends this command in its own time: it has things to put away. */
  readonly endsInItsOwnTime: () => void;
  /** Somebody who stands beside the practice lab. */
  readonly witness: () => Promise<Witness>;
  /** Wall clock, epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds; shorter when it is interrupted or `over` fires. A command does not end while it waits. */
  readonly wait: (span: number, over?: AbortSignal) => Promise<void>;
  /** Fires at Ctrl-C. */
  readonly interrupted: AbortSignal;
}
