/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "store/store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/str.h"
#include "store/store.h"

enum { SUFFIX_MAX = 8 };

bool store_files_is_network(long f_type)
{
    /* Source: linux/magic.h and statfs(2); SMB2 and Lustre from their own kernel modules. */
    static const unsigned long network[] = {
        0x6969 /* NFS */,      0x517b /* SMB */,      0xff534d42 /* CIFS */, 0xfe534d42 /* SMB2 */,
        0x01021997 /* 9p */,   0x5346414f /* AFS */,  0x00c36400 /* Ceph */, 0x0bd00bd0 /* Lustre */,
        0x47504653 /* GPFS */, 0x73757245 /* Coda */, 0x564c /* NCP */,
    };

    for (size_t i = 0; i < sizeof network / sizeof network[0]; i++)
        if (((unsigned long)f_type & 0xffffffff) == network[i])
            return true;
    return false;
}

bool store_files_dir(const char *path, char *dst, size_t cap)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return str_format(dst, cap, ".");
    if (slash == path)
        return str_format(dst, cap, "/");
    return str_copy(dst, cap, (struct str){.p = path, .n = (size_t)(slash - path)});
}

bool store_files_drop_dir(const char *store_path, char *dst, size_t cap)
{
    char dir[PATH_MAX];

    return store_files_dir(store_path, dir, sizeof dir) && str_format(dst, cap, "%s/acts", dir);
}

static const char *file_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

bool store_files_drop_name(const char *store_path, int64_t at_ms, const char *suffix, char dst[STORE_DROP_NAME_MAX])
{
    return str_format(dst, STORE_DROP_NAME_MAX - 1, "%lld-%ld-%016llx@%s%s", (long long)at_ms, (long)getpid(), /* a dot goes before it */
                      (unsigned long long)hash_random_key(), file_of(store_path), suffix);
}

bool store_files_is_drop(const char *store_path, const char *name, const char *suffix)
{
    const size_t n = strlen(name), end = strlen(suffix);

    if (name[0] == '.' || n >= STORE_DROP_NAME_MAX || !str_has_suffix(str_of(name), suffix))
        return false;
    const char *at = strchr(name, '@');
    return at == NULL || str_eq_z((struct str){at + 1, (size_t)(name + n - end - (at + 1))}, file_of(store_path));
}

static enum err errno_to_err(int error)
{
    switch (error) {
    case EROFS:
    case EACCES:
    case EPERM: return ERR_READONLY;
    case ENOSPC:
    case EDQUOT: return ERR_FULL;
    case ENOENT: return ERR_NOTFOUND;
    default: return ERR_IO;
    }
}

static enum err make_dir(const char *dir, bool private_files, struct errctx *ctx)
{
    char partial[PATH_MAX];
    struct stat sb;

    if (stat(dir, &sb) == 0)
        return ERR_OK;
    if (!str_copy(partial, sizeof partial, str_of(dir)))
        return errctx_set(ctx, ERR_LIMIT, "the path %.200s... is too long", dir);
    for (char *p = partial + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char keep = *p;
        *p = '\0';
        if (mkdir(partial, private_files ? 0700 : 0750) != 0 && errno != EEXIST)
            return errctx_set(ctx, errno_to_err(errno), "cannot make the directory %s for the store: %s", partial, strerror(errno));
        *p = keep;
        if (keep == '\0')
            break;
    }
    /* The group of the directory goes to the files in it, so that its members can read them. mkdir's mode is cut by the umask. */
    if (chmod(dir, private_files ? 0700 : 02750) != 0)
        return errctx_set(ctx, errno_to_err(errno), "cannot set the mode of %s: %s", dir, strerror(errno));
    return ERR_OK;
}

static enum err check_dir(const char *dir, struct errctx *ctx)
{
    struct stat sb;
    struct statfs fs;

