/*
 * shimtest NAME [FILE]: does one thing under the shared clock and says "ok" or
 * what was wrong. All waits are long on the scenario's clock and short on the
 * wall; what does not follow the clock runs into the caller's time limit.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#define NS INT64_C(1000000000)
#define LONG 120 /* scenario seconds of a wait */

static void fail(const char *format, ...) {
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(" (errno %d: %s)\n", errno, strerror(errno));
	exit(1);
}

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			fail("line %d: not so: %s", __LINE__, #condition); \
	} while (0)

static struct timespec ts(int64_t ns) { return (struct timespec){ns / NS, ns % NS}; }

static int64_t clock_ns(clockid_t id) {
	struct timespec t;
	CHECK(clock_gettime(id, &t) == 0);
	return t.tv_sec * NS + t.tv_nsec;
}

/* wall_ns asks the kernel, past every library. */
static int64_t wall_ns(clockid_t id) {
	struct timespec t;
	CHECK(syscall(SYS_clock_gettime, id, &t) == 0);
	return t.tv_sec * NS + t.tv_nsec;
}

static int64_t now(void) { return clock_ns(CLOCK_MONOTONIC); }

static int64_t begun;
static void begin(void) { begun = now(); }
static void passed(int64_t seconds) { CHECK(now() - begun >= seconds * NS); }

static volatile sig_atomic_t alarms;
static void on_alarm(int sig) {
	(void)sig;
	alarms++;
}

/* catch_alarm sets a handler that interrupts, as the C library's signal() does not. */
static void catch_alarm(void) {
	struct sigaction a = {.sa_handler = on_alarm};
	CHECK(sigaction(SIGALRM, &a, NULL) == 0);
}

static int silent(void) { /* a descriptor on which nothing ever comes */
	int fds[2];
	CHECK(pipe(fds) == 0);
	return fds[0];
}

/* ---- clocks ---- */

static void clocks(void) {
	struct timeval tv;
	struct timespec t;
	int64_t a = clock_ns(CLOCK_REALTIME);
	CHECK(gettimeofday(&tv, NULL) == 0);
	CHECK(tv.tv_sec * NS + tv.tv_usec * 1000 + 1000 > a);
	CHECK(timespec_get(&t, TIME_UTC) == TIME_UTC);
	CHECK(t.tv_sec * NS + t.tv_nsec >= tv.tv_sec * NS + tv.tv_usec * 1000);
	CHECK(time(NULL) >= t.tv_sec);
	CHECK(clock_ns(CLOCK_REALTIME_COARSE) >= a);
	CHECK(wall_ns(CLOCK_REALTIME) - a > 365 * 86400 * NS);
	CHECK(clock_ns(CLOCK_MONOTONIC_RAW) <= clock_ns(CLOCK_MONOTONIC));
	CHECK(clock_ns(CLOCK_PROCESS_CPUTIME_ID) < 60 * NS);
}

/* ---- plain waits ---- */

static void t_nanosleep(void) {
	struct timespec d = ts(LONG * NS), bad = {0, NS};
	CHECK(nanosleep(&d, NULL) == 0);
	passed(LONG);
	CHECK(nanosleep(&bad, NULL) == -1 && errno == EINVAL);
}

static void t_clock_nanosleep(void) {
	struct timespec d = ts(LONG * NS);
	CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &d, NULL) == 0);
	passed(LONG);
	clockid_t ids[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME};
	for (int i = 0; i < 3; i++) {
		d = ts(clock_ns(ids[i]) + LONG * NS);
		CHECK(clock_nanosleep(ids[i], TIMER_ABSTIME, &d, NULL) == 0);
		CHECK(clock_ns(ids[i]) >= d.tv_sec * NS + d.tv_nsec);
	}
	passed(4 * LONG);
}

static void t_sleep(void) {
	CHECK(sleep(LONG) == 0);
	passed(LONG);
	CHECK(usleep(LONG * 1000000) == 0);
	passed(2 * LONG);
}

static void t_poll(void) {
	struct pollfd fds[2] = {{silent(), POLLIN, 0}, {silent(), POLLIN, 0}};
	struct timespec d = ts(LONG * NS);
	CHECK(poll(fds, 2, LONG * 1000) == 0);
	passed(LONG);
	CHECK(ppoll(fds, 2, &d, NULL) == 0);
	passed(2 * LONG);
	extern int __poll_chk(struct pollfd *, nfds_t, int, size_t);
	CHECK(__poll_chk(fds, 2, LONG * 1000, sizeof fds) == 0);
	passed(3 * LONG);
	CHECK(poll(fds, 2, 0) == 0);
}

