/* SPDX-License-Identifier: MIT */
/* How this works: defaults.yaml and then the file are read by one table (config_table.c, reader.c) and the rules between options
 * (config_read.c). Everything wrong is collected, then either the first error or all findings are handed out. */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/timefmt.h"
#include "config/config_read.h"
#include "config/locate.h"

enum { CONFIG_ARENA_MAX = 64 << 20 };

extern const unsigned char embed_defaults[];
extern const size_t embed_defaults_size;

static enum err set_store(struct config *c, const char *name, struct errctx *ctx)
{
    char path[LOCATE_PATH_MAX] = LOCATE_SYSTEM_STORE;
    if (c->store != NULL)
        return ERR_OK;
    enum err err = strncmp(name, "/etc/", 5) == 0 ? ERR_OK : locate_own_store(path, sizeof path, ctx);
    if (err == ERR_OK && (c->store = arena_strdup(&c->arena, str_of(path))) == NULL)
        err = errctx_set(ctx, ERR_NOMEM, "%s: out of memory", name);
    return err;
}

/* Parses into c, whose arena is ready; r collects the findings. Errors other than findings: out of memory, and not YAML at all. */
static enum err parse_into(struct str text, const char *name, struct config *c, struct reader *r, struct errctx *ctx)
{
    const struct yaml_node *builtin, *root;
    r->arena = &c->arena;
    r->name = name;
    r->dir = locate_dir_of(name, &c->arena);
    enum err err = yaml_parse((struct str){(const char *)embed_defaults, embed_defaults_size}, "defaults.yaml", &c->arena, &builtin, ctx);
    if (err == ERR_OK)
        err = yaml_parse(text, name, &c->arena, &root, ctx);
    if (err != ERR_OK)
        return err;
    if (r->dir == NULL)
        return errctx_set(ctx, ERR_NOMEM, "%s: out of memory", name);
    config_read(r, builtin, root, c);
    reader_sort(r);
    return ERR_OK;
}

enum err config_parse(struct str text, const char *name, struct config *ret, struct errctx *ctx)
{
    struct config c = {0};
    struct reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return errctx_set(ctx, ERR_NOMEM, "%s: out of memory", name);
    arena_init(&c.arena, CONFIG_ARENA_MAX);
    enum err err = parse_into(text, name, &c, r, ctx);
    if (err == ERR_OK)
        err = reader_result(r, ctx);
    if (err == ERR_OK)
        err = set_store(&c, name, ctx);
    free(r);
    if (err != ERR_OK)
        arena_fini(&c.arena);
    else
        *ret = c;
    return err;
}

static bool any_runs(const struct config_header *h, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (h[i].secret.command != NULL)
            return true;
    return false;
}

static bool post_runs(const struct config_post *p)
{
    return p->url_secret.command != NULL || any_runs(p->header, p->header_count);
}

static bool runs_command(const struct config *c)
{
    for (uint32_t i = 0; i < c->source_count; i++) {
        const struct config_source *s = &c->sources[i];
        if (s->bearer.command != NULL || s->password.command != NULL || any_runs(s->header, s->header_count))
            return true;
    }
    for (uint32_t i = 0; i < c->canary_count; i++)
        if (c->canaries[i].key.command != NULL)
            return true;
    for (uint32_t i = 0; i < c->pager_count; i++)
        if (post_runs(&c->pagers[i].post))
            return true;
    return post_runs(&c->heartbeat.post);
}

static enum err load_file(const char *path, struct config *ret, struct errctx *ctx)
{
    struct arena file;
    struct str text;
    struct locate_trust trust;
    struct config c;
    arena_init(&file, YAML_BYTES_MAX + 4096);
    enum err err = locate_read(path, &file, &text, &trust, ctx);
    if (err == ERR_OK)
        err = config_parse(text, path, &c, ctx);
    arena_fini(&file);
    if (err != ERR_OK)
        return err;
    c.path = arena_strdup(&c.arena, str_of(path));
    if (c.path == NULL)
        err = errctx_set(ctx, ERR_NOMEM, "%s: out of memory", path);
    else if (trust.others_read && runs_command(&c))
        err = errctx_set(ctx, ERR_CONFIG, "%s: others can read it, and it holds a command that yields a secret; run chmod o-r %s", path,
                         path);
    if (err != ERR_OK)
        config_fini(&c);
    else
        *ret = c;
    return err;
}

