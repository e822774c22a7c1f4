import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage, type Message } from './criu-images.ts';
import { runProgram } from '../run-program.ts';

/** Fields of images/fdinfo.proto, regfile.proto and remap-file-path.proto. */
const regular = 3;
const regularId = 1;
const regularName = 6;
const remap = { of: 1, to: 2, kind: 3 } as const;
const linked = 0n;

/** CRIU itself carries what lies in the container's own tmpfs. */
const carriedByCriu = /^(dev|tmp)\//;

/**
 * A file that the program holds open (or mapped) and deleted, while another link to it exists, needs a name to be
 * opened by where it goes. CRIU gives it one (`link_remap.N`, its option `link-remap`) and, since the program goes on here,
 * takes it away again before we have copied the files. So the names are made once more for the time of the copy; the
 * restore opens the files by them and removes them. `processes`: of the frozen program, the first one first.
 */
export async function nameAgain(
  images: string,
  processes: readonly number[],
): Promise<{ undo(): void }> {
  const root = `/proc/${processes[0] ?? 0}/root`;
  const made: string[] = [];
  const undo = (): void => {
    for (const path of made.splice(0)) rmSync(path, { force: true });
  };
  for (const { was, name } of linkedIn(images)) {
    const path = join(root, name);
    const file = deletedFile(processes, `/${was}`);
    const code = file === undefined ? 1 : (await runProgram(['ln', '-L', file, path])).code;
    if (code === 0) {
      made.push(path);
      continue;
    }
    undo();
    throw new Error(
      `it holds several files open that were called /${was} and that it deleted while other links to them exist`,
    );
  }
  return { undo };
}

/** Names without their leading slash. */
function linkedIn(images: string): readonly { readonly was: string; readonly name: string }[] {
  const remaps = entriesOf(join(images, 'remap-fpath.img')).filter(
    (entry) => entry.number(remap.kind) === linked,
  );
  if (remaps.length === 0) return [];
  const names = new Map<bigint | undefined, string>();
  for (const file of entriesOf(join(images, 'files.img'))) {
    const entry = file.message(regular);
    if (entry)
      names.set(entry.number(regularId), entry.text(regularName)?.replace(/^\//, '') ?? '');
  }
  return remaps
    .map((entry) => ({
      was: names.get(entry.number(remap.of)) ?? '',
      name: names.get(entry.number(remap.to)) ?? '',
    }))
    .filter(({ name }) => name !== '' && !carriedByCriu.test(name));
}

function entriesOf(path: string): readonly Message[] {
  try {
    return decodeImage(readFileSync(path)).entries;
  } catch {
    return []; // CRIU writes no image for what there is none of
  }
}

/** A way to the file in /proc; none when there are several of that name. */
function deletedFile(processes: readonly number[], name: string): string | undefined {
  const found = new Map<number, string>();
  for (const folder of processes.flatMap((pid) => [`/proc/${pid}/fd`, `/proc/${pid}/map_files`])) {
    for (const entry of namesIn(folder)) {
      const path = join(folder, entry);
      try {
        if (readlinkSync(path) !== `${name} (deleted)`) continue;
        const { ino, nlink } = statSync(path);
        if (nlink > 0) found.set(ino, path);
      } catch {
        // closed meanwhile, or nothing that can be looked at
      }
    }
  }
  return found.size === 1 ? [...found.values()][0] : undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
