import { millis } from '../../shared/base/units.ts';
import {
  blobHash,
  epoch,
  type Epoch,
  type MemberId,
  type TaskId,
} from '../../shared/domain/ids.ts';
import type { MemberFacts } from '../../shared/domain/member.ts';
import type { LabTimings } from '../../shared/domain/timings.ts';
import type { Disposable } from '../../shared/ports/clock.ts';
import { protocolVersion } from '../../shared/wire/codec.ts';
import type { AttemptReport } from '../../shared/wire/task-spec.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import type { ToMember } from '../../shared/wire/to-member.ts';
import type { SimulatedLab } from './simulated-lab.ts';

interface SimulatedAttempt {
  readonly task: TaskId;
  readonly epoch: Epoch;
  state: AttemptReport['state'];
  /** Milliseconds of running done and needed. */
  done: number;
  readonly needed: number;
  ticket: string;
  /** Report to repeat until `forget`. */
  report: ToHead | null;
  busy: Disposable | null;
}

/**
 * A member that speaks the wire language with tasks that are only counters. Deliberately written apart from the real agent:
 * where the two disagree, one has misread the protocol.
 */
export class SimulatedMember {
  readonly id: MemberId;
  facts: MemberFacts;
  readonly #lab: SimulatedLab;
  readonly #timings: LabTimings;
  readonly attempts = new Map<string, SimulatedAttempt>();
  powered = false;
  cut = false;
  left = false;
  hasCertificate = false;
  /** Says goodbye and goes on, as a PC does whose reboot hangs. */
  ignoresGo = false;
  #linked = false;
  #beat = 0;
  readonly #sentAt = new Map<number, number>();
  #leaseFrom = 0;
  #life = 0;

  constructor(lab: SimulatedLab, id: MemberId, facts: MemberFacts, timings: LabTimings) {
    this.#lab = lab;
    this.id = id;
    this.facts = facts;
    this.#timings = timings;
  }

  boot(): void {
    if (this.powered) this.unplug();
    this.powered = true;
    this.left = false;
    this.hasCertificate = false;
    this.cut = false;
    this.newBoot();
    this.#life += 1;
    this.attempts.clear();
    this.#linked = false;
    this.#leaseFrom = this.#lab.clock.now();
    const life = this.#life;
    const loop = (): void => {
      if (life !== this.#life || !this.powered) return;
      this.#pulse();
      this.#lab.clock.after('member pulse', millis(this.#timings.heartbeat / 4), loop);
    };
    this.#lab.clock.after('member boot', millis(this.#lab.rng.below(500)), loop);
  }

  #boots = 0;

  /** What tells this boot from the one before, and from any other PC. */
  protected newBoot(): void {
    this.#boots += 1;
    this.facts = { ...this.facts, boot: `boot ${this.#boots} of ${this.id}` };
  }

  unplug(): void {
    this.powered = false;
    this.#life += 1;
    this.#linked = false;
    for (const attempt of this.attempts.values()) this.#stopRunning(attempt);
    this.attempts.clear();
    this.#lab.links.silence(this.id);
  }

  cutCable(): void {
    this.cut = true;
    this.#lab.links.silence(this.id);
  }

  heal(): void {
    if (!this.cut) return;
    this.cut = false;
    // The old connection is dead; the member notices and reconnects.
    this.#linked = false;
  }

  #pulse(): void {
    const now = this.#lab.clock.now();
    if (now - this.#leaseFrom >= this.#timings.freezeAfter) this.#freezeAll();
    if (!this.#linked && !this.cut && this.#lab.links.headIsUp() && this.#lab.enrolled(this))
      this.#connect();
    if (this.#linked && now - (this.#sentAt.get(this.#beat) ?? 0) >= this.#timings.heartbeat) {
      this.#beat += 1;
      this.#sentAt.set(this.#beat, now);
      this.#send({ t: 'beat', n: this.#beat, load: 0, memoryFree: 1000 });
      const running = [...this.attempts.values()].filter(({ state }) => state === 'running');
      const of = running.map(({ task, epoch: number, done }) => ({
        ...{ task, epoch: number, memory: 1000 + done },
        cpuSeconds: done / 1000 + this.#beat / 100,
      }));
      if (of.length > 0) this.#send({ t: 'usage', of });
    }
  }

  #connect(): void {
    const life = this.#life;
    const opened = this.#lab.links.connect(
      this.id,
      (message) => {
        if (life === this.#life && this.powered) this.#onMessage(message);
      },
      () => {
        if (life === this.#life) this.#linked = false;
      },
    );
    if (!opened) return;
    this.#linked = true;
    this.#beat += 1;
    this.#sentAt.set(this.#beat, this.#lab.clock.now());
    this.#helloAt = this.#lab.clock.now();
    this.#send({
      t: 'hello',
      protocol: protocolVersion,
      // The lab's DHCP server has another address for it now and then.
      facts: { ...this.facts, address: `10.0.0.${1 + (this.#beat % 3)}` },
      attempts: [...this.attempts.values()].map(({ task, epoch: number, state }) => ({
        task,
        epoch: number,
        state,
      })),
    });
    for (const attempt of this.attempts.values()) if (attempt.report) this.#send(attempt.report);
  }

