/* time.c tells the time. */
#include "shim.h"

int64_t to_ns(const struct timespec *t) {
	int64_t ns;
	if (__builtin_mul_overflow((int64_t)t->tv_sec, NS, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)t->tv_nsec, &ns))
		return t->tv_sec < 0 ? INT64_MIN : NEVER;
	return ns;
}

struct timespec to_ts(int64_t ns) {
	struct timespec t = {ns / NS, ns % NS};
	if (t.tv_nsec < 0)
		t.tv_sec--, t.tv_nsec += NS;
	return t;
}

struct timeval to_tv(int64_t ns) {
	struct timeval t = {ns / NS, ns % NS / 1000};
	return t;
}

int64_t tv_ns(const struct timeval *t) {
	struct timespec s = {t->tv_sec, t->tv_usec * 1000};
	return to_ns(&s);
}

int64_t later(int64_t a, int64_t b) {
	int64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? (b < 0 ? INT64_MIN : NEVER) : sum;
}

int valid(const struct timespec *t) {
	return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < NS;
}

int64_t real_ns(clockid_t id) {
	struct timespec t;
	REAL(clock_gettime)(id, &t);
	return to_ns(&t);
}

/* look returns the present instant and finds the segment that holds then. The
 * second look at seq proves that no segment became known before the instant. */
int64_t look(struct segment *s) {
	for (;;) {
		uint32_t seq = atomic_load_explicit(&file->seq, memory_order_acquire);
		int64_t t = real_ns(CLOCK_MONOTONIC);
		if (seq != atomic_load_explicit(&file->seq, memory_order_acquire))
			continue;
		uint32_t back = 0;
		while (back < seq && back < SEGMENTS - 2 &&
		       t < file->ring[(seq - back) % SEGMENTS].mono)
			back++;
		*s = file->ring[(seq - back) % SEGMENTS];
		return t;
	}
}

int64_t scale(int64_t ns, int64_t rate) { return ((__int128)ns * rate) >> 16; }

int64_t fake_at(const struct segment *s, int64_t t) {
	if (t < s->mono) /* before all history time went at the wall's pace */
		return s->fake - (s->mono - t);
	return s->fake + scale(t - s->mono, s->rate);
}

int64_t fake_now(void) {
	struct segment s;
	int64_t t = look(&s);
	return fake_at(&s, t);
}

/* ahead is by how much somebody has set the wall clock. The monotonic clocks,
 * and so every wait for a length of time, know nothing of it. */
int64_t ahead(void) { return atomic_load_explicit(&file->ahead, memory_order_acquire); }

int64_t wall_now(void) { return fake_now() + ahead(); }

/* due_at is the first instant at which it is fake or later, at s's rate. */
int64_t due_at(const struct segment *s, int64_t fake) {
	if (fake <= s->fake)
		return s->mono;
	if (s->rate == 0)
		return NEVER;
	__int128 ns = ((((__int128)fake - s->fake) << 16) + s->rate - 1) / s->rate;
	return ns > NEVER - s->mono ? NEVER : s->mono + (int64_t)ns;
}

/* base is what to add to a clock's reading to get scenario time; 0: not ours. */
int base(clockid_t id, int64_t *add) {
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*add = -ahead();
		return 1;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
		*add = file->mono_offset;
		return 1;
	case CLOCK_BOOTTIME: /* as a machine that never was suspended */
		*add = file->mono_offset;
		return 1;
	}
	return 0;
}

EXPORT int clock_gettime(clockid_t id, struct timespec *out) {
	int64_t add;
	if (!file || !base(id, &add))
		return REAL(clock_gettime)(id, out);
	*out = to_ts(fake_now() - add);
	return 0;
}

EXPORT int gettimeofday(struct timeval *restrict out, void *restrict zone) {
	if (!file)
		return REAL(gettimeofday)(out, zone);
	struct timespec t = to_ts(wall_now());
	out->tv_sec = t.tv_sec;
	out->tv_usec = t.tv_nsec / 1000;
	if (zone)
		memset(zone, 0, sizeof(struct timezone));
	return 0;
}

EXPORT time_t time(time_t *out) {
	if (!file)
		return REAL(time)(out);
	time_t t = to_ts(wall_now()).tv_sec;
	if (out)
		*out = t;
	return t;
}

EXPORT int timespec_get(struct timespec *out, int which) {
	if (!file || which != TIME_UTC)
		return REAL(timespec_get)(out, which);
	*out = to_ts(wall_now());
	return which;
}