/* A wait for one descriptor leaves the peer 200 ms of wall time, unless the
 * program asked for less itself. */
static void t_grace(void) {
	struct pollfd fd = {silent(), POLLIN, 0};
	int64_t wall = wall_ns(CLOCK_MONOTONIC);
	CHECK(poll(&fd, 1, 5000) == 0);
	CHECK(wall_ns(CLOCK_MONOTONIC) - wall >= 200 * 1000000);
	wall = wall_ns(CLOCK_MONOTONIC);
	CHECK(poll(&fd, 1, 7) == 0);
	CHECK(wall_ns(CLOCK_MONOTONIC) - wall >= 7 * 1000000);
}

static void t_select(void) {
	int fd = silent();
	fd_set set;
	FD_ZERO(&set);
	FD_SET(fd, &set);
	struct timeval d = {LONG, 0};
	struct timespec p = ts(LONG * NS);
	CHECK(select(fd + 1, &set, NULL, NULL, &d) == 0);
	passed(LONG);
	CHECK(!FD_ISSET(fd, &set) && d.tv_sec == 0 && d.tv_usec == 0);
	CHECK(pselect(0, NULL, NULL, NULL, &p, NULL) == 0);
	passed(2 * LONG);
}

static void t_epoll(void) {
	int fd = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN};
	struct timespec d = ts(LONG * NS);
	CHECK(epoll_ctl(fd, EPOLL_CTL_ADD, silent(), &event) == 0);
	CHECK(epoll_wait(fd, &event, 1, LONG * 1000) == 0);
	passed(LONG);
	CHECK(epoll_pwait(fd, &event, 1, LONG * 1000, NULL) == 0);
	passed(2 * LONG);
	if (epoll_pwait2(fd, &event, 1, &d, NULL) == 0)
		passed(3 * LONG);
	else
		CHECK(errno == ENOSYS || errno == EPERM);
}

/* Data that comes during a long wait ends it; the sets say on what. */
static void t_data(void) {
	int fds[2], idle = silent();
	CHECK(pipe(fds) == 0);
	if (fork() == 0) {
		sleep(LONG);
		_exit(write(fds[1], "xxxx", 4) != 4);
	}
	struct pollfd p[2] = {{fds[0], POLLIN, 0}, {idle, POLLIN, 0}};
	CHECK(poll(p, 2, 1000000000) == 1 && p[0].revents == POLLIN && !p[1].revents);
	passed(LONG);
	fd_set set;
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	FD_SET(idle, &set);
	struct timeval d = {100000, 0};
	CHECK(select(idle + fds[0] + 1, &set, NULL, NULL, &d) == 1);
	CHECK(FD_ISSET(fds[0], &set) && !FD_ISSET(idle, &set));
	CHECK(d.tv_sec > 0 && d.tv_sec <= 100000);
	int ep = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN, .data.fd = 77};
	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &event) == 0);
	CHECK(epoll_wait(ep, &event, 1, 1000000000) == 1 && event.data.fd == 77);
	CHECK(wait(NULL) > 0);
}

static void t_timerfd(void) {
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec when = {.it_value = ts(LONG * NS)}, old;
	uint64_t count;
	CHECK(timerfd_settime(fd, 0, &when, NULL) == 0);
	CHECK(timerfd_settime(fd, 0, &when, &old) == 0);
	CHECK(old.it_value.tv_sec > LONG / 2 && old.it_value.tv_sec <= LONG);
	CHECK(read(fd, &count, sizeof count) == sizeof count && count == 1);
	passed(LONG);
	when.it_value = ts(now() + LONG * NS);
	CHECK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL) == 0);
	CHECK(read(fd, &count, sizeof count) == sizeof count && count == 1);
	passed(2 * LONG);
}

/* ---- threads ---- */

