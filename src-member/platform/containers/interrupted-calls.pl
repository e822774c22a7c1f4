# Part of the task supervisor (supervisor.pl): puts the interrupted calls of a frozen program back, so that nothing of the program notices
# (x86-64; see ARCHITECTURE.md, "Felt by nobody").
#
# Whoever is frozen leaves its system call. The kernel would take most calls up again by itself, but
#  - a sleep for so long (ERESTART_RESTARTBLOCK: nanosleep, poll, futex) rests on a note in the kernel that CRIU cannot
#    carry; it makes EINTR of it, for the program that goes on here as well;
#  - some calls are never taken up again (signal(7), "Interruption of system calls and library functions by stop signals":
#    epoll_wait, sigtimedwait, semtimedop, sockets with a time limit …): they end with EINTR even without CRIU.
# Such a thread gets a call that says the rest of its time and a result on which kernel and CRIU alike make the call again
# (ERESTARTNOHAND: but not when a handler of the program is to run, which has to see EINTR as ever).
#
# The rest: what the kernel itself wrote for the program where it did, else the time minus how long the thread has not run
# (RAN: "tid:ms:switches,…", read just before the freeze; void where it ran after that). Only registers that any call may
# change are changed, and for a time in memory the 16 bytes below the stack's red zone, which belong to nobody; where
# a handler could be run there first, or that is no memory, the call begins its time anew.
use strict; use POSIX ();
my ($R10, $R8, $RAX, $RDX, $RSI, $RDI, $ORIG, $RIP, $CS, $RSP) = (7, 9, 10, 12, 13, 14, 15, 16, 17, 19);
my ($EINTR, $NOHAND, $BLOCK) = (-4, -514, -516);
my ($NANOSLEEP, $POLL, $FUTEX, $CLOCK_NANOSLEEP) = (35, 7, 202, 230);
# Where a call keeps its time: milliseconds in a register, or the address of a timespec or timeval.
my %ms = (7 => $RDX, 232 => $R10, 281 => $R10);
my %spec = (23 => $R8, 128 => $RDX, 208 => $R8, 220 => $R10, 270 => $R8, 271 => $RDX, 441 => $R10);
# Made again as they are: semop, and what waits for a socket that has a time limit.
my %plain = map { $_ => 1 } 0, 1, 19, 20, 42 .. 47, 65, 288, 299, 307;
# CRIU has set these to be made again, in whatever way they were left: kernel and handlers shall decide once more. None of
# them gives its own number as a result. (pause and sigsuspend, and what only a handler ends early)
my %anew = map { $_ => 1 } 34, 35, 65, 128, 130, 220, 230;
# SIGALRM, SIGCHLD, SIGVTALRM, SIGPROF, SIGIO and real-time signals, which come by themselves.
my $sudden = 1 << 13 | 1 << 16 | 1 << 25 | 1 << 26 | 1 << 28 | ~0 << 33;

sub slurp { open(my $h, '<', $_[0]) or return ''; local $/; my $text = <$h>; defined $text ? $text : '' }

sub read_at { my ($mem, $at, $n) = @_; my $text; sysseek($mem, $at, 0); (sysread($mem, $text, $n) || 0) == $n ? $text : undef }

sub below_stack {
  my ($tid, $rsp) = @_; my $at = ($rsp - 128 - 16) & ~15;
  for (split /\n/, slurp("/proc/$tid/maps")) {
    my ($from, $to, $may) = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/ or next;
    return $may =~ /^rw/ && $at >= hex $from ? $at : 0 if hex $from <= $rsp && $rsp <= hex $to;
  }
  return 0;
}

sub rest_in_memory {
  my ($tid, $regs, $which, $unit, $ran, $exposed) = @_;
  my $at = $regs->[$which]; return if $at == 0 || $ran <= 0 || $exposed;
  open(my $mem, '+<:raw', "/proc/$tid/mem") or return;
  my $text = read_at($mem, $at, 16); defined $text or return;
  my ($seconds, $parts) = unpack('qq', $text);
  my $rest = int($seconds * 1e9 + $parts * 1e9 / $unit - $ran * 1e6); $rest = 0 if $rest < 0;
  my $scratch = below_stack($tid, $regs->[$RSP]) or return;
  my $new = pack('qq', int($rest / 1e9), int(($rest % 1_000_000_000) / 1e9 * $unit));
  sysseek($mem, $scratch, 0); (syswrite($mem, $new) || 0) == 16 or return;
  $regs->[$which] = $scratch;
}

