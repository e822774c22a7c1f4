/**
 * What moves a cursor, hides or turns text around: C0 and C1 controls, DEL, and Unicode's marks of direction (UAX #9)
 * and line ends. In a name or a sentence of somebody else's they can only deceive.
 */
const deceiving = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with a space for each of them. */
export const plainText = (text: string): string => text.replace(deceiving, ' ');

export const isPlainText = (text: string): boolean => plainText(text) === text;

/** As JSON, whose strings keep every character and none of them acts on a terminal. */
export const plainJson = (json: string): string =>
  json.replace(deceiving, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
