import { ok, refuse, type Result } from '../../shared/base/result.ts';

/** `--input FILE[:DEST]`: a file or folder here, and where it stands in the task's directory. */
export interface InputWish {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

export const taskPlaceholder = '{task}';

/** Without DEST a file keeps its own name and a folder, too: `--input data/a.txt` is `a.txt` for the task. */
export function parseInputWish(text: string): Result<InputWish> {
  const colon = text.lastIndexOf(':');
  const from = colon > 0 ? text.slice(0, colon) : text;
  const wanted = colon > 0 ? text.slice(colon + 1) : null;
  if (from === '' || wanted === '') {
    return refuse('misuse', `--input "${text}": write FILE or FILE:DEST.`);
  }
  return withDestination(text, from, wanted);
}

/** The whole text is the name of a file, colon and all. */
export function plainInputWish(text: string): Result<InputWish> {
  return withDestination(text, text, null);
}

function withDestination(text: string, from: string, wanted: string | null): Result<InputWish> {
  const parts = (wanted ?? lastPart(from)).split('/').filter((part) => part !== '' && part !== '.');
  if ((wanted ?? '').startsWith('/') || parts.includes('..')) {
    return refuse(
      'misuse',
      `--input "${text}": the place in the task's directory must be a relative path without "..".`,
    );
  }
  return ok({ from, to: parts.join('/'), text });
}

function lastPart(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  return last === '..' ? '.' : last;
}

/** The wish of one task, `{task}` replaced. */
export function inputWishOf(wish: InputWish, task: number): InputWish {
  const put = (path: string): string => path.replaceAll(taskPlaceholder, String(task));
  return { from: put(wish.from), to: put(wish.to), text: wish.text };
}

export function dependsOnTask({ from, to }: InputWish): boolean {
  return from.includes(taskPlaceholder) || to.includes(taskPlaceholder);
}

export function joinTaskPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/');
}
