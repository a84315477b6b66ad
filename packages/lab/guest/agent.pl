# The guest's end of the line to the host: what init becomes, runs commands and carries their input, output
# and end. Perl because perl-base is essential in Debian, starts fast under emulation, and unlike a shell can tell
# an exit code from a signal and wait for several descriptors at once. No modules, not even constant.pm: loading them costs
# more than all of this.
#
# A frame is type (one letter), command id (u32), length (u32, big endian), then that many bytes.
#   host to guest:  R run, T run on the terminal, I input, E end of input, S signal
#   guest to host:  H hello, O output, D diagnostics (standard error), A input was taken, X the command has ended
# src/wire.ts is the other end.
use strict;

sub SYS_setsid () { 112 }
sub SYS_exit_group () { 231 }
sub SYS_pidfd_open () { 434 }
sub SIOCSIFFLAGS () { 0x8914 }
sub IFF_UP () { 1 }
sub AF_INET () { 2 }
sub SOCK_DGRAM () { 2 }
sub TIOCSWINSZ () { 0x5414 }
sub FIONREAD () { 0x541b }
sub F_SETFL () { 4 }
sub O_NONBLOCK () { 2048 }
sub WNOHANG () { 1 }
sub EINTR () { 4 }
sub EAGAIN () { 11 }
sub ENOENT () { 2 }
sub CHUNK () { 32768 }

my $port = open_port();
my $received = '';
my %commands;    # id => {pid, pidfd, out, err, in, input, input_ended}
my %ended;       # pid => wait status of commands that were reaped before their pidfd was seen
$SIG{CHLD} = sub { };    # only to wake select, so that orphans are reaped at once
$SIG{PIPE} = 'IGNORE';

name_standard_streams();
bring_up_loopback();
frame('H', 0, read_line('/proc/sys/kernel/osrelease'));

while (1) {
    my ($readable, $writable) = ('', '');
    vec($readable, fileno $port, 1) = 1;
    for my $command (values %commands) {
        vec($readable, fileno $_, 1) = 1 for grep { defined } @$command{qw(pidfd out err)};
        vec($writable, fileno $command->{in}, 1) = 1 if $command->{in} && length $command->{input};
    }
    my $ready = select($readable, $writable, undef, 1);
    ($readable, $writable) = ('', '') if $ready <= 0;
    take_frames() if vec($readable, fileno $port, 1);
    for my $id (keys %commands) {
        my $command = $commands{$id};
        feed($id, $command) if $command->{in} && vec($writable, fileno $command->{in}, 1);
        for my $stream (['out', 'O'], ['err', 'D']) {
            my ($name, $type) = @$stream;
            next unless $command->{$name} && vec($readable, fileno $command->{$name}, 1);
            pass_on($id, $command, $name, $type);
        }
        finish($id, $command) if vec($readable, fileno $command->{pidfd}, 1);
    }
    reap();
}

# The port appears a moment after init when the host is slow.
sub open_port {
    for (1 .. 500) {
        for my $device (entries('/sys/class/virtio-ports')) {
            next unless read_line("/sys/class/virtio-ports/$device/name") eq 'ordeal';
            if (open my $handle, '+<:raw', "/dev/$device") { return $handle; }
        }
        select undef, undef, undef, 0.01;
    }
    die "agent: no port to the host\n";
}

# glob would load a module.
sub entries {
    my ($path) = @_;
    opendir(my $directory, $path) or return;
    return grep { !/^\./ } readdir $directory;
}

# What udev does elsewhere.
sub name_standard_streams {
    symlink '/proc/self/fd', '/dev/fd';
    symlink "fd/$_->[0]", "/dev/$_->[1]" for [0, 'stdin'], [1, 'stdout'], [2, 'stderr'];
}

sub bring_up_loopback {
    socket(my $socket, AF_INET, SOCK_DGRAM, 0) or return;
    my $request = pack 'a16 s x22', 'lo', IFF_UP;
    ioctl($socket, SIOCSIFFLAGS, $request);
}

sub frame {
    my ($type, $id, $payload) = @_;
    my $bytes = pack('a N N', $type, $id, length $payload) . $payload;
    for (my $at = 0 ; $at < length $bytes ;) {
        my $written = syswrite $port, $bytes, CHUNK, $at;
        if (defined $written) { $at += $written; next; }
        die "agent: cannot write to the host: $!\n" unless $! == EINTR || $! == EAGAIN;
    }
}

# End of file means that the host's end is gone: so must the VM be.
sub take_frames {
    my $count = sysread $port, $received, CHUNK, length $received;
    return if !defined $count && ($! == EINTR || $! == EAGAIN);
    reset_machine() unless $count;
    while (length $received >= 9) {
        my ($type, $id, $length) = unpack 'a N N', $received;
        last if length $received < 9 + $length;
        my $payload = substr $received, 9, $length;
        substr($received, 0, 9 + $length) = '';
        my $command = $commands{$id};
        if    ($type eq 'R' || $type eq 'T') { start($id, $type eq 'T', $payload); }
        elsif (!$command)     { next; }
        elsif ($type eq 'I')  { $command->{in} ? ($command->{input} .= $payload) : frame('A', $id, $length); }
        elsif ($type eq 'E')  { $command->{input_ended} = 1; end_input($command); }
        elsif ($type eq 'S')  { kill($payload, -$command->{pid}) || kill $payload, $command->{pid}; }
    }
}

