/* disk.c lets a disk be slow: what makes writes durable takes longer. */
#include "shim.h"

/* slowly adds the delay after the work, of which errno tells. */
static int slowly(int r) {
	int saved = errno;
	int64_t delay = file ? atomic_load_explicit(&file->sync_delay, memory_order_acquire) : 0;
	if (delay > 0) {
		int64_t due = later(fake_now(), delay);
		while (sleep_until(due, NULL)) /* no signal hurries a disk */
			;
	}
	errno = saved;
	return r;
}

EXPORT int fsync(int fd) { return slowly(REAL(fsync)(fd)); }

EXPORT int fdatasync(int fd) { return slowly(REAL(fdatasync)(fd)); }
