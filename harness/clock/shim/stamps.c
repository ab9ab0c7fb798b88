/* stamps.c turns the kernel's stamps of files into scenario time. */
#include "shim.h"

/* stamp maps what the kernel wrote: what lies between split and the present. */
static void stamp(int64_t *sec, int64_t *nsec) {
	int64_t wall = later(*sec * NS, *nsec);
	if (wall <= file->split || wall > real_ns(CLOCK_REALTIME))
		return;
	uint32_t seq = atomic_load_explicit(&file->seq, memory_order_acquire), back = 0;
	const struct segment *s = &file->ring[seq % SEGMENTS];
	while (s->wall > wall && back < seq && back < SEGMENTS - 2)
		s = &file->ring[(seq - ++back) % SEGMENTS];
	int64_t fake = fake_at(s, s->mono + (wall - s->wall)), now = wall_now();
	if (wall >= file->ahead_from) /* the kernel's clock was set as well */
		fake += ahead();
	struct timespec t = to_ts(fake < now ? fake : now);
	*sec = t.tv_sec;
	*nsec = t.tv_nsec;
}

static int stamps(int r, struct stat *st) {
	if (r < 0 || !file)
		return r;
	struct timespec *all[] = {&st->st_mtim, &st->st_ctim, &st->st_atim};
	for (int i = 0; i < 3; i++) {
		int64_t sec = all[i]->tv_sec, nsec = all[i]->tv_nsec;
		stamp(&sec, &nsec);
		all[i]->tv_sec = sec;
		all[i]->tv_nsec = nsec;
	}
	return r;
}

/* On 64-bit Linux glibc's struct stat and stat64 are the kernel's own. */
static int stat_at(int dir, const char *path, void *st, int flags) {
	return stamps(syscall(SYS_newfstatat, dir, path, st, flags), st);
}

static int stat_fd(int fd, void *st) { return stamps(syscall(SYS_fstat, fd, st), st); }

#define STATS(suffix) \
	EXPORT int stat##suffix(const char *restrict path, struct stat##suffix *restrict st) { \
		return stat_at(AT_FDCWD, path, st, 0); \
	} \
	EXPORT int lstat##suffix(const char *restrict path, struct stat##suffix *restrict st) { \
		return stat_at(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW); \
	} \
	EXPORT int fstat##suffix(int fd, struct stat##suffix *st) { return stat_fd(fd, st); } \
	EXPORT int fstatat##suffix(int dir, const char *restrict path, \
				   struct stat##suffix *restrict st, int flags) { \
		return stat_at(dir, path, st, flags); \
	} \
	/* the same by the names of glibc before 2.33; the first argument is a version */ \
	extern int __xstat##suffix(int, const char *, struct stat##suffix *); \
	extern int __lxstat##suffix(int, const char *, struct stat##suffix *); \
	extern int __fxstat##suffix(int, int, struct stat##suffix *); \
	extern int __fxstatat##suffix(int, int, const char *, struct stat##suffix *, int); \
	EXPORT int __xstat##suffix(int v, const char *path, struct stat##suffix *st) { \
		return (void)v, stat_at(AT_FDCWD, path, st, 0); \
	} \
	EXPORT int __lxstat##suffix(int v, const char *path, struct stat##suffix *st) { \
		return (void)v, stat_at(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW); \
	} \
	EXPORT int __fxstat##suffix(int v, int fd, struct stat##suffix *st) { \
		return (void)v, stat_fd(fd, st); \
	} \
	EXPORT int __fxstatat##suffix(int v, int dir, const char *path, \
				      struct stat##suffix *st, int flags) { \
		return (void)v, stat_at(dir, path, st, flags); \
	}
STATS()
STATS(64)

/* A walk through folders looks at files inside the C library. A folder comes
 * twice; once mapped, its stamps lie before split and stay as they are. */
static int seen(int info) {
	return info != FTS_NS && info != FTS_NSOK && info != FTS_ERR && info != FTS_DNR;
}

EXPORT FTSENT *fts_read(FTS *tree) {
	FTSENT *e = REAL(fts_read)(tree);
	if (e && seen(e->fts_info))
		stamps(0, e->fts_statp);
	return e;
}

EXPORT FTSENT64 *fts64_read(FTS64 *tree) {
	FTSENT64 *e = REAL(fts64_read)(tree);
	if (e && seen(e->fts_info))
		stamps(0, (struct stat *)e->fts_statp);
	return e;
}

#ifdef STATX_MTIME
EXPORT int statx(int dir, const char *restrict path, int flags, unsigned mask,
		 struct statx *restrict st) {
	int r = syscall(SYS_statx, dir, path, flags, mask, st);
	if (r < 0 || !file)
		return r;
	struct statx_timestamp *all[] = {&st->stx_mtime, &st->stx_ctime, &st->stx_atime,
					 &st->stx_btime};
	for (int i = 0; i < 4; i++) {
		int64_t sec = all[i]->tv_sec, nsec = all[i]->tv_nsec;
		stamp(&sec, &nsec);
		all[i]->tv_sec = sec;
		all[i]->tv_nsec = nsec;
	}
	return r;
}
#endif
