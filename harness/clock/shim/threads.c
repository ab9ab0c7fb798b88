/* threads.c waits for other threads. */
#include "shim.h"

static int wait_sem(sem_t *sem, int64_t due) {
	sigset_t old;
	int64_t ns;
	int r, held = hold(&old);
	do {
		ns = step(due, 0);
		struct timespec t = to_ts(real_ns(CLOCK_REALTIME) + ns);
		r = REAL(sem_timedwait)(sem, &t);
		alarm_check();
	} while (r < 0 && errno == ETIMEDOUT && ns != 0);
	let_go(held, &old);
	return r;
}

EXPORT int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict until) {
	if (!file || !valid(until))
		return REAL(sem_timedwait)(sem, until);
	return wait_sem(sem, later(to_ns(until), -ahead()));
}

extern int sem_clockwait(sem_t *restrict, clockid_t, const struct timespec *restrict);

EXPORT int sem_clockwait(sem_t *restrict sem, clockid_t id,
			 const struct timespec *restrict until) {
	int64_t add = 0;
	if ((id != CLOCK_REALTIME && id != CLOCK_MONOTONIC) || !valid(until))
		return errno = EINVAL, -1;
	if (file) {
		base(id, &add);
		return wait_sem(sem, later(to_ns(until), add));
	}
	struct timespec t = *until;
	if (id == CLOCK_MONOTONIC)
		t = to_ts(later(to_ns(until), real_ns(CLOCK_REALTIME) - real_ns(id)));
	return REAL(sem_timedwait)(sem, &t);
}

/* A condition may wake for no reason (POSIX), and after a chunk it does: to wait
 * again in here could miss the signal that came in between. */
static int wait_cond(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t due) {
	clockid_t own = cond->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
	int64_t ns = step(due, 0);
	struct timespec t = to_ts(real_ns(own) + ns);
	int e = REAL(pthread_cond_timedwait)(cond, mutex, &t);
	alarm_check();
	return e == ETIMEDOUT && step(due, 0) != 0 ? 0 : e;
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
				  const struct timespec *restrict until) {
	if (!file || !valid(until))
		return REAL(pthread_cond_timedwait)(cond, mutex, until);
	int mono = cond->__data.__wrefs & 2;
	return wait_cond(cond, mutex, later(to_ns(until), mono ? file->mono_offset : -ahead()));
}

extern int pthread_cond_clockwait(pthread_cond_t *, pthread_mutex_t *, clockid_t,
				  const struct timespec *);

EXPORT int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t id,
				  const struct timespec *until) {
	int64_t add = 0;
	if ((id != CLOCK_REALTIME && id != CLOCK_MONOTONIC) || !valid(until))
		return EINVAL;
	if (file) {
		base(id, &add);
		return wait_cond(cond, mutex, later(to_ns(until), add));
	}
	clockid_t own = cond->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
	struct timespec t = *until;
	if (id != own)
		t = to_ts(later(to_ns(until), real_ns(own) - real_ns(id)));
	return REAL(pthread_cond_timedwait)(cond, mutex, &t);
}