static void t_cond(void) {
	clockid_t ids[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 2; i++) {
		pthread_condattr_t attr;
		pthread_cond_t cond;
		pthread_condattr_init(&attr);
		CHECK(pthread_condattr_setclock(&attr, ids[i]) == 0);
		pthread_cond_init(&cond, &attr);
		struct timespec until = ts(clock_ns(ids[i]) + LONG * NS);
		int e;
		while ((e = pthread_cond_timedwait(&cond, &mutex, &until)) == 0)
			;
		CHECK(e == ETIMEDOUT);
		CHECK(clock_ns(ids[i]) >= until.tv_sec * NS + until.tv_nsec);
		until = ts(clock_ns(ids[1 - i]) + LONG * NS);
		while ((e = pthread_cond_clockwait(&cond, &mutex, ids[1 - i], &until)) == 0)
			;
		CHECK(e == ETIMEDOUT);
		CHECK(clock_ns(ids[1 - i]) >= until.tv_sec * NS + until.tv_nsec);
	}
	passed(4 * LONG);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;
static int count;

static void *signaller(void *arg) {
	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&lock);
		count++;
		pthread_cond_signal(&woken);
		pthread_mutex_unlock(&lock);
		usleep(3000000);
	}
	return arg;
}

/* No signal of another thread is missed, however the chunks fall. */
static void t_cond_signal(void) {
	pthread_t thread;
	CHECK(pthread_create(&thread, NULL, signaller, NULL) == 0);
	struct timespec until = ts(clock_ns(CLOCK_REALTIME) + 1000 * 86400 * NS);
	pthread_mutex_lock(&lock);
	while (count < 200)
		CHECK(pthread_cond_timedwait(&woken, &lock, &until) == 0);
	pthread_mutex_unlock(&lock);
	CHECK(pthread_join(thread, NULL) == 0);
}

static void t_sem(void) {
	sem_t sem;
	CHECK(sem_init(&sem, 0, 1) == 0);
	struct timespec until = ts(clock_ns(CLOCK_REALTIME) + LONG * NS);
	CHECK(sem_timedwait(&sem, &until) == 0);
	CHECK(sem_timedwait(&sem, &until) == -1 && errno == ETIMEDOUT);
	CHECK(clock_ns(CLOCK_REALTIME) >= until.tv_sec * NS + until.tv_nsec);
	until = ts(now() + LONG * NS);
	CHECK(sem_clockwait(&sem, CLOCK_MONOTONIC, &until) == -1 && errno == ETIMEDOUT);
	passed(2 * LONG);
}

#include "shimtest_signals.h"

/* ---- files ---- */

static void t_stamps(const char *path) {
	/* The kernel stamps by a clock that jumps by up to 10 ms. */
	int64_t before = clock_ns(CLOCK_REALTIME) - 600 * NS / 100;
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	CHECK(fd >= 0);
	struct stat st[4];
	struct statx sx;
	CHECK(fstat(fd, &st[0]) == 0 && stat(path, &st[1]) == 0 && lstat(path, &st[2]) == 0);
	CHECK(fstatat(AT_FDCWD, path, &st[3], 0) == 0);
	CHECK(statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, &sx) == 0);
	for (int i = 0; i < 4; i++) {
		int64_t m = st[i].st_mtim.tv_sec * NS + st[i].st_mtim.tv_nsec;
		CHECK(m >= before && m <= clock_ns(CLOCK_REALTIME));
		CHECK(m == st[0].st_mtim.tv_sec * NS + st[0].st_mtim.tv_nsec);
		CHECK(st[i].st_ctim.tv_sec == st[i].st_mtim.tv_sec);
	}
	CHECK(sx.stx_mtime.tv_sec == st[0].st_mtim.tv_sec);
	int64_t first = st[0].st_mtim.tv_sec;
	char *paths[] = {(char *)path, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL, NULL);
	FTSENT *walked = fts_read(tree);
	CHECK(walked && walked->fts_info == FTS_F && walked->fts_statp->st_mtim.tv_sec == first);
	CHECK(fts_read(tree) == NULL && fts_close(tree) == 0);
	sleep(LONG);
	CHECK(stat(path, &st[0]) == 0 && st[0].st_mtim.tv_sec == first);
	struct utimbuf set = {time(NULL) + 4000, time(NULL) + 4000}; /* as a queue does */
	CHECK(utime(path, &set) == 0);
	CHECK(stat(path, &st[0]) == 0 && st[0].st_mtim.tv_sec == set.modtime);
	CHECK(st[0].st_ctim.tv_sec >= first && st[0].st_ctim.tv_sec <= time(NULL));
	CHECK(write(fd, "x", 1) == 1);
	CHECK(stat(path, &st[0]) == 0 && st[0].st_mtim.tv_sec <= time(NULL));
}

