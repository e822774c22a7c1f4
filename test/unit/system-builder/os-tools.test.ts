import { describe, expect, it } from 'vitest';
import {
  ensureOsTools,
  installLine,
  missingOsPackages,
  missingSentence,
  osPackages,
} from '../../../shared/node/os-packages.ts';

describe('what the operating system has to bring', () => {
  it('is complete when everything is there', () => {
    expect(missingOsPackages(['system-builder', 'practice-containers'], () => true)).toEqual([]);
  });

  it('is named by package, each once', () => {
    const without = (brings: string): boolean => brings !== 'strip';
    const twice = missingOsPackages(['system-builder', 'system-builder'], without);
    expect(twice).toEqual(['binutils']);
  });

  it('is only what the features need', () => {
    const names = osPackages['practice-containers'].map(({ name }) => name);
    expect(missingOsPackages(['practice-containers'], () => false)).toEqual(names);
  });

  it('is asked for in one line to run', () => {
    expect(installLine(['mmdebstrap', 'binutils'])).toBe(
      'sudo apt-get install -y --no-install-recommends mmdebstrap binutils',
    );
    expect(missingSentence(['mmdebstrap'], true)).toContain(installLine(['mmdebstrap']));
    expect(missingSentence(['mmdebstrap'], false)).not.toContain('apt-get');
  });

  it('is not installed when no feature is asked for', async () => {
    expect(await ensureOsTools([], () => expect.unreachable())).toEqual({ ok: true, value: null });
  });
});
