/* SPDX-License-Identifier: MIT */
/* An SQLite VFS that becomes the default one and fails on request: the Nth write, sync or truncation of the files of one path, and all
 * after it. */
#ifndef GWTOP_TESTS_FAULTS_STORE_VFS_H
#define GWTOP_TESTS_FAULTS_STORE_VFS_H

enum store_vfs_call { STORE_VFS_WRITE, STORE_VFS_SYNC, STORE_VFS_TRUNCATE, STORE_VFS_CALLS };

/* Registers it. prefix: only files whose names begin with it fail. */
void store_vfs_install(const char *prefix);
/* From now on the first `after` calls succeed, and all that follow return code (SQLITE_FULL, SQLITE_IOERR_FSYNC, ...). */
void store_vfs_fail(enum store_vfs_call call, unsigned after, int code);
void store_vfs_heal(void);
unsigned store_vfs_count(enum store_vfs_call call); /* calls since the last store_vfs_heal */

#endif
