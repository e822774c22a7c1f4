import { connect } from 'node:net';
import { ok, type Result } from '../../shared/base/result.ts';
import type { HeadJson } from '../platform/home/head-home.ts';
import type { RunningHead } from '../run-head.ts';

/** The head that the app shows. */
export interface AppHead {
  readonly facts: HeadJson;
  /** It runs in this process and ends with it; one that was joined stays when the app goes. */
  readonly own: boolean;
  stop(): Promise<void>;
}

export interface AppHeadParts {
  /** What `head.json` of the home says, if there is one. */
  readonly readFacts: () => HeadJson | undefined;
  readonly run: () => Promise<Result<RunningHead>>;
}

/** Joins the head that already runs for this home (a service, a terminal), or runs it here. */
export async function runOrJoin({ readFacts, run }: AppHeadParts): Promise<Result<AppHead>> {
  const joined = await running(readFacts());
  if (joined) return ok(joined);
  const own = await run();
  if (own.ok) return ok({ facts: own.value.facts, own: true, stop: () => own.value.stop() });
  // Another one may have opened the home between the two looks; the lock of the home decided who.
  const other = await running(readFacts());
  return other ? ok(other) : own;
}

/** One that was killed leaves its page behind, so its port is knocked at, too. */
async function running(facts: HeadJson | undefined): Promise<AppHead | undefined> {
  if (facts === undefined || !(await answers(facts.port))) return undefined;
  return { facts, own: false, stop: () => Promise.resolve() };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 2000 });
    const settle = (does: boolean) => (): void => {
      socket.destroy();
      resolve(does);
    };
    socket
      .once('connect', settle(true))
      .once('error', settle(false))
      .once('timeout', settle(false));
  });
}
