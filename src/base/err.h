/* SPDX-License-Identifier: MIT */
/* One error type for the whole program: a small code for the caller to branch on, and one sentence for the person.
 *
 * Invariant: a fallible function returns enum err, leaves its results untouched on failure, and never logs, prints or exits.
 * Absence is not an error: such functions are `bool x_find(...)`. */
#ifndef GWTOP_BASE_ERR_H
#define GWTOP_BASE_ERR_H

#if defined(__GNUC__)
#define GW_MUST_USE __attribute__((warn_unused_result))
#define GW_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define GW_MUST_USE
#define GW_PRINTF(f, a)
#endif

enum err {
    ERR_OK = 0,
    ERR_NOMEM,       /* an allocation failed */
    ERR_LIMIT,       /* a stated cap was reached; the thing was refused, not cut */
    ERR_PARSE,       /* bytes from outside do not have the expected form */
    ERR_CONFIG,      /* the configuration is wrong (exit 64) */
    ERR_USAGE,       /* the command line is wrong (exit 64) */
    ERR_IO,          /* a system call failed */
    ERR_NET,         /* a request failed before a usable answer came */
    ERR_BUSY,        /* somebody else holds the lock */
    ERR_CORRUPT,     /* a file of ours does not pass its checks */
    ERR_VERSION,     /* a file of ours was written by a newer gwtop */
    ERR_READONLY,    /* the place cannot be written */
    ERR_FULL,        /* the disk, or the allowance on it, is used up */
    ERR_NOTFOUND,    /* a thing that must exist does not */
    ERR_NODATA,      /* nothing was recorded of what is asked for (exit 3) */
    ERR_UNSUPPORTED, /* well-formed, but not something this build can do */
};

/* Detail for a person: what failed, on which thing, what to do. Callers that do not care pass NULL. */
struct errctx {
    char text[512]; /* UTF-8, one line, already safe to print (see base/safe_text.h), "" when nothing was said */
};

/* Writes the sentence (when ctx is not NULL) and returns code, so that `return errctx_set(ctx, ERR_IO, ...)` reads as one thing.
 * Remote bytes in arguments are neutralised here, so that no caller can forget. Cost: O(length). */
enum err errctx_set(struct errctx *ctx, enum err code, const char *fmt, ...) GW_PRINTF(3, 4);

/* What to tell a person of a failure: the sentence, or the code's name where nothing was said. Borrows ctx. */
const char *errctx_text(const struct errctx *ctx, enum err code);

/* Short name of a code, for logs and --json ("limit", "parse"). Static storage. */
const char *err_name(enum err code);

#endif