# The payload of a run: rows, columns, directory, the number of arguments, the arguments, then NAME=value; each
# ends with a zero byte.
sub start {
    my ($id, $on_terminal, $payload) = @_;
    my ($rows, $columns, $directory, $count, @rest) = split /\0/, $payload, -1;
    pop @rest;
    my @argv = splice @rest, 0, $count;
    my %environment = map { split /=/, $_, 2 } @rest;
    my ($in, $out, $err, @theirs);
    unless ($on_terminal) {
        pipe($theirs[0], $in) && pipe($out, $theirs[1]) && pipe($err, $theirs[2]) or die "agent: pipe: $!\n";
    }
    my $pid = fork // die "agent: fork: $!\n";
    become($directory, \@argv, \%environment, \@theirs, $rows, $columns) if $pid == 0;
    fcntl($in, F_SETFL, O_NONBLOCK) if $in;
    my $pidfd = syscall(SYS_pidfd_open, $pid, 0);
    open(my $handle, '<&=', $pidfd) or die "agent: pidfd: $!\n";
    $commands{$id} = {pid => $pid, pidfd => $handle, out => $out, err => $err, in => $in, input => ''};
}

# In the child: never returns.
sub become {
    my ($directory, $argv, $environment, $theirs, $rows, $columns) = @_;
    syscall(SYS_setsid);
    if (@$theirs) {
        open STDIN,  '<&', $theirs->[0];
        open STDOUT, '>&', $theirs->[1];
        open STDERR, '>&', $theirs->[2];
    } else {
        # The first terminal that a session leader opens becomes its controlling one.
        open STDIN, '+<', '/dev/hvc0';
        my $size = pack 'S4', $rows, $columns, 0, 0;
        ioctl(STDIN, TIOCSWINSZ, $size) if $rows;
        open STDOUT, '>&', \*STDIN;
        open STDERR, '>&', \*STDIN;
    }
    $SIG{PIPE} = $SIG{CHLD} = 'DEFAULT';
    %ENV = %$environment;
    my $code = 126;
    if (chdir $directory) {
        local $^W = 0;
        { exec { $argv->[0] } @$argv }
        $code = 127 if $! == ENOENT;
        syswrite STDERR, "ordeal: cannot run $argv->[0]: $!\n";
    } else {
        syswrite STDERR, "ordeal: cannot enter $directory: $!\n";
    }
    syscall(SYS_exit_group, $code);
}

sub feed {
    my ($id, $command) = @_;
    my $written = syswrite $command->{in}, $command->{input}, CHUNK;
    return if !defined $written && ($! == EINTR || $! == EAGAIN);
    # It closed its input: what is left counts as taken.
    my $closed = !defined $written;
    $written = length $command->{input} if $closed;
    substr($command->{input}, 0, $written) = '';
    frame('A', $id, $written);
    close delete $command->{in} if $closed;
    end_input($command);
}

sub end_input {
    my ($command) = @_;
    close delete $command->{in} if $command->{in} && $command->{input_ended} && !length $command->{input};
}

sub pass_on {
    my ($id, $command, $name, $type) = @_;
    my $count = sysread $command->{$name}, my $bytes, CHUNK;
    return $count if !defined $count && $! == EINTR;
    if ($count) { frame($type, $id, $bytes); }
    else        { close delete $command->{$name}; }
    return $count;
}

# What the command itself has written is in its pipes by now; what a process that it left behind writes later is
# not waited for.
sub finish {
    my ($id, $command) = @_;
    for my $stream (['out', 'O'], ['err', 'D']) {
        my ($name, $type) = @$stream;
        next unless $command->{$name};
        my $size = pack 'i', 0;
        ioctl($command->{$name}, FIONREAD, $size);
        for (my $left = unpack 'i', $size ; $left > 0 ;) {
            my $count = pass_on($id, $command, $name, $type) or last;
            $left -= $count;
        }
    }
    my $pid = $command->{pid};
    if (!exists $ended{$pid}) { waitpid $pid, 0; $ended{$pid} = $?; }
    frame('X', $id, delete $ended{$pid});
    delete $commands{$id};
}

sub reap {
    my %ours = map { $_->{pid} => 1 } values %commands;
    while ((my $pid = waitpid -1, WNOHANG) > 0) {
        $ended{$pid} = $? if $ours{$pid};
    }
}

sub read_line {
    my ($path) = @_;
    open(my $handle, '<', $path) or return '';
    chomp(my $line = <$handle> // '');
    return $line;
}

sub reset_machine {
    if (open my $trigger, '>', '/proc/sysrq-trigger') { syswrite $trigger, 'b'; }
    exit 1;
}
