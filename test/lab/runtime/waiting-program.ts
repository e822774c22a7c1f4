/**
 * A Python program that waits in every way Linux has for waiting for so long or until then, all at the same time, and says
 * of each whether it gave what it gives when nobody interferes: `name ok`, or what was wrong. `raw` is the system call
 * itself: Python and glibc hide EINTR of many.
 */
export const waitingProgram = (seconds: number): string => `
import ctypes, errno, os, select, signal, threading, time
T = ${seconds}
libc = ctypes.CDLL(None, use_errno=True)
class timespec(ctypes.Structure): _fields_ = [("s", ctypes.c_long), ("n", ctypes.c_long)]
def span(x): return timespec(int(x), int(x % 1 * 1e9))
def at(clock, x=T): return span(time.clock_gettime(clock) + x)
R, M, B = time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME
def raw(*args):
    args = [a if isinstance(a, (ctypes.Structure, ctypes.Array)) or a is None else ctypes.c_long(a) for a in args]
    args = [ctypes.byref(a) if isinstance(a, (ctypes.Structure, ctypes.Array)) else a for a in args]
    done = libc.syscall(*args)
    return errno.errorcode[ctypes.get_errno()] if done < 0 else done
word = lambda: (ctypes.c_uint * 1)(0)
rest = lambda: timespec()
none = (ctypes.c_ulong * 1)(0)
hup = (ctypes.c_ulong * 1)(1 << (signal.SIGHUP - 1))
events = (ctypes.c_char * 200)()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
epoll = select.epoll()
sems = libc.semget(0, 1, 0o600)
class sembuf(ctypes.Structure): _fields_ = [("num", ctypes.c_ushort), ("op", ctypes.c_short), ("flg", ctypes.c_short)]
down = sembuf(0, -1, 0)
queue = libc.msgget(0, 0o600)
ring = (ctypes.c_ulong * 1)(0)
libc.syscall(206, 1, ctypes.byref(ring))
letter = (ctypes.c_char * 24)()
def later(act):
    def run(): time.sleep(T); act()
    threading.Thread(target=run, daemon=True).start()
def received():
    later(lambda: libc.msgsnd(queue, ctypes.byref((ctypes.c_char * 24)(1)), 8, 0))
    return libc.msgrcv(queue, ctypes.byref(letter), 8, 0, 0)
def semaphore(clock, wait):
    sem = (ctypes.c_char * 32)(); libc.sem_init(ctypes.byref(sem), 0, 0)
    done = wait(ctypes.byref(sem), ctypes.byref(at(clock)))
    return errno.errorcode[ctypes.get_errno()] if done else done
def condition():
    c = threading.Condition()
    with c: return c.wait(T)
def reaps():
    pid = os.fork()
    if pid == 0: time.sleep(T); os._exit(7)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
cases = {
    "nanosleep": (0, lambda: raw(35, span(T), None)),
    "nanosleep with a rest": (0, lambda: raw(35, span(T), rest())),
    "clock_nanosleep": (0, lambda: raw(230, M, 0, span(T), None)),
    "clock_nanosleep with a rest": (0, lambda: raw(230, R, 0, span(T), rest())),
    "clock_nanosleep until, realtime": (0, lambda: raw(230, R, 1, at(R), None)),
    "clock_nanosleep until, monotonic": (0, lambda: raw(230, M, 1, at(M), None)),
    "clock_nanosleep until, boottime": (0, lambda: raw(230, B, 1, at(B), None)),
    "usleep": (0, lambda: libc.usleep(int(T * 1e6))),
    "poll": (0, lambda: raw(7, None, 0, int(T * 1000))),
    "ppoll": (0, lambda: raw(271, None, 0, span(T), None, 8)),
    "select": (0, lambda: raw(23, 0, None, None, None, span(T))),
    "pselect": (0, lambda: raw(270, 0, None, None, None, span(T), None)),
    "epoll_wait": (0, lambda: raw(232, epoll.fileno(), events, 1, int(T * 1000))),
    "epoll_pwait": (0, lambda: raw(281, epoll.fileno(), events, 1, int(T * 1000), None, 8)),
    "epoll_pwait2": (0, lambda: raw(441, epoll.fileno(), events, 1, span(T), None, 8)),
    "futex": ("ETIMEDOUT", lambda: raw(202, word(), 0, 0, span(T), None, 0)),
    "private futex": ("ETIMEDOUT", lambda: raw(202, word(), 128, 0, span(T), None, 0)),
    "futex until, monotonic": ("ETIMEDOUT", lambda: raw(202, word(), 9, 0, at(M), None, -1)),
    "futex until, realtime": ("ETIMEDOUT", lambda: raw(202, word(), 9 | 256, 0, at(R), None, -1)),
    "sem_timedwait": ("ETIMEDOUT", lambda: semaphore(R, libc.sem_timedwait)),
    "a condition": (False, condition),
    "sigtimedwait": ("EAGAIN", lambda: raw(128, hup, None, span(T), 8)),
    "semtimedop": ("EAGAIN", lambda: raw(220, sems, down, 1, span(T))),
    "msgrcv": (8, received),
    "io_getevents": (0, lambda: raw(208, ring[0], 1, 1, events, span(T))),
    "a child": (7, reaps),
}
def run(name, wanted, call):
    # A move takes no time of the one clock, and what it takes of the other.
    began = time.monotonic(), time.time()
    got = call()
    took = max(time.monotonic() - began[0], time.time() - began[1])
    print(name, "ok" if got == wanted and took > T - 0.05 else "gave %r after %.2f s" % (got, took), flush=True)
threads = [threading.Thread(target=run, args=(name, *case)) for name, case in cases.items()]
for t in threads: t.start()
open("ready", "w").close()
for t in threads: t.join()
`;

