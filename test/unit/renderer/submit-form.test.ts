import { describe, expect, it } from 'vitest';
import { commandOf, emptyForm, readForm } from '../../../src-renderer/views/jobs/submit-form.ts';

describe('a typed command', () => {
  it.each([
    ['blender -b film.blend -f {task}', ['blender', '-b', 'film.blend', '-f', '{task}']],
    ['  ./run   --fast ', ['./run', '--fast']],
    ['', []],
    ['echo {task} > out', ['sh', '-ec', 'echo {task} > out']],
    ['make\nmake test', ['sh', '-ec', 'make\nmake test']],
    ["awk 'BEGIN { print 1 }'", ['sh', '-ec', "awk 'BEGIN { print 1 }'"]],
    ['SEED={task} ./run', ['sh', '-ec', 'SEED={task} ./run']],
    ['xz *.log', ['sh', '-ec', 'xz *.log']],
  ])('%j', (text, words) => {
    expect(commandOf(text)).toEqual(words);
  });
});

describe('the form of a job', () => {
  it('becomes a wish, and what is empty is left to the head', () => {
    const form = {
      ...emptyForm(),
      command: './run',
      tasks: '1-9',
      memory: '2G',
      wallTime: '90m',
      outputs: 'a.png, b/*.exr\n',
    };
    expect(readForm(form)).toEqual({
      ok: true,
      wish: {
        command: ['./run'],
        array: { first: 1, last: 9 },
        cpus: 1,
        memory: 2 * 1024 ** 3,
        wallTime: 5_400_000,
        outputs: ['a.png', 'b/*.exr'],
        hold: false,
      },
    });
  });

  it('says at every wrong field what to write instead', () => {
    const form = { ...emptyForm(), tasks: '5', cpus: '1.5', memory: 'much', wallTime: 'long' };
    expect(readForm(form)).toEqual({
      ok: false,
      faults: {
        command: 'Write the command to run, such as ./render {task}.',
        tasks: '"5" is not a range of tasks; write first-last, such as 1-500.',
        cpus: 'Write a whole number of processors, 1 or more.',
        memory: '"much" is not a size; write a number with K, M, G or T, such as 512M or 2G.',
        wallTime: '"long" is not a duration; write 90s, 15m, 2h, 7d or hh:mm:ss.',
      },
    });
  });
});
