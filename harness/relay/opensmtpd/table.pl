#!/usr/bin/perl
# Says for every address that is looked up that it stands for two: its spare copy
# and itself. The server speaks with a table by imsg(3) messages (table_proc.c):
# a header of 16 bytes (type, length with the header, flags, peer, process), then
# for a look-up the kind, a count of parameters and the key with a zero byte.
# Argument: the folder in which the filter notes addresses with capitals, a comma,
# the domain of the spare store.
use strict;
use warnings;

# The types (smtpd-api.h): an answer, and what is asked; 3 is the end.
use constant { T_OK => 0, T_OPEN => 2, T_UPDATE => 4, T_CHECK => 5, T_LOOKUP => 6, T_FETCH => 7 };
my ($written, $domain) = split /,/, shift;
binmode STDIN;
open my $out, '>&=', 0 or die "table: $!"; # the socket is standard input

sub take {
	my ($length) = @_;
	my $data = '';
	while (length $data < $length) {
		sysread STDIN, $data, $length - length $data, length $data or exit 0;
	}
	return $data;
}

# give answers.
sub give {
	my ($data) = @_;
	my $all = pack('L S S L L', T_OK, 16 + length $data, 0, 0, $$) . $data;
	defined syswrite $out, $all or die "table: $!";
}

# spelt is an address as its sender wrote it.
sub spelt {
	my ($address) = @_;
	open my $file, '<', $written . '/' . substr(unpack('H*', $address), 0, 250) or return $address;
	my $text = <$file>;
	return defined $text && lc $text eq $address ? $text : $address;
}

while (1) {
	my ($type, $length) = unpack 'L S', take(16);
	my $data = take($length - 16);
	if ($type == T_OPEN) {
		give('');
	} elsif ($type == T_UPDATE) {
		give(pack 'l', 1);
	} elsif ($type == T_CHECK || $type == T_LOOKUP) {
		my $key = unpack 'Z*', substr $data, 12;
		my ($local, $of) = $key =~ /^([^@]+)@([^@]+)$/;
		if (!defined $of) {
			give(pack 'l', 0);
		} elsif ($type == T_CHECK) {
			give(pack 'l', 1);
		} else {
			my $address = spelt($key);
			(my $copy = $address) =~ s/@/=/;
			give(pack 'l Z*', 1, "$copy\@$domain, $address");
		}
	} elsif ($type == T_FETCH) {
		give(pack 'l', 0);
	} else {
		exit 0;
	}
}
