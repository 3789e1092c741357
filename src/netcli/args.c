/* SPDX-License-Identifier: MIT */
#include "netcli/args.h"

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"

static enum err set_value(const struct arg *a, const char *text, struct errctx *ctx)
{
    switch (a->kind) {
    case ARG_FLAG: *(bool *)a->value = true; return ERR_OK;
    case ARG_TEXT: *(const char **)a->value = text; return ERR_OK;
    case ARG_I64:
        if (str_to_i64(str_of(text), a->value))
            return ERR_OK;
        return errctx_set(ctx, ERR_USAGE, "%s: expected a whole number, got '%s'", a->name, text);
    case ARG_NUMBER: {
        double v;
        if (!str_to_f64(str_of(text), &v) || !isfinite(v))
            return errctx_set(ctx, ERR_USAGE, "%s: expected a number, got '%s'", a->name, text);
        *(double *)a->value = v;
        return ERR_OK;
    }
    case ARG_DURATION: {
        struct errctx why = {""};
        if (duration_parse(str_of(text), a->value, &why) == ERR_OK)
            return ERR_OK;
        return errctx_set(ctx, ERR_USAGE, "%s: %s", a->name, why.text);
    }
    }
    return ERR_USAGE;
}

static const struct arg *find(const struct arg *table, const char *word, size_t n)
{
    for (const struct arg *a = table; a->name != NULL; a++) {
        if (strlen(a->name) == n && memcmp(a->name, word, n) == 0)
            return a;
    }
    return NULL;
}

enum err args_read(int argc, char **argv, const struct arg *table, struct arg_words *words, struct errctx *ctx)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *equals = strchr(word, '=');
        if (word[0] != '-' || word[1] == '\0') {
            if (words == NULL || words->count == words->max)
                return errctx_set(ctx, ERR_USAGE, "'%s' is one word too many", word);
            words->at[words->count++] = word;
            continue;
        }
        const struct arg *a = find(table, word, equals != NULL ? (size_t)(equals - word) : strlen(word));
        if (a == NULL)
            return errctx_set(ctx, ERR_USAGE, "there is no option '%s'", word);
        if (a->kind == ARG_FLAG && equals != NULL)
            return errctx_set(ctx, ERR_USAGE, "%s takes no value", a->name);
        if (a->kind != ARG_FLAG && equals == NULL && i + 1 >= argc)
            return errctx_set(ctx, ERR_USAGE, "%s wants a value", a->name);
        enum err e = set_value(a, a->kind == ARG_FLAG ? "" : equals != NULL ? equals + 1 : argv[++i], ctx);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}
