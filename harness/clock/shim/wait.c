/* wait.c waits: for descriptors, or just for a while. */
#include "shim.h"

int64_t chunk(void) { return (int64_t)file->chunk_us * 1000; }

static const sigset_t *without_tick(const sigset_t *mask, sigset_t *space) {
	if (!armed())
		return mask;
	if (mask)
		*space = *mask;
	else
		pthread_sigmask(SIG_BLOCK, NULL, space);
	sigaddset(space, TICK);
	return space;
}

/* step is how much wall time to wait next for the scenario time due, and at
 * least until the instant floor; 0 when it has come. */
int64_t step(int64_t due, int64_t floor) {
	struct segment s;
	int64_t t = look(&s), ns;
	if (fake_at(&s, t) >= due && t >= floor)
		return 0;
	int64_t until = due_at(&s, due);
	if (until < floor)
		until = floor;
	ns = until - t;
	return ns < 1 ? 1 : ns > chunk() ? chunk() : ns;
}

int wait_poll(struct pollfd *fds, nfds_t n, int64_t due, int64_t floor,
		     const sigset_t *mask) {
	sigset_t space;
	mask = without_tick(mask, &space);
	for (;;) {
		int64_t ns = step(due, floor);
		struct timespec t = to_ts(ns);
		int r = REAL(ppoll)(fds, n, &t, mask);
		if (r != 0 || ns == 0)
			return r;
		alarm_check();
	}
}

/* A timed wait for exactly one descriptor is a time-out for somebody's answer,
 * not an event loop; the peer gets some wall time to give it. */
static int64_t grace(nfds_t n, int64_t ns) {
	int64_t most = (int64_t)file->grace_us * 1000;
	return n == 1 ? real_ns(CLOCK_MONOTONIC) + (ns < most ? ns : most) : 0;
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout) {
	if (!file || timeout == 0 || (timeout < 0 && !armed()))
		return REAL(poll)(fds, n, timeout);
	if (timeout < 0)
		return wait_poll(fds, n, NEVER, 0, NULL);
	int64_t ns = timeout * INT64_C(1000000);
	return wait_poll(fds, n, later(fake_now(), ns), grace(n, ns), NULL);
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		 const sigset_t *mask) {
	if (!file || (!timeout && !armed()) || (timeout && (!valid(timeout) || !to_ns(timeout))))
		return REAL(ppoll)(fds, n, timeout, mask);
	if (!timeout)
		return wait_poll(fds, n, NEVER, 0, mask);
	int64_t ns = to_ns(timeout);
	return wait_poll(fds, n, later(fake_now(), ns), grace(n, ns), mask);
}

/* The checked variants that fortified programs call. */
extern int __poll_chk(struct pollfd *, nfds_t, int, size_t);
extern int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t);

EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size) {
	if (size / sizeof *fds < n)
		abort();
	return poll(fds, n, timeout);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		       const sigset_t *mask, size_t size) {
	if (size / sizeof *fds < n)
		abort();
	return ppoll(fds, n, timeout, mask);
}

/* wait_select keeps the sets aside, because a chunk that ends empties them. */
static int wait_select(int n, fd_set *sets[3], int64_t due, const sigset_t *mask) {
	size_t size = ((size_t)n + 63) / 64 * 8;
	char kept[3][size + 1];
	sigset_t space;
	mask = without_tick(mask, &space);
	for (int i = 0; i < 3; i++)
		if (sets[i])
			memcpy(kept[i], sets[i], size);
	for (;;) {
		int64_t ns = step(due, 0);
		struct timespec t = to_ts(ns);
		int r = REAL(pselect)(n, sets[0], sets[1], sets[2], &t, mask);
		if (r != 0 || ns == 0)
			return r;
		for (int i = 0; i < 3; i++)
			if (sets[i])
				memcpy(sets[i], kept[i], size);
		alarm_check();
	}
}

EXPORT int pselect(int n, fd_set *restrict r, fd_set *restrict w, fd_set *restrict x,
		   const struct timespec *restrict timeout, const sigset_t *restrict mask) {
	if (!file || n < 0 || n > 1 << 20 || (!timeout && !armed()) ||
	    (timeout && (!valid(timeout) || !to_ns(timeout))))
		return REAL(pselect)(n, r, w, x, timeout, mask);
	fd_set *sets[3] = {r, w, x};
	return wait_select(n, sets, timeout ? later(fake_now(), to_ns(timeout)) : NEVER, mask);
}

