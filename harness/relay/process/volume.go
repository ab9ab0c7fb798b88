package process

// Volume is a file system in memory at one folder, whose size can be changed
// while it is used: a disk that can run full. It is mounted in a mount
// namespace of its own, which a process of ours holds, so that what is in it
// outlives the trees that grow in it, but never us.
type Volume struct{ hold }

// volumeSize is how large a volume is as long as nobody fills it. It takes only
// the memory that its files do; the size must satisfy relays that want room to
// spare for their largest message (Postfix: 1.5 times message_size_limit).
const volumeSize = 2 << 30
