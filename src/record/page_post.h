/* SPDX-License-Identifier: MIT */
/* A connection to where a webhook or a heartbeat goes. */
#ifndef GWTOP_RECORD_PAGE_POST_H
#define GWTOP_RECORD_PAGE_POST_H

#include "config/config.h"
#include "record/http.h"

/* Its answers are not read; nothing is sent twice by itself, and no redirect followed. what: "webhook chat", for sentences. Errors:
 * ERR_BUSY while a command that yields a secret runs; those of secrets_try and http_add. */
enum err page_post_open(const struct config_post *p, int64_t timeout_ms, struct http *h, struct secrets *s, const char *what,
                        struct http_conn **ret, struct errctx *ctx) GW_MUST_USE;
/* Whether it was taken: any 2xx, whatever it says. */
bool page_post_is_good(const struct http_result *r);
/* What came of it: "status 204", "status 500: ...", or which step failed. */
void page_post_say(const struct http_result *r, char *out, size_t cap);

#endif
