import type { OutputFile } from '../domain/job.ts';
import type { TreeNode } from '../domain/tree.ts';
import { decodeSafely } from './decode-safely.ts';
import { outputFileField, treeNodeField } from './fields.ts';

/**
 * Results that are too many for one message lie in a blob, one line of JSON for each file, folder or link. A member
 * that puts more than this into its message does not exist: the head's frame for members holds several times as much.
 */
export const longestInMessage = 256 * 1024;
/** Longest such blob the head reads. */
export const longestList = 64 * 1024 * 1024;

export const encodeResultLine = (result: OutputFile | TreeNode): string =>
  `${JSON.stringify(result)}\n`;

/** A line without its end; undefined: it is none. */
export function decodeResultLine(line: string): OutputFile | TreeNode | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isOfNode = typeof value === 'object' && value !== null && 'kind' in value;
    const parsed = decodeSafely(isOfNode ? treeNodeField : outputFileField, value);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export const isNode = (result: OutputFile | TreeNode): result is TreeNode => 'kind' in result;