/* ---- processes ---- */

/* backward reads the clock in three processes and looks for a step back, in one
 * or between them, for as long as its standard input is open. */
static void t_backward(void) {
	_Atomic int64_t *most = mmap(NULL, sizeof *most, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(most != MAP_FAILED);
	for (int i = 0; i < 3; i++) {
		if (fork() != 0)
			continue;
		struct pollfd in = {0, POLLIN, 0};
		do {
			for (int j = 0; j < 1000; j++) {
				int64_t seen = atomic_load(most), t = now();
				if (t < seen)
					fail("stepped back by %lld ns", (long long)(seen - t));
				while (seen < t && !atomic_compare_exchange_weak(most, &seen, t))
					;
			}
		} while (poll(&in, 1, 0) == 0);
		exit(0);
	}
	for (int i = 0; i < 3; i++) {
		int status;
		CHECK(wait(&status) > 0 && status == 0);
	}
}

/* A daemon that gives up its rights after its start keeps the clock. */
static void t_drop(void) {
	CHECK(chroot("/proc/self/fdinfo") == 0 && chdir("/") == 0);
	CHECK(setgid(65534) == 0 && setuid(65534) == 0);
	clocks();
	CHECK(sleep(LONG) == 0);
	passed(LONG);
}

/* told sleeps as long as it is told, having said when it began. */
static void t_told(const char *seconds) {
	printf("begun\n");
	fflush(stdout);
	CHECK(sleep(atoi(seconds)) == 0);
	passed(atoi(seconds));
}

/* real is for programs without a clock: everything is the kernel's. */
static void t_real(void) {
	CHECK(wall_ns(CLOCK_REALTIME) - clock_ns(CLOCK_REALTIME) <= 0);
	CHECK(now() <= wall_ns(CLOCK_MONOTONIC));
	CHECK(clock_ns(CLOCK_REALTIME) <= wall_ns(CLOCK_REALTIME));
	struct pollfd fd = {silent(), POLLIN, 0};
	CHECK(poll(&fd, 1, 10) == 0);
	catch_alarm();
	struct itimerval t = {{0, 0}, {0, 10000}};
	CHECK(setitimer(ITIMER_REAL, &t, NULL) == 0);
	CHECK(pause() == -1 && errno == EINTR && alarms == 1);
	sem_t sem;
	CHECK(sem_init(&sem, 0, 0) == 0);
	struct timespec until = ts(now() + 10000000);
	CHECK(sem_clockwait(&sem, CLOCK_MONOTONIC, &until) == -1 && errno == ETIMEDOUT);
	CHECK(now() >= until.tv_sec * NS + until.tv_nsec);
}

int main(int argc, char **argv) {
	struct {
		const char *name;
		void (*test)(void);
	} tests[] = {
		{"clocks", clocks}, {"nanosleep", t_nanosleep}, {"sleep", t_sleep},
		{"clock_nanosleep", t_clock_nanosleep}, {"poll", t_poll}, {"grace", t_grace},
		{"select", t_select}, {"epoll", t_epoll}, {"data", t_data},
		{"timerfd", t_timerfd}, {"cond", t_cond}, {"cond_signal", t_cond_signal},
		{"sem", t_sem}, {"sigtimedwait", t_sigtimedwait}, {"alarm", t_alarm},
		{"unseen", t_unseen}, {"cancel", t_cancel}, {"interval", t_interval},
		{"guard", t_guard}, {"backward", t_backward}, {"drop", t_drop}, {"real", t_real},
	};
	const char *name = argc > 1 ? argv[1] : "";
	setvbuf(stdout, NULL, _IONBF, 0);
	begin();
	if (argc > 2 && strcmp(name, "stamps") == 0)
		return t_stamps(argv[2]), puts("ok"), 0;
	if (argc > 2 && strcmp(name, "told") == 0)
		return t_told(argv[2]), puts("ok"), 0;
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		if (strcmp(tests[i].name, name) == 0)
			return tests[i].test(), puts("ok"), 0;
	fail("there is no test %s", name);
}
