/* SPDX-License-Identifier: MIT */
/* Who speaks, and from where. The author is who owns the act's file, which nobody can claim without being that user. The origin is what the
 * session says of itself, and proves nothing: from where it was opened, and behind a shared user who logged in. */
#ifndef GWTOP_STORE_STORE_ORIGIN_H
#define GWTOP_STORE_STORE_ORIGIN_H

#include <sys/types.h>

#include "store/store.h"

enum { STORE_ORIGIN_MAX = 160 }; /* bytes: an address, and a login */

/* The login of a user, "uid 1003" where there is none. */
void store_origin_author(uid_t uid, char dst[STORE_AUTHOR_MAX]);
/* "login ann, ssh from 10.2.3.4" of this process: by the kernel's login uid or SUDO_USER where that is another than the user, and by
 * SSH_CONNECTION; "" where neither tells anything. Safe text. */
void store_origin(char dst[STORE_ORIGIN_MAX]);

#endif
