import { expect, test } from 'vitest';
import { memberId } from '../../../../shared/domain/ids.ts';
import { findMembers } from '../../../../src-main/core/membership/find-members.ts';
import { refusalOf, ToldLab } from '../told-lab.ts';

const namesOf = (lab: ToldLab, names: readonly string[] | 'all'): string[] => {
  const found = findMembers(lab.state, names);
  return found.ok ? found.value.map(({ id }) => id) : [refusalOf(found)];
};

function told(): ToldLab {
  const lab = new ToldLab();
  for (const name of ['pc-01', 'pc-02', 'pc-03']) lab.pc(name);
  lab.happens(
    { e: 'member-suspected', member: memberId('pc-02') },
    { e: 'member-released', member: memberId('pc-03') },
  );
  return lab;
}

test('all are those that are in the lab, also those that are silent for a moment', () => {
  expect(namesOf(told(), 'all')).toEqual(['pc-01', 'pc-02']);
});

test('of an empty lab all are a refusal, and no names are nobody', () => {
  expect(namesOf(new ToldLab(), 'all')).toEqual([expect.stringMatching(/^refused: /)]);
  expect(namesOf(new ToldLab(), [])).toEqual([]);
});

test('named ones are found wherever they are, in the order in which they are named, and once', () => {
  expect(namesOf(told(), ['pc-03', 'pc-01', 'pc-03'])).toEqual(['pc-03', 'pc-01']);
});

test('one name that nobody has refuses them all', () => {
  expect(namesOf(told(), ['pc-01', 'pc-09'])).toEqual([
    expect.stringMatching(/^not-found: .*pc-09/),
  ]);
});
