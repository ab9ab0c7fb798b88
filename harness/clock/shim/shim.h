/*
 * This library, preloaded, makes an unmodified program read the clock that the
 * harness keeps in a small shared file, and wait by it. It is compiled where it
 * is used: cc -std=gnu11 -O2 -fPIC -shared -fvisibility=hidden *.c -ldl -lpthread
 *
 * How it stays true:
 *  - Every instant is computed from a segment of constant rate, in integers, the
 *    same way in every process. The writer (File in file_linux.go) fills in the
 *    next segment before it makes it known, and lets it begin 2 ms ahead: until
 *    then both readings are the same, so time never steps back, not even
 *    between processes.
 *  - Timed waits are cut into chunks of at most 20 ms of wall time. After each
 *    the scenario time is looked at again, so the rate may change while a
 *    program sleeps. Nothing wakes early; an increase of the rate is noticed one
 *    chunk late at worst. Waits without end go straight to the kernel.
 *  - alarm() and setitimer() are kept by a private real-time signal (TICK), which
 *    restarts what it interrupts. When the time has come it lets the kernel send
 *    SIGALRM a moment later: only a signal of its own makes read() or wait()
 *    return EINTR, as the program expects.
 *  - Stamps that the kernel gave to files become scenario time when the program
 *    looks at them; stamps that a program set itself are left alone.
 *
 * Without a clock file every function is the C library's own. Wall time stays
 * what it was for: statically linked programs and Go programs (they do not call
 * the C library), the C library's own calls (resolver time-outs, the stamp of
 * syslog()), SO_RCVTIMEO, timer_settime(), an alarm left behind across exec, and
 * every timer of the kernel (TCP). A timerfd is scaled once, when it is set.
 * For 64-bit Linux with glibc 2.25 or newer (tested with 2.36); musl is not supported.
 */
#ifndef HANSEI_SHIM_H
#define HANSEI_SHIM_H

#undef _FORTIFY_SOURCE /* the plain declarations are the ones defined here */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#ifndef __GLIBC__
#error "the clock's shim needs glibc; musl is not supported"
#endif
_Static_assert(sizeof(long) == 8, "the clock's shim needs a 64-bit machine");

#define EXPORT __attribute__((visibility("default")))
#define NS INT64_C(1000000000)
#define NEVER INT64_MAX
#define TICK 62 /* the private signal: real-time, and far from those in use */

/* ---- the clock file; layout in file_linux.go is the same ---- */

#define MAGIC UINT64_C(0x31304b4c43534e48)
#define SEGMENTS (1 << 14)

struct segment {
	int64_t mono; /* real CLOCK_MONOTONIC at the beginning, ns */
	int64_t fake; /* scenario time then, ns since 1970 */
	int64_t wall; /* real CLOCK_REALTIME then */
	int64_t rate; /* scenario ns per ns, times 65536; 0 is frozen */
};

struct clock_file {
	uint64_t magic;
	_Atomic uint32_t seq;
	uint32_t count;
	uint32_t chunk_us, grace_us;
	int64_t mono_offset; /* scenario time less the CLOCK_MONOTONIC shown */
	int64_t split;       /* stamps of files after it are the kernel's */
	_Atomic int64_t ahead;      /* the wall clock shown, before scenario time */
	_Atomic int64_t ahead_from; /* real CLOCK_REALTIME since when */
	_Atomic int64_t sync_delay; /* what fsync takes longer, scenario ns */
	struct segment ring[SEGMENTS];
};

/* file is the clock, or NULL: then every function stands aside. */
extern const struct clock_file *file;

/* ---- the C library's own functions (shim.c) ---- */

#define WRAPPED(X) X(clock_gettime) X(gettimeofday) X(time) X(timespec_get) X(nanosleep) \
	X(clock_nanosleep) X(sleep) X(usleep) X(poll) X(ppoll) X(select) X(pselect) \
	X(epoll_wait) X(epoll_pwait) X(alarm) X(ualarm) X(setitimer) X(getitimer) X(pause) \
	X(sigsuspend) X(sigtimedwait) X(sigwaitinfo) X(sigaction) X(signal) X(sem_timedwait) \
	X(timerfd_settime) X(pthread_cond_timedwait) X(fsync) X(fdatasync) \
	X(fts_read) X(fts64_read)
enum {
#define X(name) AT_##name,
	WRAPPED(X)
#undef X
	AT_END
};
void *find(int at);
#define REAL(name) ((__typeof__(&name))find(AT_##name))

/* ---- what time it is (time.c) ---- */

int64_t to_ns(const struct timespec *t);  /* saturates */
struct timespec to_ts(int64_t ns);
int64_t tv_ns(const struct timeval *t);
struct timeval to_tv(int64_t ns);
int64_t later(int64_t a, int64_t b);      /* a + b, saturates */
int valid(const struct timespec *t);
int64_t scale(int64_t ns, int64_t rate);
int64_t real_ns(clockid_t id);
int64_t look(struct segment *s);
int64_t fake_at(const struct segment *s, int64_t t);
int64_t fake_now(void);
int64_t ahead(void);
int64_t wall_now(void);                   /* as CLOCK_REALTIME shows it */
int64_t due_at(const struct segment *s, int64_t fake);
int base(clockid_t id, int64_t *add);

/* ---- alarms (alarm.c) ---- */

int armed(void);
void alarm_check(void);
void alarm_start(void);

/* ---- waiting (wait.c) ---- */

int64_t chunk(void);
int64_t step(int64_t due, int64_t floor);
int sleep_until(int64_t due, struct timespec *left);
int wait_poll(struct pollfd *fds, nfds_t n, int64_t due, int64_t floor, const sigset_t *mask);
int hold(sigset_t *old);
void let_go(int held, const sigset_t *old);

#endif
