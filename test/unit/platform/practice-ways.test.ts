import { describe, expect, it } from 'vitest';
import { commandAsRoot } from '../../../shared/domain/as-root.ts';
import { practiceWays } from '../../../src-main/platform/making-ready/practice-ways.ts';

const asRoot = (...words: readonly string[]): string => ['sudo', 'node', ...words].join(' ');

describe('whoever wants to practise without root', () => {
  it('is told both ways, and of the one without rights what it still needs', () => {
    const text = practiceWays({ asRoot, missing: ['qemu-system-x86'], hasImage: false });
    expect(text).toContain('sudo node scripts/start.mjs --practice');
    expect(text).toContain('apt-get install -y --no-install-recommends qemu-system-x86');
    expect(text).toContain('sudo node scripts/build-system.ts');
    expect(text).toContain('npx nightshift practice up --driver vm --pcs 3');
  });

  it('is told of nothing to install or build where all is here', () => {
    const text = practiceWays({ asRoot, missing: [], hasImage: true });
    expect(text).not.toContain('once');
    expect(text.match(/sudo/g)).toHaveLength(1);
  });
});

it('a command for root can be pasted, wherever the checkout lies', () => {
  expect(commandAsRoot('/opt/node', "/srv/Ada's lab/scripts/start.mjs", '--practice')).toBe(
    `sudo /opt/node '/srv/Ada'\\''s lab/scripts/start.mjs' --practice`,
  );
});
