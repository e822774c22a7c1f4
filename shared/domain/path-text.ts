/**
 * File names are bytes, and messages, stores and screens are text. A path whose every character is harmless stands as
 * it is; any other is `escaped`: bytes that are no UTF-8, and characters that act on a terminal or a path elsewhere
 * (controls, changes of direction, the backslash), are written as `%XX`, and so is the percent sign.
 */
export interface PathText {
  readonly path: string;
  readonly escaped?: true | undefined;
}

/** Controls; marks that turn the direction of text; line and paragraph separators; halves of characters; `\`. */
const unsafe = /[\\\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u;

export const isSafeText = (text: string): boolean => !unsafe.test(text);

export function pathTextOf(bytes: Uint8Array): PathText {
  const whole = decoded(bytes, 0, bytes.length);
  if (whole !== undefined && isSafeText(whole)) return { path: whole };
  let path = '';
  for (let at = 0; at < bytes.length;) {
    const length = lengthAt(bytes, at);
    const character = decoded(bytes, at, at + length);
    if (character === undefined) {
      path += percent(bytes[at] ?? 0);
      at += 1;
      continue;
    }
    const stays = character !== '%' && isSafeText(character);
    if (stays) path += character;
    else for (let one = at; one < at + length; one += 1) path += percent(bytes[one] ?? 0);
    at += length;
  }
  return { path, escaped: true };
}

/** The bytes of a path; undefined when no path is written like that. */
export function pathBytes({ path, escaped }: PathText): Uint8Array | undefined {
  if (!isSafeText(path)) return undefined;
  if (escaped !== true) return utf8(path);
  const pieces = path.split(/(%[0-9A-F]{2})/);
  const all: number[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 1) all.push(Number.parseInt(piece.slice(1), 16));
    else if (piece.includes('%')) return undefined;
    else all.push(...utf8(piece));
  }
  const bytes = Uint8Array.from(all);
  if (bytes.includes(0)) return undefined;
  // One path is written in one way, so that nothing hides behind an escape: neither a slash nor "..".
  const again = pathTextOf(bytes);
  return again.path === path && again.escaped === true ? bytes : undefined;
}

/** At most so many bytes: PATH_MAX of Linux. */
const longestPath = 4096;

/** Below some folder: relative, without `..`, `.` and empty parts, and written as `pathTextOf` does. */
export function isPathBelow(text: PathText): boolean {
  const bytes = pathBytes(text);
  return (
    bytes !== undefined &&
    bytes.length > 0 &&
    bytes.length <= longestPath &&
    text.path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** What a symbolic link says: any path but an empty one. */
export function isLinkTarget(text: PathText): boolean {
  const bytes = pathBytes(text);
  return bytes !== undefined && bytes.length > 0 && bytes.length <= longestPath;
}

function decoded(bytes: Uint8Array, from: number, to: number): string | undefined {
  let text = '';
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    // A path has no byte 0.
    if (byte === 0) return undefined;
    text += byte < 0x80 && byte !== 0x25 ? String.fromCharCode(byte) : percent(byte);
  }
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Of the character that begins here, if it is whole. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return Math.min(length, bytes.length - at);
}

const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  const encoded = encodeURIComponent(text);
  for (let at = 0; at < encoded.length; at += 1) {
    if (encoded[at] === '%') {
      bytes.push(Number.parseInt(encoded.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(encoded.charCodeAt(at));
  }
  return Uint8Array.from(bytes);
}
