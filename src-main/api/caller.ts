import type { ProcedureMeta } from '../../shared/api/contract.ts';
import { callerMay, type Caller } from '../../shared/domain/caller.ts';
import { refusalError } from './refusal-error.ts';

/** What every handler is told of the call: who calls. */
export interface CallContext {
  readonly caller: Caller;
}

/** A call that was understood, before its handler hears of it. */
interface Call {
  readonly path: readonly string[];
  readonly context: CallContext;
  readonly procedure: { readonly '~orpc': { readonly meta: ProcedureMeta } };
}

/** Throws the refusal of a call that this caller may not make. */
export function insistOnCaller({ path, context, procedure }: Call): void {
  const may = callerMay(context.caller, path.join('.'), procedure['~orpc'].meta.from);
  if (!may.ok) throw refusalError(may.error);
}
