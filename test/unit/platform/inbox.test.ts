import { describe, expect, test } from 'vitest';
import { Inbox } from '../../../src-main/platform/listener/inbox.ts';

/** Each message takes `costs` milliseconds of a clock that moves by nothing else. */
function inboxOf(costs: number) {
  let now = 0;
  const later: (() => void)[] = [];
  const heard: number[] = [];
  const inbox = new Inbox(
    () => now,
    (act) => later.push(act),
  );
  const say = (number: number): void =>
    inbox.take(() => {
      heard.push(number);
      now += costs;
    });
  return { heard, say, others: () => later.splice(0).forEach((act) => act()), inbox };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe('what members say at the same moment', () => {
  test('is heard at once when it is little', () => {
    const { heard, say } = inboxOf(1);
    for (const number of numbers(5)) say(number);
    expect(heard).toEqual(numbers(5));
  });

  test('lets others have their turn in between, and keeps its order', () => {
    const { heard, say, others } = inboxOf(1);
    for (const number of numbers(12)) say(number);
    expect(heard).toHaveLength(5);
    others();
    say(12);
    expect(heard).toHaveLength(10);
    others();
    expect(heard).toEqual(numbers(13));
  });

  test('is heard at once again when all that waited was heard', () => {
    const { heard, say, others, inbox } = inboxOf(3);
    for (const number of numbers(3)) say(number);
    expect(inbox.isFree).toBe(false);
    others();
    expect(inbox.isFree).toBe(true);
    say(3);
    expect(heard).toEqual(numbers(4));
  });

  test('gets a turn of its own each time, however long one message takes', () => {
    const { heard, say, others } = inboxOf(50);
    for (const number of numbers(3)) say(number);
    for (const turns of numbers(3)) {
      expect(heard).toHaveLength(turns + 1);
      others();
    }
  });
});
