/* SPDX-License-Identifier: MIT */
/* The files around a store: which places are refused, how they are made, and the writer's lock. No SQLite here. */
#ifndef GWTOP_STORE_STORE_FILES_H
#define GWTOP_STORE_STORE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Whether a statfs f_type names a file system on which SQLite's WAL is unsafe (NFS, SMB, 9p, AFS, Ceph, Lustre, GPFS). */
bool store_files_is_network(long f_type);

/* Makes the directory of path where it is missing, and refuses places where another user could interfere: a symbolic link or a foreign
 * owner at any of the store's files, a directory that everybody may write to without the sticky bit, a network file system.
 * Errors: ERR_READONLY, ERR_FULL, ERR_IO, ERR_UNSUPPORTED. */
enum err store_files_prepare(const char *path, bool private_files, struct errctx *ctx) GW_MUST_USE;
/* Makes database, -wal and -shm with the right mode where they are missing, so that nobody else can. */
enum err store_files_create(const char *path, bool private_files, struct errctx *ctx) GW_MUST_USE;
/* For a reader: the file exists and is a regular file, not reached through a link. Errors: ERR_NOTFOUND, ERR_IO, ERR_READONLY. */
enum err store_files_check_reader(const char *path, struct errctx *ctx) GW_MUST_USE;

/* Takes the open-file-description lock on <path>.lock and writes this process' id into it. The lock is never on the database: SQLite
 * uses POSIX locks there, and closing any other descriptor of that file would drop them.
 * Errors: ERR_BUSY naming the holder's pid, ERR_IO, ERR_READONLY, ERR_FULL. */
enum err store_files_lock(const char *path, bool private_files, int *ret_fd, struct errctx *ctx) GW_MUST_USE;
void store_files_unlock(int fd);
void store_files_beat(int lock_fd);                /* sets the lock file's time to now; -1 is fine */
bool store_files_is_locked(const char *lock_file); /* by anybody; false when it isn't there */

/* The directory part of path in dst, "." when there is none. */
bool store_files_dir(const char *path, char *dst, size_t cap);

/* ---- what is handed to the recorder of a store: files in acts/ beside it, each written under a name that begins with a dot and renamed
 * ---- */

enum { STORE_DROP_NAME_MAX = 256 }; /* bytes of such a file's name, with its NUL */

/* The directory acts/ beside the store. False: it does not fit. */
bool store_files_drop_dir(const char *store_path, char *dst, size_t cap);
/* A new file's name, which says for which of the stores of the directory it is: names sort as their times. suffix: ".act". False: it does
 * not fit. */
bool store_files_drop_name(const char *store_path, int64_t at_ms, const char *suffix, char dst[STORE_DROP_NAME_MAX]);
/* Whether a file is whole, and for this store; one that names no store is for whichever comes first. */
bool store_files_is_drop(const char *store_path, const char *name, const char *suffix);

#endif
