import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../shared/api/contract.ts';
import type { OutputFile } from '../../shared/domain/job.ts';

/** The contract as a client calls it; a refusal is an error with the head's sentence as message. */
export type HeadApi = ContractRouterClient<Contract>;

/**
 * - connecting: for the first time, nothing is known yet
 * - open: calls go through
 * - lost: was open or could not be opened; tried again by itself
 * - stopped: the head said that it was told to stop; tried again by itself, since somebody may start it again
 * - unknown-browser: the head does not know this browser (no session); trying again is of no use
 */
export type LinkState = 'connecting' | 'open' | 'lost' | 'stopped' | 'unknown-browser';

/** One head, wherever it is. Never throws but from `api` and `putBlob`. */
export interface HeadBridge {
  readonly api: HeadApi;
  /** Whether there is no head behind it but a made-up lab, which every page then says. */
  readonly isSimulated: boolean;
  /** Calls back at once and at each change, until the returned function is called. */
  onLink(listener: (state: LinkState) => void): () => void;
  /** Tries again now instead of waiting. */
  retry(): void;
  /** Sends a file to the head, for a job's inputs. */
  putBlob(file: Blob): Promise<Pick<OutputFile, 'hash' | 'size'>>;
  /** Address of a stored file, for a link. */
  blobAddress(hash: string): string;
}
