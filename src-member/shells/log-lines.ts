import { attemptName } from '../../shared/domain/attempt-key.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import type { Directive } from '../core/attempts/turn.ts';

/** What the agent's log keeps of what it tells the head; undefined for what flows all the time. */
export function messageLine(message: ToHead): string | undefined {
  switch (message.t) {
    case 'ended': {
      const { ending } = message;
      const why = 'reason' in ending ? `: ${ending.reason}` : '';
      const code = 'exitCode' in ending ? ` with ${ending.exitCode}` : '';
      return `${attemptName(message)} ended by ${ending.cause}${code}${why}`;
    }
    case 'checkpointed':
      return `${attemptName(message)} saved, ${message.size} bytes, frozen for ${Math.round(message.freezeMs)} ms`;
    case 'checkpoint-failed':
      return `${attemptName(message)} not saved: ${message.reason}`;
    case 'arrived':
      return `${attemptName(message)} arrived`;
    case 'abandoned':
      return `${attemptName(message)} given up before it ran here`;
    case 'moved':
      return `${attemptName(message)} moved, ${message.bytes} bytes, frozen for ${Math.round(message.freezeMs)} ms`;
    case 'move-failed':
      return `${attemptName(message)} did not move (${message.outcome}): ${message.reason}`;
    case 'reclaim':
      return `someone wants this PC: ${message.by}`;
    case 'discarded':
      return `${attemptName(message)} dropped, as the head asked`;
    case 'all-here':
      return `${attemptName(message)} has all of its memory here`;
    case 'unknown-attempt':
      return `the head spoke of ${attemptName(message)}, which is not here`;
    default:
      return undefined;
  }
}

/** What it does to a program by itself. */
export function directiveLine(directive: Directive): string | undefined {
  switch (directive.d) {
    case 'refuse-arrival':
      return `${attemptName(directive.of)} refused: ${directive.reason}`;
    case 'leave':
      return directive.byDay ? 'sent home by the head, where it is day' : 'released by the head';
    default:
      return undefined;
  }
}
