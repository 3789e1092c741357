/* SPDX-License-Identifier: MIT */
/* Whether anybody is looking. A console touches the file <store>.seen (creating it empty) when it starts and every minute while it
 * runs; its modification time is all that counts. A recorder that a console started ends some hours after the last touch; one run by an
 * administrator (no linger) never does. The file system's clock is used, whatever clock the store's data follow. */
#ifndef GWTOP_RECORD_PRESENCE_H
#define GWTOP_RECORD_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Writes "<store>.seen" into out[cap]. Errors: ERR_LIMIT. */
enum err presence_path(const char *store, char *out, size_t cap) GW_MUST_USE;
/* Creates or touches the file. Errors: ERR_IO, ERR_READONLY, ERR_LIMIT. */
enum err presence_touch(const char *store, struct errctx *ctx) GW_MUST_USE;
/* Milliseconds since the last touch; false where there is no such file. */
bool presence_age(const char *store, int64_t *ret_ms);

#endif
