/* SPDX-License-Identifier: MIT */
/* Whether anybody is looking. A console touches the file <store>.seen (creating it empty) when it starts and every minute while it
 * runs; its modification time is all that counts. A recorder that a console started ends some hours after the last touch; one run by an
 * administrator (no linger) never does. The file system's clock is used, whatever clock the store's data follow. */
#ifndef GWTOP_RECORD_PRESENCE_H
#define GWTOP_RECORD_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since the last touch; false where there is no such file. */
bool presence_age(const char *store, int64_t *ret_ms);

#endif
