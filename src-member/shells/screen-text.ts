import type { BootIdentity } from '../../shared/wire/enrolment.ts';
import type { ScreenText } from '../ports/member-pc.ts';
import type { HeldAttempt } from '../core/attempts/attempt.ts';
import type { AgentView } from './agent-shell.ts';

/** What the PC says to whoever looks at it. `saying`: of the way to the head. */
export function screenText(
  identity: BootIdentity,
  saying: string,
  address: string,
  view: AgentView | undefined,
): ScreenText {
  const welcome = view?.welcome;
  const name = welcome?.name ?? identity.name ?? '';
  const seat = welcome?.seat ? `seat ${welcome.seat}` : '';
  const attempts = view ? [...view.state.attempts.values()] : [];
  return {
    lab: `Lab ${identity.lab}`,
    who: [name, seat].filter(Boolean).join(', '),
    address,
    state: stateOf(view, saying),
    tasks: attempts.flatMap((attempt) => lineOf(attempt) ?? []),
  };
}

/** Whoever pressed a key has to know that it was heard, and that a medium left in brings the PC back into the lab. */
const wanted =
  'Somebody wants this PC: its work is saved or moves on, then it starts again. If a boot stick or floppy is in it, take it out now.';
const leaving = 'This PC is being given back. If a boot stick or floppy is in it, take it out now.';

function stateOf(view: AgentView | undefined, saying: string): string {
  if (view?.refused) return `The head refuses this PC: ${view.refused}`;
  if (view?.state.leaving) return leaving;
  if (!view?.linked || !view.welcome) return saying;
  if (view.reclaimed) return wanted;
  const running = [...view.state.attempts.values()].filter(({ stage }) => stage.at === 'live');
  if (running.length === 0) return 'This PC is part of the lab and waits for work.';
  return `This PC is part of the lab and computes ${running.length === 1 ? 'one task' : `${running.length} tasks`}.`;
}

function lineOf({
  task,
  spec,
  stage,
  work,
  frozen,
  collectFailures,
}: HeldAttempt): string | undefined {
  if (stage.at === 'over') return undefined;
  const doing = ((): string => {
    if (stage.at === 'waiting' || stage.at === 'starting' || stage.at === 'clearing')
      return 'starting';
    if (stage.at === 'collecting')
      return collectFailures > 0 ? 'waiting to store its results' : 'storing its results';
    if (stage.at !== 'live') return 'arriving';
    if (work?.kind === 'send') return 'moving to another PC';
    if (work?.kind === 'save') return 'being saved';
    if (work?.kind === 'doubt') return 'waiting for word of its move';
    return frozen.has('lease') ? 'frozen until the head answers' : 'running';
  })();
  return `task ${task}  ${spec.name}  ${doing}`;
}
