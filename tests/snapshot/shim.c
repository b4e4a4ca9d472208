/* Preloaded. At the n-th call of a function that reads or copies files, it changes a file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int calls, when;
static const char *action, *file, *other, *mark;

__attribute__((constructor)) static void start(void) {
    action = getenv("SHIM_ACTION"), file = getenv("SHIM_FILE"), other = getenv("SHIM_OTHER"), mark = getenv("SHIM_MARK");
    when = atoi(getenv("SHIM_WHEN"));
}

/* Uses system calls directly, so that the wrappers below are not called. */
static void write_over(int flags) {
    char block[65536];
    int from = syscall(SYS_open, other, O_RDONLY), to = syscall(SYS_open, file, O_WRONLY | flags);
    for (long n; (n = syscall(SYS_read, from, block, sizeof block)) > 0;) syscall(SYS_write, to, block, n);
    syscall(SYS_close, from);
    syscall(SYS_close, to);
}

static void step(void) {
    if (!mark || ++calls != when) return;
    syscall(SYS_close, syscall(SYS_open, mark, O_WRONLY | O_CREAT, 0600));
    if (!strcmp(action, "rename over")) syscall(SYS_rename, other, file);
    if (!strcmp(action, "remove")) syscall(SYS_unlink, file);
    if (!strcmp(action, "truncate")) syscall(SYS_truncate, file, 100000);
    if (!strcmp(action, "rewrite")) write_over(O_TRUNC);
    if (!strcmp(action, "write into")) write_over(0);
}

#define NEXT(result, name, parameters, arguments)                                       \
    result name parameters {                                                            \
        static result(*next) parameters;                                                \
        if (!next) next = (result(*) parameters)dlsym(RTLD_NEXT, #name);                \
        step();                                                                         \
        return next arguments;                                                          \
    }

/* Variadic in the header; on these platforms its arguments are passed like any others. */
int open64(const char *path, int flags, ...) {
    static int (*next)(const char *, int, ...);
    if (!next) next = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    step();
    return next(path, flags, mode);
}

NEXT(char *, realpath, (const char *path, char *out), (path, out))
NEXT(int, fstat64, (int fd, struct stat64 *out), (fd, out))
NEXT(int, statx, (int dir, const char *path, int flags, unsigned mask, struct statx *out), (dir, path, flags, mask, out))
NEXT(ssize_t, read, (int fd, void *out, size_t len), (fd, out, len))
NEXT(ssize_t, pread64, (int fd, void *out, size_t len, off64_t at), (fd, out, len, at))
NEXT(off64_t, lseek64, (int fd, off64_t to, int from), (fd, to, from))
NEXT(int, ftruncate64, (int fd, off64_t to), (fd, to))
NEXT(int, mkdir, (const char *path, mode_t mode), (path, mode))
NEXT(void *, dlopen, (const char *path, int flags), (path, flags))
/* Copies in pieces, as a file system may. */
NEXT(ssize_t, copy_file_range, (int from, off64_t *at, int to, off64_t *there, size_t len, unsigned flags),
     (from, at, to, there, len < 100000 ? len : 100000, flags))
