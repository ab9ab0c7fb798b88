/* timerfd.c scales timers that the kernel keeps. */
#include "shim.h"

/* A timerfd is the kernel's; it gets the present rate when it is set. A frozen
 * clock counts as one at rate 1, or the timer would never be heard of again. */
EXPORT int timerfd_settime(int fd, int flags, const struct itimerspec *new,
			   struct itimerspec *old) {
	if (!file || !valid(&new->it_value) || !valid(&new->it_interval))
		return REAL(timerfd_settime)(fd, flags, new, old);
	struct segment s;
	int64_t t = look(&s), fake = fake_at(&s, t), ns = to_ns(&new->it_value);
	int64_t rate = s.rate ? s.rate : 1 << 16;
	if (ns && flags & TFD_TIMER_ABSTIME) {
		/* Only the value tells which clock it is of: uptime is short. */
		ns -= fake - (ns < 10 * 366 * 86400 * NS ? file->mono_offset : 0);
		ns = ns < 1 ? 1 : ns;
	}
	struct segment pace = {0, 0, 0, rate};
	struct itimerspec real = {to_ts(due_at(&pace, to_ns(&new->it_interval))),
				  to_ts(due_at(&pace, ns))};
	int r = REAL(timerfd_settime)(
		fd, flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET), &real, old);
	if (r == 0 && old) {
		old->it_value = to_ts(scale(to_ns(&old->it_value), rate));
		old->it_interval = to_ts(scale(to_ns(&old->it_interval), rate));
	}
	return r;
}
