# The task supervisor: a small Perl process that outlives the agent. It is the parent of the tasks' crun processes, so their exit
# codes are known although the agent was restarted, and a fork of it costs a twentieth of one of Node. It also
# mounts: a `mount` process costs 3 ms, the system call 0.1 ms. Perl is in Debian's smallest system.
#
# And it reads what programs write, from a named pipe that each has: the program can open it anew (`>/dev/stderr`) but
# neither empty nor seek what was written, the pages count as the supervisor's, and with a supervisor that holds the pipe no
# program is stopped by an agent's death. Of a flood the first FIRST and the last LAST bytes are kept: the middle becomes
# a hole in the file, whose end stands in FILE.cut, written before the hole is made. A flood is read at 200 MB/s at the
# most, or it would cost a processor.
#
# Lines of tab-separated fields over a unix socket, from one agent at a time, the newest:
#   run ID EXITFILE ERRFILE PROCS,PROCS… ARGV…   → exited ID CODE   (and CODE in EXITFILE, written at once or not at all)
#   kill ID                                      the process group of that child
#   mount TAG SOURCE TARGET TYPE FLAGS OPTIONS   → done TAG ERRNO
#   umount TAG TARGET                            → done TAG ERRNO   (lazy, so never busy)
#   list                                         → have ID … listed
#   log ID PIPE FILE OWNER FIRST LAST            makes the pipe if need be; what comes through it goes to the file's end
#   drain TAG ID                                 → done TAG 0       (all that was written is in the file)
#   unlog ID                                     which the end of child ID does, too
#   mend TAG GROUP RAN                           → done TAG 0       (see interrupted-calls.pl; by a process of its own)
#
# Started as: perl -MIO::Handle -e INTERRUPTED_CALLS+THIS SOCKET MOUNT UMOUNT FALLOCATE RESTORE_CONF, the three in the middle being
# numbers of system calls.
use strict; use POSIX qw(:sys_wait_h :fcntl_h setsid _exit mkfifo); use Socket; use Errno qw(EINTR EAGAIN);
my ($path, $mount, $umount, $fallocate, $settings) = @ARGV;
$0 = 'nightshift-supervisor';
$SIG{PIPE} = 'IGNORE'; $SIG{TERM} = 'IGNORE'; $SIG{INT} = 'IGNORE'; $SIG{HUP} = 'IGNORE';
$ENV{_LIBCONTAINER_CLONED_BINARY} = 1; $ENV{CRIU_CONFIG_FILE} = $settings;
unlink $path;
socket(my $listener, AF_UNIX, SOCK_STREAM, 0) or die;
bind($listener, pack_sockaddr_un($path)) or die "bind: $!"; chmod 0600, $path; listen($listener, 4) or die;
pipe(my $wake, my $poke) or die; $poke->blocking(0); $wake->blocking(0);
$SIG{CHLD} = sub { syswrite($poke, 'x') };
my (%pid_of, %child, %mending, %log, $client, $in, $out); $in = $out = '';
sub say_ { $out .= join("\t", @_) . "\n" if $client }
sub gone { close $client if $client; undef $client; $in = $out = '' }
sub put { my ($file, $text) = @_; open(my $h, '>', $file) or return 0; my $done = defined syswrite($h, $text); close $h; $done }
sub run {
  my ($id, $exit, $err, $procs, @argv) = @_;
  my $pid = fork;
  if (!defined $pid) { put("$exit.new", 255); rename "$exit.new", $exit; say_('exited', $id, 255); return }
  if ($pid == 0) {
    $SIG{$_} = 'DEFAULT' for qw(PIPE TERM INT HUP CHLD); setsid();
    put($_, $$) for split /,/, $procs;
    # The first to die when a PC has no memory left: whatever else runs on it looks after others, too.
    put('/proc/self/oom_score_adj', 500);
    # crun gives its stdio to the container's user: a pipe of its own, never a shared /dev/null.
    pipe(my $r, my $w); close $w; open(STDIN, '<&', $r);
    open(STDOUT, '>>', $err); open(STDERR, '>>', $err);
    exec { $argv[0] } @argv or _exit(127);
  }
  $pid_of{$id} = $pid; $child{$pid} = [$id, $exit];
}
sub log_ {
  my ($id, $pipe, $file, $owner, $first, $last) = @_;
  delete $log{$id};
  if (!-p $pipe) { unlink $pipe; mkfifo($pipe, 0600); chown $owner, $owner, $pipe }
  sysopen(my $from, $pipe, O_RDWR | O_NONBLOCK) or return;
  sysopen(my $to, $file, O_WRONLY | O_APPEND | O_CREAT, 0600) or return;
  my $cut = $first;
  if (open(my $h, '<', "$file.cut")) { my $line = <$h>; $cut = $line + 0 if defined $line && $line > $first }
  $log{$id} = { from => $from, to => $to, file => $file, size => -s $file, cut => $cut, last => $last, rests => 0 };
}
sub copy {
  my ($log, $most) = @_; my $read = 0;
  while ($read < $most) {
    my $got = sysread($log->{from}, my $text, 65536);
    last if !$got;
    $read += $got;
    for (my $at = 0; $at < $got;) { my $n = syswrite($log->{to}, $text, $got - $at, $at); last if !$n; $at += $n; $log->{size} += $n }
    next if $log->{size} - $log->{cut} < $log->{last} + $log->{last} / 8;
    my $cut = $log->{size} - $log->{last}; $cut -= $cut % 4096;
    put("$log->{file}.cut.new", "$cut\n") and rename "$log->{file}.cut.new", "$log->{file}.cut" or next;
    syscall($fallocate, fileno($log->{to}), 3, $log->{cut}, $cut - $log->{cut});
    $log->{cut} = $cut; $log->{flood} = 1;
  }
  return $read;
}
sub drain { my $log = $log{$_[0]} or return; 1 while copy($log, 1 << 20) }
sub reap {
  while ((my $pid = waitpid(-1, WNOHANG)) > 0) {
    my $status = $?;
    if (my $tag = delete $mending{$pid}) { say_('done', $tag, $status) }
    my $known = delete $child{$pid} or next; my ($id, $exit) = @$known; delete $pid_of{$id};
    my $code = WIFSIGNALED($status) ? 128 + WTERMSIG($status) : WEXITSTATUS($status);
    drain($id); delete $log{$id};
    put("$exit.new", $code) and rename "$exit.new", $exit;
    say_('exited', $id, $code);
  }
}
sub obey {
  my ($what, @f) = split /\t/, $_[0], -1;
  if ($what eq 'run') { run(@f) }
  elsif ($what eq 'kill') { my $pid = $pid_of{$f[0]}; kill 'KILL', -$pid, $pid if $pid }
  elsif ($what eq 'mount') {
    my ($tag, $source, $target, $type, $flags, $options) = @f;
    my $done = syscall($mount, $source, $target, $type, $flags + 0, $options);
    say_('done', $tag, $done == 0 ? 0 : $! + 0);
  }
  elsif ($what eq 'umount') { my $done = syscall($umount, $f[1], 2); say_('done', $f[0], $done == 0 ? 0 : $! + 0) }
  elsif ($what eq 'log') { log_(@f) }
  elsif ($what eq 'drain') { drain($f[1]); say_('done', $f[0], 0) }
  elsif ($what eq 'unlog') { delete $log{$f[0]} }
  elsif ($what eq 'mend') {
    my ($tag, @rest) = @f; my $pid = fork;
    if (!defined $pid) { say_('done', $tag, $! + 0) }
    elsif ($pid == 0) { $SIG{ALRM} = 'DEFAULT'; alarm 5; eval { mend(@rest); 1 } or print STDERR $@; _exit($@ ? 1 : 0) }
    else { $mending{$pid} = $tag }
  }
  elsif ($what eq 'list') { say_('have', $_) for keys %pid_of; say_('listed') }
}
while (1) {
  my ($read, $write, $rests) = ('', '', 0);
  for my $log (values %log) { if ($log->{rests}) { $rests = 1 } else { vec($read, fileno($log->{from}), 1) = 1 } }
  vec($read, fileno($_), 1) = 1 for $listener, $wake, $client ? $client : ();
  vec($write, fileno($client), 1) = 1 if $client && length $out;
  my $n = select($read, $write, undef, $rests ? 0.005 : undef);
  reap() if $n < 0;
  next if $n < 0;
  for my $log (values %log) {
    if ($log->{rests}) { $log->{rests} = 0; next }
    $log->{rests} = copy($log, 1 << 20) >= 1 << 20 && $log->{flood} if vec($read, fileno($log->{from}), 1);
  }
  if (vec($read, fileno($wake), 1)) { sysread($wake, my $x, 4096); reap() }
  if ($client && vec($write, fileno($client), 1)) {
    my $sent = syswrite($client, $out);
    if (defined $sent) { substr($out, 0, $sent) = '' } elsif ($! != EAGAIN && $! != EINTR) { gone() }
  }
  if ($client && vec($read, fileno($client), 1)) {
    my $got = sysread($client, $in, 65536, length $in);
    if ($got) { while ($in =~ s/^([^\n]*)\n//) { obey($1) } }
    elsif (!defined $got && ($! == EAGAIN || $! == EINTR)) { }
    else { gone() }
  }
  if (vec($read, fileno($listener), 1) && accept(my $new, $listener)) { gone(); $client = $new; $client->blocking(0) }
}
