import { describe, expect, it } from 'vitest';
import { practiceTimings } from '../../../shared/domain/timings.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';
import { newAgent } from '../../../src-member/core/agent/decide.ts';
import type { AgentView } from '../../../src-member/shells/agent-shell.ts';
import { isPlainText } from '../../../shared/domain/plain-text.ts';
import { screenLines } from '../../../src-member/platform/pc/text-screen.ts';
import { screenText } from '../../../src-member/shells/screen-text.ts';

const identity = { lab: 'Room 12' } as BootIdentity;
const welcome = { name: 'pc-07', seat: 'B4' } as unknown as AgentView['welcome'];
const stateOf = (more: Partial<AgentView>, leaving = false): string => {
  const state = { ...newAgent(practiceTimings, []), leaving };
  const view = { welcome, refused: null, linked: true, reclaimed: false, state, ...more };
  return screenText(identity, 'Looking for the head.', '10.0.0.7', view).state;
};

describe('the screen of a PC', () => {
  it('says whose it is and where it stands', () => {
    const state = newAgent(practiceTimings, []);
    const view = { welcome, refused: null, linked: true, reclaimed: false, state };
    expect(screenText(identity, '', '10.0.0.7', view)).toMatchObject({
      lab: 'Lab Room 12',
      who: 'pc-07, seat B4',
      address: '10.0.0.7',
      state: 'This PC is part of the lab and waits for work.',
    });
  });

  it('says at once that a key was heard, and that a stick left in brings the PC back', () => {
    expect(stateOf({ reclaimed: true })).toMatch(/^Somebody wants this PC: .* take it out now\.$/);
    expect(stateOf({ reclaimed: true }, true)).toMatch(/^This PC is being given back\./);
  });

  it('tells the way to the head while there is none', () => {
    expect(stateOf({ linked: false })).toBe('Looking for the head.');
    expect(stateOf({ refused: 'the token is over.' })).toContain('the token is over.');
  });

  it('shows names of others as plain text, whatever they would have a terminal do', () => {
    const lines = screenLines(
      {
        lab: 'Lab \u001b[2Jours',
        who: 'pc-07\r\nroot',
        address: '10.0.0.7',
        state: 'waits\u009b1m',
        tasks: ['task 1.0  \u001b]0;owned\u0007  running'],
      },
      80,
    );
    expect(lines.every((line) => isPlainText(line))).toBe(true);
    expect(lines.join()).toContain('pc-07  root');
  });
});