    if (stat(dir, &sb) != 0)
        return errctx_set(ctx, errno_to_err(errno), "cannot look at the directory %s: %s", dir, strerror(errno));
    if (!S_ISDIR(sb.st_mode))
        return errctx_set(ctx, ERR_IO, "%s is not a directory", dir);
    if ((sb.st_mode & S_IWOTH) != 0 && (sb.st_mode & S_ISVTX) == 0)
        return errctx_set(ctx, ERR_UNSUPPORTED,
                          "everybody may write to the directory %s, so anybody could swap the store; use another, or chmod o-w it", dir);
    if (statfs(dir, &fs) == 0 && store_files_is_network((long)fs.f_type))
        return errctx_set(ctx, ERR_UNSUPPORTED,
                          "%s is on a network file system, where SQLite's write-ahead log is not safe; put the store on a local disk", dir);
    return ERR_OK;
}

static bool with_suffix(char *dst, size_t cap, const char *path, const char *suffix)
{
    return str_format(dst, cap, "%s%s", path, suffix);
}

/* Nothing there is fine. */
static enum err check_file(const char *path, struct errctx *ctx)
{
    struct stat sb;

    if (lstat(path, &sb) != 0)
        return errno == ENOENT ? ERR_OK : errctx_set(ctx, errno_to_err(errno), "cannot look at %s: %s", path, strerror(errno));
    if (S_ISLNK(sb.st_mode))
        return errctx_set(ctx, ERR_UNSUPPORTED, "%s is a symbolic link; name the file itself", path);
    if (!S_ISREG(sb.st_mode))
        return errctx_set(ctx, ERR_UNSUPPORTED, "%s is not a regular file", path);
    if (sb.st_uid != geteuid())
        return errctx_set(
            ctx, ERR_READONLY,
            "%s belongs to user %ld; only its owner may record into it (read it with mode=ro commands, or name another --store)", path,
            (long)sb.st_uid);
    return ERR_OK;
}

static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};

enum err store_files_prepare(const char *path, bool private_files, struct errctx *ctx)
{
    char dir[PATH_MAX], file[PATH_MAX];

    if (!store_files_dir(path, dir, sizeof dir) || strlen(path) + SUFFIX_MAX >= sizeof file)
        return errctx_set(ctx, ERR_LIMIT, "the path %.200s... is too long", path);
    enum err e = make_dir(dir, private_files, ctx);
    if (e == ERR_OK)
        e = check_dir(dir, ctx);
    for (size_t i = 0; e == ERR_OK && i < sizeof suffixes / sizeof suffixes[0]; i++)
        e = with_suffix(file, sizeof file, path, suffixes[i]) ? check_file(file, ctx) : ERR_LIMIT;
    return e;
}

enum err store_files_create(const char *path, bool private_files, struct errctx *ctx)
{
    char file[PATH_MAX];
    mode_t mode = private_files ? 0600 : 0640;

    for (size_t i = 0; i < 3; i++) {
        if (!with_suffix(file, sizeof file, path, suffixes[i]))
            return ERR_LIMIT;
        int fd = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);
        if (fd < 0)
            return errctx_set(ctx, errno_to_err(errno), "cannot open %s for writing: %s", file, strerror(errno));
        struct stat sb;
        bool ours = fstat(fd, &sb) == 0 && sb.st_uid == geteuid();
        bool mode_is_right = ours && ((sb.st_mode & 0777) == mode || fchmod(fd, mode) == 0);
        close(fd);
        if (!ours || !mode_is_right)
            return errctx_set(ctx, ERR_READONLY, "%s belongs to somebody else, or its mode can't be set", file);
    }
    return ERR_OK;
}

enum err store_files_check_reader(const char *path, struct errctx *ctx)
{
    struct stat sb;

