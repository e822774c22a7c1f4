import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { newestScreen } from '../../../src-main/platform/practice/newest-screen.ts';
import { PcFolder } from '../../../src-main/platform/practice/pc-folder.ts';

const practice = mkdtempSync(join(tmpdir(), 'nightshift-pc-'));
afterEach(() => rmSync(practice, { recursive: true, force: true }));

describe('the screen of a practice PC', () => {
  const drawing = (text: string): string => `=== screen ===\n${text}\n=== end ===\n`;

  it('shows the newest whole drawing', () => {
    expect(newestScreen(drawing('one') + drawing('two\nlines'))).toEqual(['two', 'lines']);
    expect(newestScreen(`${drawing('one')}=== screen ===\nhal`)).toEqual(['one']);
  });

  it('shows what there is when nothing was drawn yet', () => {
    expect(newestScreen('starting\n\n')).toEqual(['starting']);
    expect(newestScreen('')).toEqual([]);
  });
});

describe('the folder of a practice PC', () => {
  it('keeps what it was made of, and who pulled the plug', () => {
    const folder = new PcFolder(practice, 'pc-02');
    expect(folder.state).toBeUndefined();
    folder.state = { cpus: 2, memory: 1024, unplugged: true };
    expect(new PcFolder(practice, 'pc-02').state).toEqual({
      cpus: 2,
      memory: 1024,
      unplugged: true,
    });
  });

  it('is known as a PC only when it has one, in the order of numbers', () => {
    for (const name of ['pc-10', 'pc-02']) {
      new PcFolder(practice, name).state = { cpus: 1, memory: 1, unplugged: false };
    }
    mkdirSync(join(practice, 'pc-03'));
    mkdirSync(join(practice, 'night'));
    expect(PcFolder.names(practice)).toEqual(['pc-02', 'pc-10']);
    expect(PcFolder.names(join(practice, 'nowhere'))).toEqual([]);
  });

  it('is not taken in by a state file somebody broke', () => {
    const folder = new PcFolder(practice, 'pc-01');
    folder.state = { cpus: 1, memory: 1, unplugged: false };
    writeFileSync(join(folder.path, 'state.json'), '{"cpus": "many"');
    expect(folder.state).toBeUndefined();
  });

  it('never lets screen and log fill the disk, and still shows the screen', () => {
    const folder = new PcFolder(practice, 'pc-01');
    folder.state = { cpus: 1, memory: 1, unplugged: false };
    const screen = join(folder.path, 'screen');
    appendFileSync(screen, `${'noise\n'.repeat(200_000)}=== screen ===\nhello\n=== end ===\n`);
    for (let time = 0; time < 3; time += 1) folder.trim();
    expect(statSync(screen).size).toBe(0);
    expect(folder.screen).toEqual(['hello']);
    appendFileSync(screen, '=== screen ===\nagain\n=== end ===\n');
    expect(folder.screen).toEqual(['again']);
  });

  it('passes a key press on only when somebody reads the keyboard', () => {
    const folder = new PcFolder(practice, 'pc-01');
    folder.state = { cpus: 1, memory: 1, unplugged: false };
    expect(folder.pressKey()).toBe(false);
    execFileSync('mkfifo', [join(folder.path, 'keyboard')]);
    expect(folder.pressKey()).toBe(false);
    expect(readFileSync(join(folder.path, 'state.json'), 'utf8')).toContain('cpus');
  });
});
