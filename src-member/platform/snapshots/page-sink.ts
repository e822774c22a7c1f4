import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * CRIU's page-server protocol (criu/page-xfer.c): 24-byte commands, little endian
 *   u32 command, flags in the upper half   u32 pages   u64 address   u64 image
 * of which some are followed by their pages.
 */
const commandBytes = 24;
const pageBytes = 4096;
const commands = { open2: 4, addWithFlags: 6, close: 0x1023, forceClose: 0x1024 } as const;
/** The pages follow; without it the command only says that they are elsewhere. */
const pagesPresent = 4;

/** Follows the stream only as far as to know when an answer is due and whether it came to its end. */
export class PageProtocol {
  #command = Buffer.alloc(0);
  #pagesLeft = 0;
  closed = false;

  /** What CRIU waits for after this chunk. */
  answerTo(chunk: Buffer): Buffer | undefined {
    const answers: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#pagesLeft > 0) {
        const skipped = Math.min(this.#pagesLeft, chunk.length - at);
        this.#pagesLeft -= skipped;
        at += skipped;
        continue;
      }
      const missing = commandBytes - this.#command.length;
      this.#command = Buffer.concat([this.#command, chunk.subarray(at, at + missing)]);
      at += missing;
      if (this.#command.length < commandBytes) break;
      const answer = this.#obey(this.#command);
      if (answer) answers.push(answer);
      this.#command = Buffer.alloc(0);
    }
    return answers.length > 0 ? Buffer.concat(answers) : undefined;
  }

  #obey(command: Buffer): Buffer | undefined {
    const what = command.readUInt16LE(0);
    const flags = command.readUInt16LE(2);
    if (what === commands.open2) return Buffer.from([0]); // there is no parent image
    if (what === commands.addWithFlags && (flags & pagesPresent) !== 0)
      this.#pagesLeft = command.readUInt32LE(4) * pageBytes;
    if (what === commands.close || what === commands.forceClose) {
      this.closed = true;
      return Buffer.alloc(4); // status 0
    }
    return undefined;
  }
}

/** Takes a program's memory from CRIU as it reads it, so that it never lies in RAM twice. */
export class PageSink {
  readonly #server: Server;
  readonly #protocol = new PageProtocol();
  readonly #connected: Promise<Socket | undefined>;
  #socket: Socket | undefined;
  #stop: () => void = () => undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.#connected = new Promise((resolve) => {
      server.once('connection', (socket) => {
        this.#socket = socket;
        socket.on('error', () => undefined);
        resolve(socket);
      });
      this.#stop = () => resolve(undefined);
    });
  }

  static async open(): Promise<PageSink> {
    const server = createServer({ noDelay: true });
    const sink = new PageSink(server);
    server.listen(0, '127.0.0.1', 1);
    await once(server, 'listening');
    return sink;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** False when CRIU broke off, or said nothing at all. */
  get isComplete(): boolean {
    return this.#protocol.closed;
  }

  /** All that CRIU says, until it has said everything or `close`. */
  async *chunks(): AsyncGenerator<Buffer> {
    const socket = await this.#connected;
    if (!socket) return;
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      const answer = this.#protocol.answerTo(chunk);
      if (answer) socket.write(answer);
      yield chunk;
      if (this.#protocol.closed) return;
    }
  }

  /** CRIU gives up when it has not finished; `chunks` ends. */
  close(): void {
    this.#stop();
    this.#socket?.destroy();
    this.#server.close();
  }
}