static enum err load_defaults(struct config *ret, struct errctx *ctx)
{
    struct config c;
    char path[LOCATE_PATH_MAX];
    enum err err = config_parse((struct str){"", 0}, "gwtop.yaml", &c, ctx);
    if (err != ERR_OK)
        return err;
    err = config_default_store(path, sizeof path, ctx);
    if (err == ERR_OK && (c.store = arena_strdup(&c.arena, str_of(path))) == NULL)
        err = errctx_set(ctx, ERR_NOMEM, "out of memory");
    if (err != ERR_OK)
        config_fini(&c);
    else
        *ret = c;
    return err;
}

enum err config_load(const char *path, struct config *ret, bool *ret_found, struct errctx *ctx)
{
    char found[LOCATE_PATH_MAX];
    bool named = path != NULL, exists = true;
    if (path == NULL)
        exists = locate_config(found, sizeof found, &named);
    if (path == NULL && !exists && named)
        return errctx_set(ctx, ERR_CONFIG, "GWTOP_CONFIG names a path that is too long");
    enum err err = exists ? load_file(path != NULL ? path : found, ret, ctx) : load_defaults(ret, ctx);
    if (err == ERR_OK)
        *ret_found = exists;
    return err;
}

void config_fini(struct config *c)
{
    if (c != NULL)
        arena_fini(&c->arena);
}

/* "name:3:7: text" of the YAML reader as a finding with a position of its own. */
static void report_unreadable(const char *name, const struct errctx *e, void (*fn)(void *ctx, const struct config_finding *f), void *fn_ctx)
{
    struct config_finding f = {.text = e->text};
    size_t n = strlen(name);
    if (strncmp(e->text, name, n) == 0 && e->text[n] == ':') {
        char *after_line, *after_column = NULL;
        unsigned long line = strtoul(e->text + n + 1, &after_line, 10),
                      column = *after_line == ':' ? strtoul(after_line + 1, &after_column, 10) : 0;
        if (line > 0 && column > 0 && strncmp(after_column, ": ", 2) == 0)
            f = (struct config_finding){.line = (uint32_t)line, .column = (uint32_t)column, .text = after_column + 2};
    }
    fn(fn_ctx, &f);
}

size_t config_check(struct str text, const char *name, void (*fn)(void *ctx, const struct config_finding *f), void *fn_ctx)
{
    struct config c = {0};
    struct errctx e = {{0}};
    size_t count = 1;
    struct reader *r = calloc(1, sizeof *r);
    arena_init(&c.arena, CONFIG_ARENA_MAX);
    enum err err = r != NULL ? parse_into(text, name, &c, r, &e) : errctx_set(&e, ERR_NOMEM, "out of memory");
    if (err == ERR_OK && r->nomem)
        err = errctx_set(&e, ERR_NOMEM, "out of memory");
    if (err != ERR_OK) {
        report_unreadable(name, &e, fn, fn_ctx);
    } else {
        count = r->count;
        for (size_t i = 0; i < r->count; i++)
            fn(fn_ctx, &r->list[i]);
    }
    free(r);
    arena_fini(&c.arena);
    return count;
}

enum err config_price_list(const struct config *c, char *out, size_t cap, struct errctx *ctx)
{
    const char *slash = strrchr(c->store, '/');
    bool fits = c->price_list != NULL ? str_copy(out, cap, str_of(c->price_list))
                                      : str_format(out, cap, "%.*sprices.txt", slash != NULL ? (int)(slash + 1 - c->store) : 0, c->store);
    return fits ? ERR_OK : errctx_set(ctx, ERR_LIMIT, "the path of the price list is too long");
}

