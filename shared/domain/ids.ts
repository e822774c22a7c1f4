import type { Brand } from '../base/brand.ts';

/** A PC's stable id within its lab, a slug such as `pc-07`; given once, never reused for another PC. */
export type MemberId = Brand<string, 'MemberId'>;
/** A job's id: a decimal number counted up by the head, as text. */
export type JobId = Brand<string, 'JobId'>;
/** `<job>.<index>`, for example `12.3`; a job that is no array has the one task `12.0`. */
export type TaskId = Brand<string, 'TaskId'>;
/** SHA-256 of a content-addressed file, 64 lower-case hex digits. */
export type BlobHash = Brand<string, 'BlobHash'>;
/** Number of an attempt of a task; it only grows, and a message with an older one is refused. */
export type Epoch = Brand<number, 'Epoch'>;

export const memberId = (text: string): MemberId => text as MemberId;
export const jobId = (text: string): JobId => text as JobId;
export const blobHash = (text: string): BlobHash => text as BlobHash;
export const epoch = (value: number): Epoch => value as Epoch;
export const taskIdOf = (job: JobId, index: number): TaskId => `${job}.${index}` as TaskId;

/** Splits `12.3` into its job and index; `undefined` when the text is no task id. */
export function parseTaskId(
  text: string,
): { readonly job: JobId; readonly index: number } | undefined {
  const match = /^(\d+)\.(\d+)$/.exec(text);
  return match?.[1] && match[2] ? { job: jobId(match[1]), index: Number(match[2]) } : undefined;
}