  #helloAt = 0;

  #send(message: ToHead): void {
    if (this.#linked) this.#lab.links.sendToHead(this.id, message);
  }

  #onMessage(message: ToMember): void {
    if (message.t === 'welcome') {
      this.#renew(this.#helloAt);
      return;
    }
    if (message.t === 'lease') {
      this.#renew(this.#sentAt.get(message.n) ?? 0);
      return;
    }
    if (message.t === 'go') {
      this.#send({ t: 'leaving' });
      if (this.ignoresGo) return;
      this.left = true;
      this.unplug();
      return;
    }
    if (message.t === 'start') {
      const checkpoint = message.checkpoint
        ? this.#lab.saved.get(message.checkpoint.hash)
        : undefined;
      this.#add(
        {
          task: message.task,
          epoch: message.epoch,
          state: 'starting',
          done: checkpoint ?? 0,
          needed: this.#lab.workOf(message.task),
          ticket: '',
          report: null,
          busy: null,
        },
        40,
        (attempt) => {
          this.#run(attempt);
          this.#send({
            t: 'started',
            task: attempt.task,
            epoch: attempt.epoch,
            resumed: message.checkpoint !== null,
          });
        },
      );
      return;
    }
    if (message.t === 'expect') {
      const key = keyOf(message);
      this.attempts.set(key, {
        task: message.task,
        epoch: message.epoch,
        state: 'arriving',
        done: 0,
        needed: this.#lab.workOf(message.task),
        ticket: message.ticket,
        report: null,
        busy: null,
      });
      this.#send({ t: 'expecting', task: message.task, epoch: message.epoch });
      return;
    }
    if (!('task' in message)) return;
    const attempt = this.attempts.get(keyOf(message));
    if (!attempt) {
      if (message.t === 'discard' && message.confirm)
        this.#send({ t: 'discarded', task: message.task, epoch: message.epoch });
      else if (message.t === 'abandon')
        this.#send({ t: 'abandoned', task: message.task, epoch: message.epoch });
      else if (message.t !== 'discard' && message.t !== 'forget')
        this.#send({ t: 'unknown-attempt', task: message.task, epoch: message.epoch });
      return;
    }
    switch (message.t) {
      case 'stop':
        this.#stopRunning(attempt);
        this.#end(attempt, {
          t: 'ended',
          task: attempt.task,
          epoch: attempt.epoch,
          ending: { cause: 'stopped' },
          outputs: [],
          log: null,
          cpuSeconds: attempt.done / 1000,
        });
        return;
      case 'discard':
      case 'forget':
        this.#stopRunning(attempt);
        this.attempts.delete(keyOf(attempt));
        if (message.t === 'discard' && message.confirm)
          this.#send({ t: 'discarded', task: message.task, epoch: message.epoch });
        return;
      case 'checkpoint':
        if (attempt.state === 'running') this.#save(attempt, message.then);
        return;
      case 'send':
        if (attempt.state === 'running' || attempt.state === 'frozen')
          this.#sendAway(attempt, message);
        return;
      case 'keep':
        if (attempt.state === 'uncertain' || attempt.state === 'leaving') {
          attempt.busy?.dispose();
          this.#run(attempt);
        }
        return;
      case 'abandon':
        if (attempt.state === 'arriving') {
          this.attempts.delete(keyOf(attempt));
          this.#send({ t: 'abandoned', task: attempt.task, epoch: attempt.epoch });
        } else if (attempt.report) this.#send(attempt.report);
        else this.#send({ t: 'arrived', task: attempt.task, epoch: attempt.epoch });
        return;
      default:
    }
  }

  #add(attempt: SimulatedAttempt, delay: number, then: (attempt: SimulatedAttempt) => void): void {
    this.attempts.set(keyOf(attempt), attempt);
    this.#lab.clock.after('start', millis(delay), () => {
      if (this.attempts.get(keyOf(attempt)) === attempt && attempt.state === 'starting')
        then(attempt);
    });
  }

  #renew(from: number): void {
    this.#leaseFrom = Math.max(this.#leaseFrom, from);
    if (this.#lab.clock.now() - this.#leaseFrom >= this.#timings.freezeAfter) return;
    for (const attempt of this.attempts.values())
      if (attempt.state === 'frozen') this.#run(attempt);
  }

  #freezeAll(): void {
    for (const attempt of this.attempts.values()) {
      if (attempt.state !== 'running') continue;
      this.#stopRunning(attempt);
      attempt.state = 'frozen';
    }
  }

  #run(attempt: SimulatedAttempt): void {
    if (this.#lab.clock.now() - this.#leaseFrom >= this.#timings.freezeAfter) {
      attempt.state = 'frozen';
      return;
    }
    attempt.state = 'running';
    this.#lab.startsRunning(attempt.task, this.id, attempt.epoch);
    const began = this.#lab.clock.now();
    const already = attempt.done;
    const finish = this.#lab.clock.after(
      'program',
      millis(Math.max(0, attempt.needed - already)),
      () => {
        attempt.busy = null;
        attempt.done = attempt.needed;
        this.#lab.stopsRunning(attempt.task, this.id, attempt.epoch);
        this.#lab.finished(attempt.task);
        this.#end(attempt, {
          t: 'ended',
          task: attempt.task,
          epoch: attempt.epoch,
          ending: { cause: 'exit', exitCode: this.#lab.exitCodes.shift() ?? 0 },
          outputs: [],
          log: null,
          cpuSeconds: attempt.done / 1000,
        });
      },
    );
    attempt.busy = {
      dispose: () => {
        finish.dispose();
        attempt.done = Math.min(attempt.needed, already + (this.#lab.clock.now() - began));
        attempt.busy = null;
        this.#lab.stopsRunning(attempt.task, this.id, attempt.epoch);
      },
    };
  }

  #stopRunning(attempt: SimulatedAttempt): void {
    attempt.busy?.dispose();
    attempt.busy = null;
  }

  #end(attempt: SimulatedAttempt, report: ToHead): void {
    attempt.state = 'ended';
    attempt.report = report;
    this.#send(report);
  }

  #save(attempt: SimulatedAttempt, then: 'continue' | 'suspend'): void {
    this.#stopRunning(attempt);
    if (then === 'suspend') attempt.state = 'leaving';
    const took = 30 + this.#lab.rng.below(400);
    const hash = blobHash(this.#lab.rng.token(32));
    const done = attempt.done;
    if (then === 'continue') this.#run(attempt);
    const life = this.#life;
    this.#lab.clock.after('save', millis(took), () => {
      if (
        life !== this.#life ||
        this.attempts.get(keyOf(attempt)) !== attempt ||
        attempt.state === 'ended'
      )
        return;
      const reachable = !this.cut && this.#lab.links.headIsUp();
      if (!reachable || this.#lab.rng.next() < this.#lab.saveFaults) {
        if (then === 'suspend') this.#run(attempt);
        this.#send({
          t: 'checkpoint-failed',
          task: attempt.task,
          epoch: attempt.epoch,
          reason: "the head's disk is full",
        });
        return;
      }
      this.#lab.saved.set(hash, done);
      const report: ToHead = {
        t: 'checkpointed',
        task: attempt.task,
        epoch: attempt.epoch,
        suspended: then === 'suspend',
        hash,
        size: 1000,
        takenAt: this.#lab.clock.wall(),
        log: null,
        cpuSeconds: done / 1000,
        freezeMs: 10,
      };
      if (then === 'suspend') this.#end(attempt, report);
      else this.#send(report);
    });
  }

  #sendAway(attempt: SimulatedAttempt, message: Extract<ToMember, { t: 'send' }>): void {
    this.#stopRunning(attempt);
    attempt.state = 'leaving';
    const began = this.#lab.clock.now();
    const life = this.#life;
    const mine = (): boolean =>
      life === this.#life &&
      this.attempts.get(keyOf(attempt)) === attempt &&
      attempt.state === 'leaving';
    const failed = (outcome: 'thawed' | 'uncertain'): void => {
      if (outcome === 'thawed') this.#run(attempt);
      else attempt.state = 'uncertain';
      this.#send({
        t: 'move-failed',
        task: attempt.task,
        epoch: attempt.epoch,
        toEpoch: message.toEpoch,
        outcome,
        reason: 'the connection broke',
      });
    };
    // The body travels; when it is all there, the target restores; then its answer travels back.
    this.#lab.clock.after('transfer', millis(20 + this.#lab.rng.below(1500)), () => {
      if (!mine()) return;
      const target = this.#lab.member(message.to.id);
      if (!target || !this.#lab.reachable(this, target)) {
        failed('thawed');
        return;
      }
      const done = attempt.done;
      this.#lab.clock.after('restore', millis(10 + this.#lab.rng.below(300)), () => {
        const taken =
          target.powered && target.take(message.task, message.toEpoch, message.ticket, done);
        this.#lab.clock.after('answer', millis(1 + this.#lab.rng.below(10)), () => {
          if (!mine()) return;
          if (!this.#lab.reachable(this, target)) failed('uncertain');
          else if (!taken) failed('thawed');
          else {
            this.attempts.delete(keyOf(attempt));
            this.#send({
              t: 'moved',
              task: attempt.task,
              epoch: attempt.epoch,
              toEpoch: message.toEpoch,
              bytes: 1000,
              freezeMs: this.#lab.clock.now() - began,
              totalMs: this.#lab.clock.now() - began,
            });
          }
        });
      });
    });
  }

  /** Target's side of a transfer. */
  take(task: TaskId, number: Epoch, ticket: string, done: number): boolean {
    const attempt = this.attempts.get(keyOf({ task, epoch: number }));
    if (attempt?.state !== 'arriving' || attempt.ticket !== ticket) return false;
    if (
      this.#lab.clock.now() - this.#leaseFrom >= this.#timings.freezeAfter ||
      this.#lab.rng.next() < this.#lab.restoreFaults
    ) {
      this.attempts.delete(keyOf(attempt));
      this.#send({ t: 'abandoned', task, epoch: number });
      return false;
    }
    attempt.done = done;
    this.#run(attempt);
    this.#send({ t: 'arrived', task, epoch: number });
    return true;
  }
}

const keyOf = (of: { readonly task: TaskId; readonly epoch: Epoch }): string =>
  `${of.task}@${epoch(of.epoch)}`;