    if (lstat(path, &sb) != 0) {
        if (errno == ENOENT)
            return errctx_set(ctx, ERR_NOTFOUND,
                              "there is no store at %s; start the recorder (`gwtop record`), or name another file with --store", path);
        return errctx_set(ctx, errno_to_err(errno), "cannot open %s: %s", path, strerror(errno));
    }
    if (S_ISLNK(sb.st_mode))
        return errctx_set(ctx, ERR_UNSUPPORTED, "%s is a symbolic link; name the file itself", path);
    if (!S_ISREG(sb.st_mode))
        return errctx_set(ctx, ERR_UNSUPPORTED, "%s is not a regular file", path);
    if (access(path, R_OK) != 0)
        return errctx_set(ctx, ERR_READONLY, "cannot read %s: %s; ask for membership of its group", path, strerror(errno));
    return ERR_OK;
}

/* The pid written in an open lock file, 0 when there is none. */
static int64_t read_pid(int fd)
{
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    int64_t pid = 0;

    if (n > 0 && text[n - 1] == '\n')
        n--;
    return n > 0 && str_to_i64((struct str){.p = text, .n = (size_t)n}, &pid) && pid > 0 ? pid : 0;
}

static enum err name_holder(int fd, const char *path, struct errctx *ctx)
{
    int64_t pid = read_pid(fd);
    if (pid > 0)
        return errctx_set(ctx, ERR_BUSY, "another recorder (pid %lld) is writing to %s; there can be only one", (long long)pid, path);
    return errctx_set(ctx, ERR_BUSY, "another recorder is writing to %s; there can be only one", path);
}

int64_t store_recorder_pid(const char *path)
{
    char file[PATH_MAX];
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

    if (!with_suffix(file, sizeof file, path, ".lock"))
        return -1;
    int fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    int64_t pid = 0;
    if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
        pid = -1;
    else if (lock.l_type != F_UNLCK)
        pid = read_pid(fd) > 0 ? read_pid(fd) : -1;
    close(fd);
    return pid;
}

enum err store_files_lock(const char *path, bool private_files, int *ret_fd, struct errctx *ctx)
{
    char file[PATH_MAX], text[32];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (!with_suffix(file, sizeof file, path, ".lock"))
        return ERR_LIMIT;
    int fd = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, private_files ? 0600 : 0640);
    if (fd < 0)
        return errctx_set(ctx, errno_to_err(errno), "cannot open the lock file %s: %s", file, strerror(errno));
    if (fcntl(fd, F_OFD_SETLK, &lock) != 0) {
        enum err e = errno == EAGAIN || errno == EACCES ? name_holder(fd, path, ctx)
                                                        : errctx_set(ctx, ERR_IO, "cannot lock %s: %s", file, strerror(errno));
        close(fd);
        return e;
    }
    (void)str_format(text, sizeof text, "%ld\n", (long)getpid());
    /* The pid is a help for people: the lock holds without it, so a full disk is no reason to fail here. */
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, strlen(text), 0) < 0)
        errno = 0;
    *ret_fd = fd;
    return ERR_OK;
}

void store_files_beat(int lock_fd)
{
    if (lock_fd >= 0)
        (void)futimens(lock_fd, NULL); /* where it cannot be set it reads as silence, and fresh data speak against that */
}

bool store_recorder_silence(const char *path, int64_t *ret_ms)
{
    char file[PATH_MAX];
    struct stat s;
    struct timespec now;

    if (!with_suffix(file, sizeof file, path, ".lock") || lstat(file, &s) != 0 || clock_gettime(CLOCK_REALTIME, &now) != 0)
        return false;
    int64_t ms = ((int64_t)now.tv_sec - (int64_t)s.st_mtim.tv_sec) * 1000 + (now.tv_nsec - s.st_mtim.tv_nsec) / 1000000;
    *ret_ms = ms > 0 ? ms : 0;
    return true;
}

void store_files_unlock(int fd)
{
    if (fd >= 0)
        close(fd);
}

bool store_files_is_locked(const char *lock_file)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(lock_file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return false;
    bool locked = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(fd);
    return locked;
}
