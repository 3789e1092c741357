/* SPDX-License-Identifier: MIT */
/* Where the configuration and the store are, and which files may be trusted: the only part of config/ that touches the system. */
#ifndef GWTOP_CONFIG_LOCATE_H
#define GWTOP_CONFIG_LOCATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { LOCATE_PATH_MAX = 4096 };

/* What the file's owner and mode allow. */
struct locate_trust {
    bool others_read; /* anyone else than owner and group can */
};

/* The store of a system recorder, and whether it can be read here. */
#define LOCATE_SYSTEM_STORE "/var/lib/gwtop/gwtop.db"

/* $XDG_STATE_HOME/gwtop/gwtop.db. Errors: ERR_CONFIG when neither it nor HOME is set, ERR_LIMIT past cap. */
enum err locate_own_store(char *out, size_t cap, struct errctx *ctx) GW_MUST_USE;

/* The first configuration that exists ($GWTOP_CONFIG, $XDG_CONFIG_HOME/gwtop/gwtop.yaml, /etc/gwtop/gwtop.yaml); false when none does.
 * *ret_named: the environment named it, so it must exist. */
bool locate_config(char *out, size_t cap, bool *ret_named);

/* The absolute directory of a file, since the recorder leaves this one; "" for /. NULL when out of memory. */
const char *locate_dir_of(const char *path, struct arena *a);

/* Reads a configuration file into a. Errors: ERR_CONFIG when it is missing, not a file, owned by someone else than the user or root, or
 * writable by others; ERR_IO; ERR_LIMIT; ERR_NOMEM. */
enum err locate_read(const char *path, struct arena *a, struct str *ret, struct locate_trust *ret_trust, struct errctx *ctx) GW_MUST_USE;

/* Reads a file of data, whoever owns it, into a. Errors: ERR_NOTFOUND, ERR_IO, ERR_LIMIT past max_bytes, ERR_NOMEM. */
enum err locate_read_data(const char *path, size_t max_bytes, struct arena *a, struct str *ret, struct errctx *ctx) GW_MUST_USE;

#endif
