import type { BlobHash, Epoch, MemberId, TaskId } from '../../shared/domain/ids.ts';
import type { Task } from '../../shared/domain/job.ts';
import type { Disposable } from '../../shared/ports/clock.ts';
import type { MemberLinks } from '../../shared/ports/member-link.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import { cutNote, logFirst } from '../../shared/domain/log-bounds.ts';
import { piecesOf, type LogPiece } from './log-pieces.ts';

/** Where a reader's bytes go. After `end` or `fail` nothing more comes. */
export interface LogSink {
  /** A promise asks to wait for it before the next piece, where the source can. */
  /** `restarts`: the task's `restartsFromZero` when this was written; where it grows, the bytes are from the first one. */
  piece(bytes: Uint8Array, restarts: number): void | Promise<void>;
  end(): void;
  fail(sentence: string): void;
}

/** Logs of tasks that do not run are blobs. */
export interface LogSource {
  readBlob(hash: BlobHash): AsyncIterable<Uint8Array>;
  /** Pieces travel as base64; a text that is none yields no bytes. */
  fromBase64(text: string): Uint8Array;
}

interface Reader {
  readonly task: TaskId;
  readonly follow: boolean;
  readonly sink: LogSink;
  /**
   * How far the reader is, in bytes of the output since the program began: a task that moves or is resumed carries its
   * log, so offsets go on.
   */
  offset: number;
  /** The task's `restartsFromZero` that `offset` is about. */
  restarts: number;
  /** The member and attempt that is being asked; null while the task waits or its blob is read. */
  asking: { readonly member: MemberId; readonly epoch: Epoch; readonly request: number } | null;
  reading: boolean;
  latest: Task;
  closed: boolean;
}

/** Readers of programs' output: from the member while the task runs, from the head's disk when it does not. */
export class LogReaders {
  readonly #links: MemberLinks;
  readonly #source: LogSource;
  readonly #first: number;
  readonly #readers = new Set<Reader>();
  #nextRequest = 1;

  /** `first`: bytes that are kept of the beginning of a flood. */
  constructor(links: MemberLinks, source: LogSource, first = logFirst) {
    this.#first = first;
    this.#links = links;
    this.#source = source;
  }

  read(task: Task, follow: boolean, sink: LogSink): Disposable {
    const reader: Reader = {
      task: task.id,
      follow,
      sink,
      offset: 0,
      restarts: task.restartsFromZero,
      asking: null,
      reading: false,
      latest: task,
      closed: false,
    };
    this.#readers.add(reader);
    this.#advance(reader);
    return { dispose: () => this.#close(reader) };
  }

  close(): void {
    for (const reader of [...this.#readers]) {
      reader.sink.fail('the head is stopping');
      this.#close(reader);
    }
  }

  /** Called for every task that changed; cheap when nobody reads. */
  onTaskChanged(id: TaskId, task: Task | undefined): void {
    if (this.#readers.size === 0) return;
    for (const reader of [...this.#readers]) {
      if (reader.task !== id || !task) continue;
      reader.latest = task;
      this.#advance(reader);
    }
  }

  /** Requests of a closed link are gone with it. */
  onLinkClosed(member: MemberId): void {
    for (const reader of this.#readers) if (reader.asking?.member === member) reader.asking = null;
  }

  /** The member is there again: its readers go on from the byte they had. */
  onLinkOpened(member: MemberId): void {
    for (const reader of [...this.#readers])
      if (reader.latest.attempt?.machine === member) this.#advance(reader);
  }

  onPiece(member: MemberId, message: Extract<ToHead, { readonly t: 'log-piece' }>): void {
    for (const reader of [...this.#readers]) {
      const { asking } = reader;
      if (asking?.member !== member || asking.request !== message.request) continue;
      const bytes = this.#source.fromBase64(message.piece);
      void this.#take(reader, { offset: message.offset, bytes });
      if (!message.end) continue;
      reader.asking = null;
      if (!reader.follow) this.#end(reader);
    }
  }

  #advance(reader: Reader): void {
    if (reader.closed || reader.reading) return;
    const task = reader.latest;
    const { attempt } = task;
    const over = task.state === 'done' || task.state === 'failed' || task.state === 'cancelled';
    if (attempt && !over) {
      if (
        attempt.phase === 'starting' ||
        (reader.asking?.member === attempt.machine && reader.asking.epoch === attempt.epoch)
      ) {
        if (!reader.follow && attempt.phase === 'starting') void this.#readBlob(reader, task);
        return;
      }
      this.#beginAgain(reader, task);
      const request = this.#nextRequest;
      this.#nextRequest += 1;
      reader.asking = { member: attempt.machine, epoch: attempt.epoch, request };
      const sent = this.#links.send(attempt.machine, {
        t: 'log',
        request,
        task: task.id,
        epoch: attempt.epoch,
        offset: reader.offset,
        follow: reader.follow,
      });
      if (!sent) {
        reader.asking = null;
        if (!reader.follow)
          this.#fail(
            reader,
            `${attempt.machine} does not answer at the moment; try again when it is back`,
          );
      }
      return;
    }
    if (over || !reader.follow) void this.#readBlob(reader, task);
  }

  async #readBlob(reader: Reader, task: Task): Promise<void> {
    reader.reading = true;
    // A task that was cancelled before it began again has left the output of before, of which the reader has had all.
    if (task.state !== 'cancelled') this.#beginAgain(reader, task);
    try {
      if (task.log) {
        for await (const piece of piecesOf(this.#source.readBlob(task.log), this.#first)) {
          if (reader.closed) return;
          await this.#take(reader, piece);
        }
      }
      this.#end(reader);
    } catch {
      this.#fail(reader, `the output of task ${reader.task} is not on the head's disk any more`);
    }
  }

  /**
   * A program that began again from zero writes its output from the first byte. Only now, and not when it was lost: until
   * a new attempt writes, late pieces of the one before may still come.
   */
  #beginAgain(reader: Reader, task: Task): void {
    if (reader.restarts === task.restartsFromZero) return;
    reader.restarts = task.restartsFromZero;
    reader.offset = 0;
  }

  /** Hands on what the reader has not had yet. Where a flood's middle was dropped, a note stands for it. */
  #take(reader: Reader, { offset, bytes }: LogPiece): void | Promise<void> {
    const missing = offset - reader.offset;
    if (missing + bytes.length <= 0 || bytes.length === 0) return;
    reader.offset = offset + bytes.length;
    if (missing > 0) {
      const note = Uint8Array.from(cutNote(missing), (letter) => letter.charCodeAt(0));
      void reader.sink.piece(note, reader.restarts);
    }
    return reader.sink.piece(missing < 0 ? bytes.subarray(-missing) : bytes, reader.restarts);
  }

  #end(reader: Reader): void {
    if (reader.closed) return;
    reader.sink.end();
    this.#close(reader);
  }

  #fail(reader: Reader, sentence: string): void {
    if (reader.closed) return;
    reader.sink.fail(sentence);
    this.#close(reader);
  }

  #close(reader: Reader): void {
    if (reader.closed) return;
    reader.closed = true;
    this.#readers.delete(reader);
    if (reader.asking)
      this.#links.send(reader.asking.member, { t: 'log-stop', request: reader.asking.request });
  }
}
