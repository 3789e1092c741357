/* SPDX-License-Identifier: MIT */
/* The outcome of a probe as text and as JSON: the same facts in both. */
#ifndef GWTOP_NETCLI_PROBE_PRINT_H
#define GWTOP_NETCLI_PROBE_PRINT_H

#include "base/buf.h"
#include "netcli/probe.h"
#include "netcli/probe_api.h"
#include "netcli/probe_changes.h"
#include "netcli/probe_scores.h"
#include "record/http.h"

struct probe_outcome {
    const char *target;              /* as the user gave it, safe */
    const struct http_result *http;  /* NULL: a file */
    const char *file_error;          /* NULL = none */
    const char *file_advice;         /* what may have been meant instead of a file, NULL = nothing known */
    const struct probe_report *page; /* NULL: nothing came, or it is an API */
    const struct probe_api_report *api;
    const struct probe_scores *scores;   /* of an evaluation system, NULL = it is none */
    const struct probe_changes *changes; /* of what tells of changes, NULL = it does not */
    bool configured;                     /* it is a source already */
    const char *bearer_file, *ca_file;   /* given on the command line, NULL = not */
    int64_t skew_ms;                     /* the server's clock minus ours; 0 also when not told */
};

/* The sentence that says what to do about a failed step; "" when there is nothing to add. Static. */
const char *probe_advice(const struct http_result *r);

enum err probe_print_text(const struct probe_outcome *o, struct buf *out) GW_MUST_USE;
enum err probe_print_json(const struct probe_outcome *o, struct buf *out) GW_MUST_USE;

#endif
