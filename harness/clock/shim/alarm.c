/* alarm.c keeps alarm() and setitimer(ITIMER_REAL) by a private signal. */
#include "shim.h"

static _Atomic int64_t alarm_due;   /* scenario time; 0: none */
static _Atomic int64_t alarm_every; /* scenario ns; 0: once */
static _Atomic int tick_made;
static int tick_timer;

/* tick_arm rings the private signal after a chunk, or when the alarm is due. */
static void tick_arm(void) {
	struct segment s;
	int64_t t = look(&s), due = atomic_load(&alarm_due);
	struct itimerspec when = {0};
	if (due) {
		int64_t ns = due_at(&s, due) - t;
		when.it_value = to_ts(ns < 1 ? 1 : ns > chunk() ? chunk() : ns);
	}
	if (tick_made)
		syscall(SYS_timer_settime, tick_timer, 0, &when, NULL);
}

/* armed tells whether ticks come; waits then hold them off, and look after the
 * alarm themselves (which also serves programs that block all signals). */
int armed(void) { return atomic_load(&alarm_due) != 0; }

/* alarm_check lets the kernel send SIGALRM in 2 ms if the alarm is due. A tick
 * handler is surely over by then, so the signal meets the restarted call. */
void alarm_check(void) {
	int64_t due = atomic_load(&alarm_due), every = atomic_load(&alarm_every);
	int64_t now = due ? fake_now() : 0;
	if (!due || now < due)
		return;
	int64_t next = every ? due + every * ((now - due) / every + 1) : 0;
	struct itimerval soon = {{0, 0}, {0, 2000}};
	if (atomic_compare_exchange_strong(&alarm_due, &due, next))
		REAL(setitimer)(ITIMER_REAL, &soon, NULL);
}

static void tick(int sig) {
	int saved = errno;
	(void)sig;
	alarm_check();
	if (atomic_load(&alarm_due))
		tick_arm();
	errno = saved;
}

static void alarm_left(struct itimerval *out) {
	int64_t due = atomic_load(&alarm_due), left = due ? due - fake_now() : 0;
	if (due && left < 1000)
		left = 1000; /* overdue, but not yet sent */
	out->it_value = to_tv(left);
	out->it_interval = to_tv(atomic_load(&alarm_every));
}

EXPORT int getitimer(__itimer_which_t which, struct itimerval *out) {
	if (!file || which != ITIMER_REAL)
		return REAL(getitimer)(which, out);
	alarm_left(out);
	return 0;
}

EXPORT int setitimer(__itimer_which_t which, const struct itimerval *restrict new,
		     struct itimerval *restrict old) {
	static const struct itimerval none;
	if (!file || which != ITIMER_REAL)
		return REAL(setitimer)(which, new, old);
	if (!new)
		new = &none; /* Linux takes NULL for zero */
	if (new->it_value.tv_sec < 0 || new->it_value.tv_usec < 0 ||
	    new->it_value.tv_usec > 999999)
		return errno = EINVAL, -1;
	if (!tick_made) {
		struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = TICK};
		if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &tick_timer) < 0)
			return -1;
		tick_made = 1;
	}
	if (old)
		alarm_left(old);
	int64_t ns = tv_ns(&new->it_value);
	atomic_store(&alarm_due, 0);
	REAL(setitimer)(ITIMER_REAL, &none, NULL); /* one may be on its way */
	atomic_store(&alarm_every, tv_ns(&new->it_interval));
	atomic_store(&alarm_due, ns ? later(fake_now(), ns) : 0);
	tick_arm();
	return 0;
}

EXPORT unsigned alarm(unsigned seconds) {
	if (!file)
		return REAL(alarm)(seconds);
	struct itimerval new = {{0, 0}, {seconds, 0}}, old;
	if (setitimer(ITIMER_REAL, &new, &old) < 0)
		return 0;
	unsigned left = old.it_value.tv_sec;
	if (old.it_value.tv_usec >= 500000 || (left == 0 && old.it_value.tv_usec > 0))
		left++;
	return left;
}

EXPORT useconds_t ualarm(useconds_t value, useconds_t interval) {
	if (!file)
		return REAL(ualarm)(value, interval);
	struct itimerval new = {{interval / 1000000, interval % 1000000},
				{value / 1000000, value % 1000000}}, old;
	if (setitimer(ITIMER_REAL, &new, &old) < 0)
		return -1;
	return old.it_value.tv_sec * 1000000 + old.it_value.tv_usec;
}

/* A program must not take the private signal away, not even one that resets
 * all signals. */
EXPORT int sigaction(int sig, const struct sigaction *restrict new,
		     struct sigaction *restrict old) {
	if (!file || sig != TICK)
		return REAL(sigaction)(sig, new, old);
	if (old)
		memset(old, 0, sizeof *old);
	return 0;
}

EXPORT __sighandler_t signal(int sig, __sighandler_t handler) {
	return !file || sig != TICK ? REAL(signal)(sig, handler) : SIG_DFL;
}

/* A child has no timers and so no alarm (fork(2)). */
static void forked(void) {
	atomic_store(&alarm_due, 0);
	atomic_store(&alarm_every, 0);
	tick_made = 0;
}

/* alarm_start takes the private signal at once, before there is any alarm: the
 * default for a stray one would be to end the program. */
void alarm_start(void) {
	struct sigaction a = {.sa_handler = tick, .sa_flags = SA_RESTART};
	REAL(sigaction)(TICK, &a, NULL);
	pthread_atfork(NULL, NULL, forked);
}
