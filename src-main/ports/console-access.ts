import type { Result } from '../../shared/base/result.ts';
import type { EpochMillis } from '../../shared/base/units.ts';
import type { Caller } from '../../shared/domain/caller.ts';
import type { MemberId, TaskId } from '../../shared/domain/ids.ts';

/** Where a console opens: a shell on a PC, or one in the container of a task that runs. */
export type ConsoleTarget =
  | { readonly kind: 'pc'; readonly member: MemberId }
  | { readonly kind: 'task'; readonly task: TaskId };

/** A console that somebody asks for. */
export interface ConsoleRequest {
  readonly target: ConsoleTarget;
  readonly caller: Caller;
  /** Names the session in the certificate, so that the PC's own record tells whose it was; letters, digits, `-` and `_`. */
  readonly session: string;
  /** What runs there, in the words of the shell of that PC; null: a shell that somebody types into. */
  readonly command: string | null;
  /** Whether it runs in a terminal there. */
  readonly terminal: boolean;
}

/** How the head runs `ssh` for one session. */
export interface ConsoleLine {
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment; nothing of the head's own goes along. */
  readonly env: Readonly<Record<string, string>>;
  /** From then on the key opens nothing new; a session that is open goes on. */
  readonly until: EpochMillis;
  /** Throws the key of this session away; twice is harmless. */
  cleanup(): Promise<void>;
}

/** Opens the way to PCs and tasks. Refuses whom it does not concern, and PCs that are not here or cannot have a console. */
export interface ConsoleAccess {
  open(request: ConsoleRequest): Promise<Result<ConsoleLine>>;
}
