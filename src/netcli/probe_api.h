/* SPDX-License-Identifier: MIT */
/* What gwtop would find behind a Prometheus-compatible API: whether there is one, and of which profiles it has how much. Without I/O: it
 * names what to ask and is fed the answers, as a source is.
 *
 * It asks what a source of kind prometheus would: one look for targets, then the names of each profile that was found. These are counts
 * over the index, which cost the server less than one of the source's own polls. */
#ifndef GWTOP_NETCLI_PROBE_API_H
#define GWTOP_NETCLI_PROBE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "source/profile.h"
#include "source/source.h"

enum {
    PROBE_API_PROFILES_MAX = 8, /* looked at; there are three, and a user's own */
    PROBE_API_EXAMPLES = 3,
    PROBE_API_URL_MAX = 1024,
    PROBE_API_BODY_MAX = 16 << 20, /* bytes of one answer */
};

struct probe_api_profile {
    const struct profile *profile;
    uint32_t targets;
    const char *example[PROBE_API_EXAMPLES]; /* safe names of targets; NULL = fewer */
    const char **families;                   /* that feed a signal and have series now */
    size_t family_count;
    uint64_t series;
};

struct probe_api_report {
    const char *base; /* what prometheus: is to be set to */
    uint32_t targets; /* that a profile knows */
    struct probe_api_profile profiles[PROBE_API_PROFILES_MAX];
    size_t profile_count;
    const char *warning; /* the server's own, NULL = none */
};

/* Where the API that a URL belongs to may begin: candidate 0, 1, ... False: there are no more. */
bool probe_api_base(const char *url, unsigned number, char out[PROBE_API_URL_MAX]);

struct probe_api;
/* base and ps are borrowed; memory of the report from a. match: as of a source, NULL = none. Errors: ERR_NOMEM, ERR_LIMIT (URL too
 * long). */
enum err probe_api_new(const char *base, const struct profiles *ps, const char *match, struct arena *a, struct probe_api **ret,
                       struct errctx *ctx) GW_MUST_USE;
void probe_api_free(struct probe_api *p);
/* What to ask next; false = everything is known. */
bool probe_api_request(struct probe_api *p, int64_t now_ms, struct source_request *ret);
/* Errors: ERR_PARSE (not this API's answer), ERR_LIMIT (longer than PROBE_API_BODY_MAX), ERR_NOMEM. */
enum err probe_api_feed(struct probe_api *p, const void *bytes, size_t n) GW_MUST_USE;
/* The answer is complete. Errors: as above; ERR_NET when it is the API's, and says no. */
enum err probe_api_finish(struct probe_api *p, struct errctx *ctx) GW_MUST_USE;
bool probe_api_has_answered(const struct probe_api *p); /* it is one, whatever became of later questions */
const struct probe_api_report *probe_api_report(const struct probe_api *p);

#endif
