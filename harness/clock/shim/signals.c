/* signals.c waits for signals. */
#include "shim.h"

EXPORT int pause(void) {
	return !file || !armed() ? REAL(pause)() : wait_poll(NULL, 0, NEVER, 0, NULL);
}

EXPORT int sigsuspend(const sigset_t *mask) {
	return !file || !armed() ? REAL(sigsuspend)(mask) : wait_poll(NULL, 0, NEVER, 0, mask);
}

/* hold keeps ticks off for calls that take no mask. */
int hold(sigset_t *old) {
	sigset_t only;
	if (!armed())
		return 0;
	sigemptyset(&only);
	sigaddset(&only, TICK);
	return pthread_sigmask(SIG_BLOCK, &only, old) == 0;
}

void let_go(int held, const sigset_t *old) {
	int saved = errno;
	if (held)
		pthread_sigmask(SIG_SETMASK, old, NULL);
	errno = saved;
}

EXPORT int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
			const struct timespec *restrict timeout) {
	if (!file || (!timeout && !armed()) || (timeout && !valid(timeout)))
		return REAL(sigtimedwait)(set, info, timeout);
	int64_t ns, due = timeout ? later(fake_now(), to_ns(timeout)) : NEVER;
	sigset_t old;
	int r, held = hold(&old);
	do {
		struct timespec t = to_ts(ns = step(due, 0));
		r = REAL(sigtimedwait)(set, info, &t);
		alarm_check();
	} while (r < 0 && errno == EAGAIN && ns != 0);
	let_go(held, &old);
	return r;
}

EXPORT int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info) {
	return !file || !armed() ? REAL(sigwaitinfo)(set, info) : sigtimedwait(set, info, NULL);
}
