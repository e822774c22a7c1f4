import { describe, expect, it } from 'vitest';
import { pcName } from '../../../shared/domain/pc-names.ts';
import { cardAddress, labNames, pcNumber } from '../../../src-main/platform/practice/lab-names.ts';
import { listPcs } from '../../../shared/words/list-pcs.ts';

describe('names of a practice lab', () => {
  it('follow from the head’s home and differ between homes', () => {
    expect(labNames('/var/one')).toEqual(labNames('/var/other/../one/'));
    expect(labNames('/var/one').tag).not.toBe(labNames('/var/two').tag);
    const { tag, group, uplink } = labNames('/var/one');
    expect(tag).toMatch(/^[0-9a-f]{6}$/);
    expect(group).toBe(`nightshift-${tag}`);
    expect(uplink).toBe(`nsb${tag}`);
    expect(uplink.length).toBeLessThanOrEqual(15);
  });

  it('number PCs from one', () => {
    expect([1, 9, 10, 64].map(pcName)).toEqual(['pc-01', 'pc-09', 'pc-10', 'pc-64']);
    expect([1, 9, 10, 64].map((number) => pcNumber(pcName(number)))).toEqual([1, 9, 10, 64]);
    expect(['pc-00', 'pc-1', 'pc-001', 'pc-x', '../pc-01', 'pc-01x'].map(pcNumber)).toEqual(
      Array.from({ length: 6 }, () => undefined),
    );
  });

  it('give every PC a card of its own that no maker gave', () => {
    expect(cardAddress('a1b2c3', 1)).toBe('02:a1:b2:c3:00:01');
    expect(cardAddress('a1b2c3', 0)).toBe('02:a1:b2:c3:00:00');
    expect(cardAddress('a1b2c3', 300)).toBe('02:a1:b2:c3:01:2c');
  });

  it.each([
    [[], 'none'],
    [['pc-01'], 'pc-01'],
    [['pc-01', 'pc-02'], 'pc-01 and pc-02'],
    [['pc-01', 'pc-02', 'pc-03'], 'pc-01 … pc-03'],
  ])('%j are told as "%s"', (names, text) => expect(listPcs(names)).toBe(text));
});
