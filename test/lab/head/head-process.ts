import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/project-node.mjs';
import {
  headHome,
  readHeadJson,
  type HeadJson,
} from '../../../src-main/platform/home/head-home.ts';
import { leanEnvironment } from '../../../shared/node/lean-environment.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `nobody` on every Debian: a user with no rights and no files. */
export const nobody = 65_534;

/** Another Node and another file than those of this checkout, started with nothing around them. */
export interface Packaged {
  readonly node: string;
  readonly program: string;
}

/** A head as a process of its own, as `node src-main/head.ts` starts it. */
export class HeadProcess {
  readonly home: string;
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  out = '';
  err = '';

  /** `user`: the number of whoever starts it, instead of us. `nodeFlags`: what Node is told besides. */
  constructor(
    home: string,
    args: readonly string[] = ['--port', '0'],
    user?: number,
    packaged?: Packaged,
    nodeFlags: readonly string[] = [],
  ) {
    this.home = home;
    const { node, program } = packaged ?? {
      node: join(projectRoot, 'node_modules', 'node', 'bin', 'node'),
      program: join(projectRoot, 'src-main', 'head.ts'),
    };
    const around = packaged === undefined ? process.env : { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
    const flags = ['--disable-warning=ExperimentalWarning', ...nodeFlags];
    this.process = spawn(node, [...flags, program, ...args], {
      // As the command and `npm start` start it.
      env: { ...around, ...leanEnvironment(home), NIGHTSHIFT_HOME: home },
      ...(packaged === undefined ? {} : { cwd: '/' }),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
    this.process.stdout?.on('data', (piece: Buffer) => (this.out += piece.toString()));
    this.process.stderr?.on('data', (piece: Buffer) => (this.err += piece.toString()));
    this.ended = new Promise((resolve, reject) => {
      this.process.on('error', reject);
      this.process.on('close', (code, signal) => resolve({ code, signal }));
    });
  }

  /** Until it says that it is open. */
  async ready(): Promise<HeadJson> {
    const opened = new Promise<void>((resolve) => {
      this.process.stdout?.on('data', () => {
        if (this.out.includes(' is open at ')) resolve();
      });
    });
    const ended = await Promise.race([opened, this.ended]);
    if (ended) throw new Error(`the head ended with ${ended.code}: ${this.err}`);
    return this.facts();
  }

  facts(): HeadJson {
    const facts = readHeadJson(headHome(this.home));
    if (!facts) throw new Error('there is no head.json');
    return facts;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (this.process.exitCode === null && this.process.signalCode === null)
      this.process.kill(signal);
    return this.ended;
  }

  /** An HTTPS request with the head's token. */
  ask(
    method: string,
    path: string,
    body?: Buffer,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const token = readFileSync(join(this.home, 'api-token'), 'utf8').trim();
    return new Promise((resolve, reject) => {
      const call = request({
        host: '127.0.0.1',
        port: this.facts().port,
        method,
        path,
        agent: false,
        ca: readFileSync(join(this.home, 'identity', 'lab-ca.pem'), 'utf8'),
        servername: 'nightshift-head',
        headers: { authorization: `Bearer ${token}` },
      });
      call.on('response', (response) => {
        let text = '';
        response.on('data', (piece: Buffer) => (text += piece.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on('error', reject);
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}
