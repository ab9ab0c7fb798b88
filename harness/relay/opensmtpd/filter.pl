#!/usr/bin/perl
# Refuses messages in which one of the given strings (in hexadecimal, with
# commas between) stands in a line. The server hands each line of a message to
# its filter and takes it back (smtpd-filters(7), protocol 0.6):
#   filter|VERSION|TIME|smtp-in|PHASE|SESSION|TOKEN|REST
# It also tells the server's time: who greets by the name time.hansei.test is
# refused with the stamp that the server gave the question. And if a folder is
# given, it keeps there how an address with capitals was written, for the table
# beside it: the server asks a table in small letters.
use strict;
use warnings;

$| = 1;
binmode STDIN;
binmode STDOUT;
my @bad = map { pack 'H*', $_ } split /,/, shift // '';
my $written = shift;
my %found;

while (my $line = <STDIN>) {
	chomp $line;
	if ($line eq 'config|ready') {
		print "register|filter|smtp-in|$_\n" for qw(helo data-line commit);
		print "register|filter|smtp-in|rcpt-to\n" if defined $written;
		print "register|report|smtp-in|link-disconnect\n", "register|ready\n";
		next;
	}
	my ($kind, undef, $time, undef, $phase, $session, $token, $rest) = split /\|/, $line, 8;
	next unless defined $session;
	if ($kind eq 'report') {
		delete $found{$session};
		next;
	}
	next unless $kind eq 'filter';
	$rest = '' unless defined $rest;
	if ($phase eq 'data-line') {
		for my $text (@bad) {
			$found{$session} = 1 if index($rest, $text) >= 0;
		}
		print "filter-dataline|$session|$token|$rest\n";
	} elsif ($phase eq 'commit' && delete $found{$session}) {
		print "filter-result|$session|$token|reject|550 5.7.1 message refused by the filter\n";
	} elsif ($phase eq 'rcpt-to') {
		keep($rest) if $rest ne lc $rest;
		print "filter-result|$session|$token|proceed\n";
	} elsif ($phase eq 'helo' && $rest eq 'time.hansei.test') {
		print "filter-result|$session|$token|reject|550 $time\n";
	} else {
		print "filter-result|$session|$token|proceed\n";
	}
}

# keep notes an address, by the same in small letters; the longest names of files
# have 255 bytes.
sub keep {
	my ($address) = @_;
	$address =~ s/^<|>$//g;
	my $name = $written . '/' . substr unpack('H*', lc $address), 0, 250;
	open my $file, '>', $name or return;
	print $file $address;
	close $file;
}
