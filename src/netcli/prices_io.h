/* SPDX-License-Identifier: MIT */
/* Where a price list comes from and goes to: a file or an address, and a file that is replaced whole or not at all. */
#ifndef GWTOP_NETCLI_PRICES_IO_H
#define GWTOP_NETCLI_PRICES_IO_H

#include "base/buf.h"
#include "base/err.h"

/* A GET of one address, at most PRICE_FILE_MAX bytes, within two minutes. ca_file NULL = the system's certificates. Errors: ERR_NET with
 * the step that failed; ERR_LIMIT, ERR_NOMEM. */
enum err prices_fetch(const char *url, const char *ca_file, const char *user_agent, struct buf *out, struct errctx *ctx) GW_MUST_USE;

/* Puts bytes where path is, by a new file that is renamed: a reader sees the old list or the new one, and a failure leaves the old one.
 * Makes the directory. Errors: ERR_IO, ERR_LIMIT for a path that is too long. */
enum err prices_replace(const char *path, struct str bytes, struct errctx *ctx) GW_MUST_USE;

#endif