# Whether the registers are others now.
sub put_back {
  my ($tid, $regs, $ran, $exposed) = @_;
  my ($nr, $got) = ($regs->[$ORIG], $regs->[$RAX]);
  if ($regs->[$CS] == 0x33 && $anew{$nr} && $got == $nr) { $regs->[$RIP] += 2; $regs->[$RAX] = $NOHAND; return 1 }
  return 0 if $exposed < 0;
  return 0 if $regs->[$CS] != 0x33 || $nr < 0 || ($got != $EINTR && $got != $BLOCK);
  if ($nr == $NANOSLEEP || $nr == $CLOCK_NANOSLEEP) {
    return 0 if $got != $BLOCK;
    my ($wish, $rem) = $nr == $NANOSLEEP ? ($RDI, $RSI) : ($RDX, $R10);
    if ($regs->[$rem] != 0) { $regs->[$wish] = $regs->[$rem] }
    else {
      return 0 if $nr == $CLOCK_NANOSLEEP && $regs->[$RDI] != 0 && $regs->[$RDI] != 1 && $regs->[$RDI] != 7;
      open(my $mem, '<:raw', "/proc/$tid/mem") or return 0;
      my $text = read_at($mem, $regs->[$wish], 16); defined $text or return 0;
      my ($seconds, $ns) = unpack('qq', $text);
      my $rest = $seconds * 1000 + $ns / 1e6 - $ran;
      $rest = $rest < 0 ? 0 : $rest > 0x7fffffff ? 0x7fffffff : POSIX::ceil($rest);
      # Nothing to write its rest to: a poll of nothing is the same sleep, with the time in a register.
      @$regs[$ORIG, $RDI, $RSI, $RDX] = ($POLL, 0, 0, $rest);
    }
  }
  elsif (exists $ms{$nr}) {
    return 0 if $nr == $POLL && $got != $BLOCK;
    my $ms = unpack('l', pack('L', $regs->[$ms{$nr}] & 0xffffffff));
    $regs->[$ms{$nr}] = $ms > $ran ? int($ms - $ran + 0.999) : 0 if $ms > 0;
  }
  elsif ($nr == $FUTEX) {
    return 0 if $got != $BLOCK;
    # Only FUTEX_WAIT says for how long; the others say until when.
    rest_in_memory($tid, $regs, $R10, 1e9, $ran, $exposed) if ($regs->[$RSI] & 0x7f) == 0;
  }
  elsif (exists $spec{$nr}) {
    return 0 if $got != $EINTR;
    rest_in_memory($tid, $regs, $spec{$nr}, $nr == 23 ? 1e6 : 1e9, $ran, $exposed);
  }
  else { return 0 if $got != $EINTR || !$plain{$nr} }
  $regs->[$RAX] = $NOHAND;
  return 1;
}

sub mend_thread {
  my ($tid, $before) = @_; $tid += 0; # a text would be handed on by its address
  my ($nr) = slurp("/proc/$tid/syscall") =~ /^(\d+) / or return;
  return unless exists $ms{$nr} || exists $spec{$nr} || $plain{$nr} || $anew{$nr} || $nr == $NANOSLEEP || $nr == $CLOCK_NANOSLEEP || $nr == $FUTEX;
  my %is = slurp("/proc/$tid/status") =~ /^(\w+):\s+(\S+)/mg;
  # Between vfork and exec nobody can stop it.
  return if $is{State} eq 'D' || $is{State} eq 'Z';
  my $caught = hex($is{SigCgt}) & ~hex($is{SigBlk});
  my $comes = (hex($is{SigPnd}) | hex($is{ShdPnd})) & $caught;
  my ($ran, $switches) = $before ? @$before : (0, 0);
  $ran = 0 if $is{voluntary_ctxt_switches} != $switches + 1;
  return if syscall(101, 0x4206, $tid, 0, 0) != 0; # PTRACE_SEIZE
  syscall(101, 0x4207, $tid, 0, 0); # PTRACE_INTERRUPT
  if (waitpid($tid, 0x40000000) == $tid) { # __WALL
    my $raw = "\0" x 216;
    if (syscall(101, 12, $tid, 0, $raw) == 0) { # PTRACE_GETREGS
      my @regs = unpack('q27', $raw);
      if (put_back($tid, \@regs, $ran, $comes ? -1 : $caught & $sudden)) {
        $raw = pack('q27', @regs);
        syscall(101, 13, $tid, 0, $raw); # PTRACE_SETREGS
      }
    }
  }
  syscall(101, 17, $tid, 0, 0); # PTRACE_DETACH
}

# A periodic timer that nobody has read since it came due stands still, and CRIU takes it for one that is off. Asking how
# long it has to go winds it up again, with every tick counted.
sub wind_timers {
  my ($pid) = @_; my $at;
  opendir(my $dir, "/proc/$pid/fd") or return;
  for my $fd (readdir $dir) {
    next unless $fd =~ /^\d+$/ && (readlink("/proc/$pid/fd/$fd") || '') eq 'anon_inode:[timerfd]';
    $at = syscall(434, $pid + 0, 0) unless defined $at; # pidfd_open
    last if $at < 0;
    my $ours = syscall(438, $at, $fd + 0, 0); # pidfd_getfd
    next if $ours < 0;
    my $rest = "\0" x 32;
    syscall(287, $ours, $rest); # timerfd_gettime
    POSIX::close($ours);
  }
  POSIX::close($at) if defined $at && $at >= 0;
}

sub mend {
  my ($group, $ran) = @_; my %before;
  for (split /,/, $ran) { my ($tid, $ms, $switches) = split /:/; $before{$tid} = [$ms, $switches] }
  mend_thread($_, $before{$_}) for split /\n/, slurp("$group/cgroup.threads");
  wind_timers($_) for split /\n/, slurp("$group/cgroup.procs");
}