enum err config_read_price_list(const struct config *c, size_t max_bytes, struct arena *a, const char **ret_path, struct str *ret_text,
                                struct errctx *ctx)
{
    char path[LOCATE_PATH_MAX] = "";
    struct str text = c->price_text; /* of a snapshot; else none */
    const bool has_place =
        !c->of_snapshot && (c->price_list != NULL || c->store != NULL); /* a configuration that no file made has no store */
    enum err e = has_place ? config_price_list(c, path, sizeof path, ctx) : ERR_OK;
    if (e == ERR_OK && has_place)
        e = locate_read_data(path, max_bytes, a, &text, ctx);
    if (e == ERR_NOTFOUND)
        e = c->price_list == NULL ? ERR_OK : ERR_IO;
    const char *kept = e == ERR_OK ? arena_strdup(a, str_of(path)) : NULL;
    if (e == ERR_OK && kept == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading prices");
    if (e == ERR_OK) {
        *ret_path = kept;
        *ret_text = text;
    }
    return e;
}

void config_budget_period(const struct config_budget *b, int64_t at_ms, int64_t *ret_from_ms, int64_t *ret_to_ms)
{
    static const int64_t day_ms = 86400000;
    time_t at = (time_t)(at_ms / 1000);
    struct tm tm;
    int64_t midnight = instant_floor(at_ms, day_ms);

    gmtime_r(&at, &tm);
    if (b->period == PERIOD_DAY) {
        *ret_from_ms = midnight;
        *ret_to_ms = midnight + day_ms;
    } else if (b->period == PERIOD_WEEK) {
        *ret_from_ms = midnight - (tm.tm_wday + 6) % 7 * day_ms;
        *ret_to_ms = *ret_from_ms + 7 * day_ms;
    } else {
        static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        int year = tm.tm_year + 1900;
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        *ret_from_ms = midnight - (tm.tm_mday - 1) * day_ms;
        *ret_to_ms = *ret_from_ms + (days[tm.tm_mon] + (tm.tm_mon == 1 && leap)) * day_ms;
    }
}

static void put_scope(struct json *w, const struct scope_part *scope, uint32_t count)
{
    json_array(w, "scope");
    for (uint32_t i = 0; i < count; i++) {
        json_object(w, NULL);
        json_string(w, "dim", dim_name(scope[i].dim));
        json_string(w, "value", scope[i].value);
        json_end(w);
    }
    json_end(w);
}

enum err config_budgets_to_json(const struct config_budget *budgets, uint32_t count, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_array(&w, NULL);
    for (uint32_t i = 0; i < count; i++) {
        const struct config_budget *b = &budgets[i];
        json_object(&w, NULL);
        json_string(&w, "name", b->name);
        json_i64(&w, "limit_nusd", b->limit_nusd);
        json_string(&w, "period", b->period == PERIOD_DAY ? "day" : b->period == PERIOD_WEEK ? "week" : "month");
        put_scope(&w, b->scope, b->scope_count);
        json_end(&w);
    }
    json_end(&w);
    return w.err;
}

enum err config_slos_to_json(const struct slo *slos, uint32_t count, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_array(&w, NULL);
    for (uint32_t i = 0; i < count; i++) {
        const struct slo *s = &slos[i];
        json_object(&w, NULL);
        json_string(&w, "name", s->name);
        json_string(&w, "kind", s->kind == SLO_LATENCY ? "latency" : "availability");
        json_f64(&w, "objective", s->objective);
        json_i64(&w, "period_ms", s->period_ms);
        if (s->kind == SLO_LATENCY) {
            json_string(&w, "signal", signal_info(s->signal)->name);
            json_f64(&w, "threshold", s->threshold);
        }
        put_scope(&w, s->scope, s->scope_count);
        json_end(&w);
    }
    json_end(&w);
    return w.err;
}

enum err config_topology_to_json(const struct road_edge *list, uint32_t count, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_array(&w, NULL);
    for (uint32_t i = 0; i < count; i++) {
        json_object(&w, NULL);
        json_string(&w, "from", list[i].from);
        json_string(&w, "to", list[i].to);
        json_end(&w);
    }
    json_end(&w);
    return w.err;
}
