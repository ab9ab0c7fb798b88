/* The part of shimtest.c that is about signals and alarms. */

static void t_sigtimedwait(void) {
	sigset_t set;
	struct timespec d = ts(LONG * NS);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	CHECK(sigtimedwait(&set, NULL, &d) == -1 && errno == EAGAIN);
	passed(LONG);
	alarm(LONG);
	d = ts(1000 * LONG * NS);
	CHECK(sigtimedwait(&set, NULL, &d) == SIGALRM);
	passed(2 * LONG);
	alarm(LONG);
	CHECK(sigwaitinfo(&set, NULL) == SIGALRM);
	passed(3 * LONG);
	int sig;
	alarm(LONG);
	CHECK(sigwait(&set, &sig) == 0 && sig == SIGALRM);
	passed(4 * LONG);
}

static int by_read(void) {
	char c;
	return read(silent(), &c, 1);
}
static int by_poll(void) {
	struct pollfd fd = {silent(), POLLIN, 0};
	return poll(&fd, 1, -1);
}
static int by_timed_poll(void) { return poll(NULL, 0, 1000000000); }
static int by_select(void) { return select(0, NULL, NULL, NULL, NULL); }
static int by_epoll(void) {
	struct epoll_event event;
	return epoll_wait(epoll_create1(0), &event, 1, -1);
}
static int by_pause(void) { return pause(); }
static int by_nanosleep(void) {
	struct timespec d = ts(1000 * LONG * NS), left = {0, 0};
	int r = nanosleep(&d, &left);
	CHECK(left.tv_sec > 0 && left.tv_sec <= 999 * LONG);
	return r;
}
static int by_waitpid(void) {
	pid_t parent = getpid(), child = fork();
	if (child == 0)
		while (getppid() == parent) /* never the alarm's: it is not inherited */
			usleep(60 * 1000000);
	int r = waitpid(child, NULL, 0), e = errno;
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0)
		;
	errno = e;
	return r;
}
/* as Exim waits: everything blocked, then SIGALRM let in for the wait alone */
static int by_sigsuspend(void) {
	sigset_t all, but;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &but);
	sigdelset(&but, SIGALRM);
	CHECK(alarms == 0);
	int r = sigsuspend(&but), e = errno;
	sigprocmask(SIG_SETMASK, &but, NULL);
	errno = e;
	return r;
}

static void t_alarm(void) {
	struct {
		const char *name;
		int (*call)(void);
	} calls[] = {{"read", by_read},	    {"poll", by_poll},	 {"timed poll", by_timed_poll},
		     {"select", by_select}, {"epoll", by_epoll}, {"pause", by_pause},
		     {"nanosleep", by_nanosleep}, {"waitpid", by_waitpid},
		     {"sigsuspend", by_sigsuspend}};
	catch_alarm();
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		alarms = 0;
		begin();
		CHECK(alarm(LONG) == 0);
		int r = calls[i].call();
		if (r != -1 || errno != EINTR || alarms != 1)
			fail("%s under an alarm: %d, %d alarms", calls[i].name, r, (int)alarms);
		passed(LONG);
	}
}

/* Ticks of an alarm that is far off are not seen by anything that waits. */
static void t_unseen(void) {
	int fd = silent(), fds[2];
	char c;
	struct pollfd p[2] = {{fd, POLLIN, 0}, {fd, POLLIN, 0}};
	struct timeval d = {LONG, 0};
	CHECK(pipe(fds) == 0);
	alarm(1000000);
	if (fork() == 0) {
		sleep(6 * LONG);
		_exit(write(fds[1], "x", 1) != 1);
	}
	CHECK(poll(p, 2, LONG * 1000) == 0);
	CHECK(select(0, NULL, NULL, NULL, &d) == 0);
	CHECK(sleep(LONG) == 0);
	CHECK(epoll_wait(epoll_create1(0), &(struct epoll_event){0}, 1, LONG * 1000) == 0);
	CHECK(read(fds[0], &c, 1) == 1);
	passed(6 * LONG);
	CHECK(wait(NULL) > 0);
	unsigned left = alarm(0);
	CHECK(left > 0 && left <= 1000000 - 6 * LONG);
	CHECK(alarm(0) == 0);
}

static void t_cancel(void) {
	struct itimerval t;
	catch_alarm();
	alarm(LONG);
	CHECK(alarm(0) > 0);
	CHECK(sleep(2 * LONG) == 0 && alarms == 0);
	alarm(100 * LONG);
	if (fork() == 0) { /* an alarm is not inherited */
		CHECK(getitimer(ITIMER_REAL, &t) == 0 && !t.it_value.tv_sec && !t.it_value.tv_usec);
		_exit(alarm(0) != 0);
	}
	int status;
	CHECK(wait(&status) > 0 && status == 0);
	CHECK(getitimer(ITIMER_REAL, &t) == 0 && t.it_value.tv_sec > 0);
}

static void t_interval(void) {
	struct itimerval t = {{LONG, 0}, {LONG / 2, 0}};
	catch_alarm();
	CHECK(setitimer(ITIMER_REAL, &t, NULL) == 0);
	CHECK(pause() == -1 && errno == EINTR && alarms == 1);
	passed(LONG / 2);
	CHECK(pause() == -1 && errno == EINTR && alarms == 2);
	passed(LONG / 2 + LONG);
	CHECK(pause() == -1 && errno == EINTR && alarms == 3);
	passed(LONG / 2 + 2 * LONG);
}

/* A program that resets all signals keeps its alarms. */
static void t_guard(void) {
	struct sigaction old;
	for (int sig = 1; sig <= 64; sig++) {
		signal(sig, SIG_DFL);
		sigaction(sig, &(struct sigaction){.sa_handler = SIG_IGN}, &old);
		sigaction(sig, &old, NULL);
	}
	catch_alarm();
	alarm(LONG);
	by_read();
	CHECK(alarms == 1);
	passed(LONG);
}
