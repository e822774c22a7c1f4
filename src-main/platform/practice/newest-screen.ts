const begin = '=== screen ===';
const end = '=== end ===';
/** Lines of a screen that are shown. */
const most = 40;

/** The last whole drawing in what an agent wrote to a screen that is no terminal; else the last lines as they are. */
export function newestScreen(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const last = lines.lastIndexOf(end);
  const first = lines.lastIndexOf(begin, last < 0 ? undefined : last);
  const shown =
    last >= 0 && first >= 0 ? lines.slice(first + 1, last) : lines.filter((line) => line !== '');
  return shown.slice(-most);
}
