import { expect, test } from 'vitest';
import { memberId } from '../../../../shared/domain/ids.ts';
import { labPcs } from '../../../../src-main/core/views/lab-pcs.ts';
import { refusalOf, ToldLab } from '../told-lab.ts';

test('PCs are told with their cards, whatever became of them, and whether they are here', () => {
  const lab = new ToldLab();
  for (const name of ['a', 'b', 'c']) lab.pc(name);
  lab.happens(
    { e: 'member-released', member: memberId('b') },
    { e: 'member-lost', member: memberId('c') },
  );
  expect(labPcs(lab.state, 'all')).toMatchObject({
    value: [
      { name: 'a', machineKey: '02:00:a', address: '10.0.0.1', isHere: true, releasedAt: null },
      { name: 'b', isHere: false, releasedAt: lab.wall },
      { name: 'c', isHere: false },
    ],
  });
  expect(labPcs(lab.state, ['c'])).toMatchObject({ value: [{ name: 'c' }] });
  expect(refusalOf(labPcs(lab.state, ['z']))).toMatch(/^not-found: /);
  expect(labPcs(new ToldLab().state, 'all')).toEqual({ ok: true, value: [] });
});