EXPORT int select(int n, fd_set *restrict r, fd_set *restrict w, fd_set *restrict x,
		  struct timeval *restrict timeout) {
	if (!file || n < 0 || n > 1 << 20 || (!timeout && !armed()) ||
	    (timeout && (timeout->tv_sec < 0 || timeout->tv_usec < 0 || !tv_ns(timeout))))
		return REAL(select)(n, r, w, x, timeout);
	fd_set *sets[3] = {r, w, x};
	int64_t due = timeout ? later(fake_now(), tv_ns(timeout)) : NEVER;
	int result = wait_select(n, sets, due, NULL);
	if (timeout) { /* Linux says what is left */
		int64_t left = due - fake_now();
		*timeout = to_tv(left > 0 ? left : 0);
	}
	return result;
}

/* epoll_step waits to the nanosecond where the kernel can (5.11), else rounds
 * up to the next millisecond. */
static int epoll_step(int fd, struct epoll_event *events, int max, int64_t ns,
		      const sigset_t *mask) {
#ifdef SYS_epoll_pwait2
	static _Atomic int missing;
	struct timespec t = to_ts(ns);
	if (!missing) {
		int r = syscall(SYS_epoll_pwait2, fd, events, max, &t, mask, _NSIG / 8);
		if (r >= 0 || (errno != ENOSYS && errno != EPERM))
			return r;
		missing = 1;
	}
#endif
	return REAL(epoll_pwait)(fd, events, max, (ns + 999999) / 1000000, mask);
}

static int wait_epoll(int fd, struct epoll_event *events, int max, int64_t due,
		      const sigset_t *mask) {
	sigset_t space;
	mask = without_tick(mask, &space);
	for (;;) {
		int64_t ns = step(due, 0);
		int r = epoll_step(fd, events, max, ns, mask);
		if (r != 0 || ns == 0)
			return r;
		alarm_check();
	}
}

EXPORT int epoll_pwait(int fd, struct epoll_event *events, int max, int timeout,
		       const sigset_t *mask) {
	if (!file || timeout == 0 || (timeout < 0 && !armed()))
		return REAL(epoll_pwait)(fd, events, max, timeout, mask);
	int64_t due = timeout < 0 ? NEVER : later(fake_now(), timeout * INT64_C(1000000));
	return wait_epoll(fd, events, max, due, mask);
}

EXPORT int epoll_wait(int fd, struct epoll_event *events, int max, int timeout) {
	if (!file || timeout == 0 || (timeout < 0 && !armed()))
		return REAL(epoll_wait)(fd, events, max, timeout);
	return epoll_pwait(fd, events, max, timeout, NULL);
}

#ifdef SYS_epoll_pwait2
/* Declared here, because the headers of older C libraries do not have it. */
extern int epoll_pwait2(int, struct epoll_event *, int, const struct timespec *,
			const sigset_t *);

EXPORT int epoll_pwait2(int fd, struct epoll_event *events, int max,
			const struct timespec *timeout, const sigset_t *mask) {
	if (!file || (!timeout && !armed()) || (timeout && (!valid(timeout) || !to_ns(timeout))))
		return syscall(SYS_epoll_pwait2, fd, events, max, timeout, mask, _NSIG / 8);
	int64_t due = timeout ? later(fake_now(), to_ns(timeout)) : NEVER;
	return wait_epoll(fd, events, max, due, mask);
}
#endif

/* sleep_until returns 0, or EINTR with what is left. */
int sleep_until(int64_t due, struct timespec *left) {
	if (wait_poll(NULL, 0, due, 0, NULL) == 0)
		return 0;
	int64_t ns = due - fake_now();
	if (left)
		*left = to_ts(ns > 0 ? ns : 0);
	return EINTR;
}

EXPORT int nanosleep(const struct timespec *d, struct timespec *left) {
	if (!file || !valid(d))
		return REAL(nanosleep)(d, left);
	int e = sleep_until(later(fake_now(), to_ns(d)), left);
	return e ? errno = e, -1 : 0;
}

EXPORT int clock_nanosleep(clockid_t id, int flags, const struct timespec *d,
			   struct timespec *left) {
	int64_t add;
	if (!file || !base(id, &add) || !valid(d))
		return REAL(clock_nanosleep)(id, flags, d, left);
	if (flags & TIMER_ABSTIME)
		return sleep_until(later(to_ns(d), add), NULL);
	return sleep_until(later(fake_now(), to_ns(d)), left);
}

EXPORT unsigned sleep(unsigned seconds) {
	if (!file)
		return REAL(sleep)(seconds);
	struct timespec d = {seconds, 0}, left = {0, 0};
	nanosleep(&d, &left);
	return left.tv_sec + (left.tv_nsec >= NS / 2);
}

EXPORT int usleep(useconds_t us) {
	if (!file)
		return REAL(usleep)(us);
	struct timespec d = {us / 1000000, us % 1000000 * 1000};
	return nanosleep(&d, NULL);
}
