/* SPDX-License-Identifier: MIT */
/* Tokens and keys: where they come from, that they can go into a header, and that they go nowhere else.
 *
 * A secret is read from a file (regular, owned by this user, mode & 077 == 0, not reached through a link), from an environment
 * variable (which is removed after reading), or from a command's output (run by /bin/sh -c with the process' own rights, standard
 * input closed, 10 s at most). It never appears in a log, an error sentence, the store or an argument list; secrets_redact takes
 * every known secret out of text that came back from a server. The memory is locked where the limits allow it, and wiped at the end. */
#ifndef GWTOP_RECORD_SECRET_H
#define GWTOP_RECORD_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "config/config.h"

enum { SECRET_MAX = 8192, SECRETS_MAX = 1024 };

struct secrets;

struct secrets *secrets_new(void); /* NULL when out of memory */
void secrets_free(struct secrets *s);

/* Whether the configuration names a place at all. */
bool secret_is_given(const struct config_secret *c);
/* Reads one, again when it was read before (a token that was renewed), except from a variable, which is gone by then. *ret is borrowed
 * until the same place is read again, or secrets_free. One trailing newline is taken off; bytes below 0x21 or 0x7f anywhere are refused, so
 * that no header can be smuggled in. what names it in sentences ("bearer token of source litellm").
 * Errors: ERR_CONFIG (file's mode or owner, content, unset variable, command failed), ERR_IO, ERR_LIMIT, ERR_NOMEM. */
enum err secrets_read(struct secrets *s, const struct config_secret *c, const char *what, struct str *ret, struct errctx *ctx) GW_MUST_USE;
/* The same without waiting: ERR_BUSY while the command runs, whose output the next tries hear out; others go on meanwhile. */
enum err secrets_try(struct secrets *s, const struct config_secret *c, const char *what, struct str *ret, struct errctx *ctx) GW_MUST_USE;
/* The value of an Authorization header for user and a password that was read from c. user is borrowed for the life of s. Errors: ERR_LIMIT,
 * ERR_NOMEM. */
enum err secrets_basic(struct secrets *s, const char *user, struct str password, const struct config_secret *c, const char *what,
                       struct str *ret, struct errctx *ctx) GW_MUST_USE;
/* From now on what follows the host of url is one as well: of a webhook that is what lets in. A short one is none: it would star out
 * ordinary text. Errors: ERR_LIMIT, ERR_NOMEM. */
enum err secrets_add_url(struct secrets *s, const char *url, struct errctx *ctx) GW_MUST_USE;
/* Replaces every known secret in text[n] by stars, in place. */
void secrets_redact(const struct secrets *s, char *text, size_t n);
/* No core dumps and no ptrace by other processes of this user, from now on. */
void secrets_harden_process(void);

#endif
