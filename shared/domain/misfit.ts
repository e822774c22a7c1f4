import type { Told } from './told.ts';
import type { Reason } from './reasons.ts';

/** Why a PC cannot run a task, however empty it is. Sizes are bytes; words stand in shared/words/misfit-words.ts. */
export interface MisfitFacts {
  'too-few-processors': { readonly pc: string; readonly asked: number; readonly has: number };
  /** `forTasks`: the PC has more than that, for its own system. */
  'too-little-memory': {
    readonly pc: string;
    readonly asked: number;
    readonly has: number;
    readonly forTasks: boolean;
  };
  'no-pack': { readonly pc: string; readonly pack: string };
  /** No PC of the lab has it. */
  'unknown-pack': { readonly pack: string; readonly packs: readonly string[] };
  'task-held': { readonly because: Reason };
  /** It is to stay where it began. */
  pinned: { readonly pc: string };
  /** Of the processor on which its checkpoint was taken. */
  'lacks-features': { readonly pc: string; readonly features: readonly string[] };
}

export type Misfit = Told<MisfitFacts>;
