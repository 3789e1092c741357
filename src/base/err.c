/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/safe_text.h"

enum err errctx_set(struct errctx *ctx, enum err code, const char *fmt, ...)
{
    if (ctx == NULL)
        return code;
    /* Formatted aside first, so that an argument may be ctx->text itself; larger than ctx->text, so that safe_text marks the cut. */
    char raw[sizeof ctx->text + 128];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    (void)safe_text(ctx->text, sizeof ctx->text, str_of(n < 0 ? fmt : raw));
    return code;
}

const char *errctx_text(const struct errctx *ctx, enum err code)
{
    return ctx->text[0] != '\0' ? ctx->text : err_name(code);
}

const char *err_name(enum err code)
{
    switch (code) {
    case ERR_OK: return "ok";
    case ERR_NOMEM: return "nomem";
    case ERR_LIMIT: return "limit";
    case ERR_PARSE: return "parse";
    case ERR_CONFIG: return "config";
    case ERR_USAGE: return "usage";
    case ERR_IO: return "io";
    case ERR_NET: return "net";
    case ERR_BUSY: return "busy";
    case ERR_CORRUPT: return "corrupt";
    case ERR_VERSION: return "version";
    case ERR_READONLY: return "readonly";
    case ERR_FULL: return "full";
    case ERR_NOTFOUND: return "notfound";
    case ERR_NODATA: return "nodata";
    case ERR_UNSUPPORTED: return "unsupported";
    }
    return "unknown";
}