/** Timers of every kind, each of which comes due again and again, or once, while the program is frozen and moved. */
export const timersProgram = (seconds: number): string => `
import ctypes, os, signal, threading, time
T = ${seconds}
R, M, B = time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME
libc = ctypes.CDLL(None, use_errno=True)
def since(began): return max(time.monotonic() - began[0], time.time() - began[1])
def now(): return time.monotonic(), time.time()
def say(name, good, more): print(name, "ok" if good else more, flush=True)
def ticks(fd): return int.from_bytes(os.read(fd, 8), "little")
# Never too early, nor more often than there was time for; and it goes on to the end.
def periodic(name, fd, interval, began):
    wanted, n = round(T / interval), 0
    while n < wanted: n += ticks(fd)
    say(name, since(began) > (n - 2) * interval - 0.05, "%d ticks in %.2f s" % (n, since(began)))
def once(name, fd, began):
    n = ticks(fd)
    say(name, n == 1 and since(began) > T - 0.05, "%d ticks after %.2f s" % (n, since(began)))
def unread(name, fd, interval, began):
    time.sleep(T)
    n = ticks(fd) + ticks(fd)
    say(name, T / interval / 2 < n < since(began) / interval + 2, "%d ticks in %.2f s" % (n, since(began)))
threads = []
def begin(act, *args): threads.append(threading.Thread(target=act, args=args))
for clock, word in (R, "realtime"), (M, "monotonic"), (B, "boottime"):
    for interval in 0.002, 0.05, 0.4, 1.1:
        for flags, how in (0, "for"), (os.TFD_TIMER_ABSTIME, "until"):
            fd = os.timerfd_create(clock)
            first = time.clock_gettime(clock) + interval if flags else interval
            os.timerfd_settime(fd, flags=flags, initial=first, interval=interval)
            begin(periodic, "timerfd %s, %s, every %g s" % (how, word, interval), fd, interval, now())
    for flags, how in (0, "for"), (os.TFD_TIMER_ABSTIME, "until"):
        fd = os.timerfd_create(clock)
        os.timerfd_settime(fd, flags=flags, initial=time.clock_gettime(clock) + T if flags else T)
        begin(once, "timerfd %s, %s, once" % (how, word), fd, now())
    fd = os.timerfd_create(clock)
    os.timerfd_settime(fd, initial=0.1, interval=0.1)
    begin(unread, "timerfd, %s, read late" % word, fd, 0.1, now())
class itimerspec(ctypes.Structure): _fields_ = [(n, ctypes.c_long) for n in ("is_", "in_", "vs", "vn")]
class sigevent(ctypes.Structure): _fields_ = [("value", ctypes.c_void_p), ("signo", ctypes.c_int), ("notify", ctypes.c_int), ("pad", ctypes.c_char * 48)]
def posix_timer(clock, first, interval):
    timer = ctypes.c_void_p()
    libc.timer_create(clock, ctypes.byref(sigevent(None, signal.SIGUSR1, 0)), ctypes.byref(timer))
    spec = itimerspec(int(interval), int(interval % 1 * 1e9), int(first), int(first % 1 * 1e9))
    libc.timer_settime(timer, 0, ctypes.byref(spec), None)
def child(name, signo, arm, wanted, least):
    if os.fork(): return
    rung = []
    signal.signal(signo, lambda *_: rung.append(1))
    began = now(); arm()
    while len(rung) < wanted: signal.pause()
    say(name, since(began) > least - 0.1, "%d in %.2f s" % (len(rung), since(began)))
    os._exit(0)
count = round(T / 0.15)
child("setitimer, again and again", signal.SIGALRM, lambda: signal.setitimer(signal.ITIMER_REAL, 0.15, 0.15), count, T - 0.3)
child("setitimer, once", signal.SIGALRM, lambda: signal.setitimer(signal.ITIMER_REAL, T), 1, T)
child("alarm", signal.SIGALRM, lambda: signal.alarm(int(T)), 1, int(T))
for clock, word in (R, "realtime"), (M, "monotonic"), (B, "boottime"):
    child("timer_create, %s, again and again" % word, signal.SIGUSR1, lambda: posix_timer(clock, 0.15, 0.15), count, T - 0.3)
    child("timer_create, %s, once" % word, signal.SIGUSR1, lambda: posix_timer(clock, T, 0), 1, T)
for t in threads: t.start()
open("ready", "w").close()
for t in threads: t.join()
try:
    while True: os.wait()
except ChildProcessError: pass
`;
