/* SPDX-License-Identifier: MIT */
/* Scores that are handed in (`gwtop score`): there is nobody to be asked. */
#include <stdlib.h>

#include "source/source.h"

static enum err own_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink, struct source **ret,
                         struct errctx *ctx)
{
    struct source *s = calloc(1, sizeof *s);
    (void)ps;
    (void)sink;
    if (s == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", cfg->name);
    s->ops = &source_own;
    *ret = s;
    return ERR_OK;
}

static void own_close(struct source *s)
{
    free(s);
}

static bool own_request(struct source *s, int64_t now_ms, struct source_request *ret)
{
    (void)s;
    (void)now_ms;
    (void)ret;
    return false;
}

static const char *own_remark(const struct source *s)
{
    (void)s;
    return NULL;
}

const struct source_ops source_own = {
    .name = "score",
    .kind = SOURCE_OWN,
    .accept = "",
    .open = own_open,
    .close = own_close,
    .request = own_request,
    .remark = own_remark,
};
