/* SPDX-License-Identifier: MIT */
#include "faults/store_vfs.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* A file of ours is this, followed by the file of the VFS below. */
struct file {
    sqlite3_file base;
    int watched;
    sqlite3_file *real;
};

static struct {
    sqlite3_vfs *below;
    sqlite3_vfs ours;
    char prefix[PATH_MAX];
    unsigned count[STORE_VFS_CALLS], after[STORE_VFS_CALLS];
    int code[STORE_VFS_CALLS];
} shim;

static int check(const struct file *f, enum store_vfs_call call)
{
    if (!f->watched)
        return SQLITE_OK;
    shim.count[call]++;
    return shim.code[call] != 0 && shim.count[call] > shim.after[call] ? shim.code[call] : SQLITE_OK;
}

#define REAL(f) (((struct file *)(f))->real)

static int x_close(sqlite3_file *f)
{
    return REAL(f)->pMethods->xClose(REAL(f));
}
static int x_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return REAL(f)->pMethods->xRead(REAL(f), p, n, at);
}

static int x_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    int rc = check((struct file *)f, STORE_VFS_WRITE);
    if (rc != SQLITE_OK && n > 16) /* a torn write: half of it arrives */
        (void)REAL(f)->pMethods->xWrite(REAL(f), p, n / 2, at);
    return rc == SQLITE_OK ? REAL(f)->pMethods->xWrite(REAL(f), p, n, at) : rc;
}

static int x_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    int rc = check((struct file *)f, STORE_VFS_TRUNCATE);
    return rc == SQLITE_OK ? REAL(f)->pMethods->xTruncate(REAL(f), n) : rc;
}

static int x_sync(sqlite3_file *f, int flags)
{
    int rc = check((struct file *)f, STORE_VFS_SYNC);
    return rc == SQLITE_OK ? REAL(f)->pMethods->xSync(REAL(f), flags) : rc;
}

static int x_size(sqlite3_file *f, sqlite3_int64 *n)
{
    return REAL(f)->pMethods->xFileSize(REAL(f), n);
}
static int x_lock(sqlite3_file *f, int l)
{
    return REAL(f)->pMethods->xLock(REAL(f), l);
}
static int x_unlock(sqlite3_file *f, int l)
{
    return REAL(f)->pMethods->xUnlock(REAL(f), l);
}
static int x_reserved(sqlite3_file *f, int *r)
{
    return REAL(f)->pMethods->xCheckReservedLock(REAL(f), r);
}
static int x_control(sqlite3_file *f, int op, void *p)
{
    return REAL(f)->pMethods->xFileControl(REAL(f), op, p);
}
static int x_sector(sqlite3_file *f)
{
    return REAL(f)->pMethods->xSectorSize(REAL(f));
}
static int x_device(sqlite3_file *f)
{
    return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f));
}
static int x_map(sqlite3_file *f, int page, int size, int extend, void volatile **p)
{
    return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, p);
}
static int x_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return REAL(f)->pMethods->xShmLock(REAL(f), at, n, flags);
}
static void x_barrier(sqlite3_file *f)
{
    REAL(f)->pMethods->xShmBarrier(REAL(f));
}
static int x_unmap(sqlite3_file *f, int del)
{
    return REAL(f)->pMethods->xShmUnmap(REAL(f), del);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_reserved,
    .xFileControl = x_control,
    .xSectorSize = x_sector,
    .xDeviceCharacteristics = x_device,
    .xShmMap = x_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_barrier,
    .xShmUnmap = x_unmap,
};

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
    struct file *file = (struct file *)f;

    (void)vfs;
    file->base.pMethods = NULL;
    file->real = (sqlite3_file *)(file + 1);
    file->watched = name != NULL && strncmp(name, shim.prefix, strlen(shim.prefix)) == 0;
    int rc = shim.below->xOpen(shim.below, name, file->real, flags, ret_flags);
    if (file->real->pMethods != NULL)
        file->base.pMethods = &methods;
    return rc;
}

void store_vfs_install(const char *prefix)
{
    if (shim.below == NULL) {
        shim.below = sqlite3_vfs_find(NULL);
        shim.ours = *shim.below;
        shim.ours.zName = "gwtop-faults";
        shim.ours.szOsFile = (int)sizeof(struct file) + shim.below->szOsFile;
        shim.ours.xOpen = x_open;
        shim.ours.pNext = NULL;
        sqlite3_vfs_register(&shim.ours, 1);
    }
    snprintf(shim.prefix, sizeof shim.prefix, "%s", prefix);
    store_vfs_heal();
}

void store_vfs_fail(enum store_vfs_call call, unsigned after, int code)
{
    shim.count[call] = 0;
    shim.after[call] = after;
    shim.code[call] = code;
}

void store_vfs_heal(void)
{
    memset(shim.count, 0, sizeof shim.count);
    memset(shim.code, 0, sizeof shim.code);
}

unsigned store_vfs_count(enum store_vfs_call call)
{
    return shim.count[call];
}
