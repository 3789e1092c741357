/* SPDX-License-Identifier: MIT */
/* What is known rather than measured, as of the end of the time that is copied: a fact that was known later would be read at no cursor of
 * the copy. */
#include "store/store_export.h"

#include <string.h>

#include "base/buf.h"
#include "store/store_mask.h"

/* Only text can be masked: of what is coded otherwise a masked copy has what tells no names. */
static bool is_text(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < ' ' && p[i] != '\n' && p[i] != '\t')
            return false;
    return true;
}

static enum err bind_masked(struct store_copy *c, const void *data, size_t n, sqlite3_stmt *out, int column)
{
    buf_reset(&c->text);
    enum err e = store_mask_text(c->mask, (struct str){data, n}, &c->text);
    if (e != ERR_OK)
        return e;
    return sqlite3_bind_blob(out, column, c->text.len > 0 ? c->text.data : "", (int)c->text.len, SQLITE_TRANSIENT) == SQLITE_OK ? ERR_OK
                                                                                                                                : ERR_NOMEM;
}

static enum err copy_note(struct store_copy *c, sqlite3_stmt *in, sqlite3_stmt *out, bool *take)
{
    static const char odd[] = "odd_buckets/";
    const char *name = (const char *)sqlite3_column_text(in, 0);
    const uint8_t *value = sqlite3_column_blob(in, 2);
    const size_t n = (size_t)sqlite3_column_bytes(in, 2);

    for (size_t i = 0; i < c->what->note_count; i++)
        *take = *take && name != NULL && strcmp(name, c->what->notes[i].name) != 0;
    if (c->mask == NULL || name == NULL || strncmp(name, odd, sizeof odd - 1) == 0)
        return ERR_OK;
    *take = *take && is_text(value, n);
    return *take ? bind_masked(c, value, n, out, store_copy_column(in, "value") + 1) : ERR_OK;
}

static enum err bind_status(struct store_copy *c, const void *data, size_t n, sqlite3_stmt *out, int column, bool *take)
{
    buf_reset(&c->text);
    enum err e = store_status_mask(c->mask, data, n, &c->text);
    *take = e == ERR_OK;
    if (e != ERR_OK)
        return e == ERR_CORRUPT ? ERR_OK : e; /* what is damaged there tells nothing here */
    return sqlite3_bind_blob(out, column, c->text.data, (int)c->text.len, SQLITE_TRANSIENT) == SQLITE_OK ? ERR_OK : ERR_NOMEM;
}

static enum err copy_status(struct store_copy *c, sqlite3_stmt *in, sqlite3_stmt *out, bool *take)
{
    const int data = store_copy_column(in, "data");

    return c->mask == NULL ? ERR_OK
                           : bind_status(c, sqlite3_column_blob(in, data), (size_t)sqlite3_column_bytes(in, data), out, data + 1, take);
}

enum err store_copy_head(struct store_copy *c, sqlite3_stmt *in, sqlite3_stmt *out, bool *take)
{
    if (sqlite3_column_int64(in, store_copy_column(in, "shard")) != STORE_STATUS_SHARD)
        return ERR_OK;
    return copy_status(c, in, out, take);
}

/* An act whose names are others has another hash, and where it was typed from names somebody. */
static enum err copy_act(struct store_copy *c, sqlite3_stmt *in, sqlite3_stmt *out, bool *take)
{
    const int hash = store_copy_column(in, "hash") + 1, origin = store_copy_column(in, "origin") + 1;

    (void)take;
    if (c->mask == NULL)
        return ERR_OK;
    return sqlite3_bind_null(out, hash) == SQLITE_OK && sqlite3_bind_text(out, origin, "", 0, SQLITE_STATIC) == SQLITE_OK ? ERR_OK
                                                                                                                          : ERR_NOMEM;
}

/* Its address without what may be a secret: who logs in, and the query. Sources are recorded without the former already. */
static enum err copy_source(struct store_copy *c, sqlite3_stmt *in, sqlite3_stmt *out, bool *take)
{
    const int column = store_copy_column(in, "url");
    const char *url = (const char *)sqlite3_column_text(in, column);
    const char *host = url != NULL ? strstr(url, "://") : NULL;

    (void)c;
    (void)take;
    if (host == NULL)
        return ERR_OK;
    host += 3;
    const size_t authority = strcspn(host, "/?#"), all = strcspn(url, "?#");
    const char *at = NULL;
    for (size_t i = 0; i < authority; i++)
        at = host[i] == '@' ? host + i + 1 : at;
    buf_reset(&c->text);
    enum err e = buf_append(&c->text, url, (size_t)(host - url));
    if (e == ERR_OK)
        e = buf_append(&c->text, at != NULL ? at : host, (size_t)(url + all - (at != NULL ? at : host)));
    if (e != ERR_OK)
        return e;
    return sqlite3_bind_text(out, column + 1, c->text.data, (int)c->text.len, SQLITE_TRANSIENT) == SQLITE_OK ? ERR_OK : ERR_NOMEM;
}

enum err store_copy_dict(struct store_copy *c)
{
    enum { DICT_ROW_MAX = 15 << 20 };
    struct buf row;

    if (c->mask == NULL)
        return store_copy_table(c, "dict", "SELECT * FROM dict", NULL, 0, NULL);
    buf_init(&row, DICT_ROW_MAX);
    enum err e = store_mask_dict(c->mask, &c->from->dict, &row);
    if (e == ERR_OK)
        e = store_run(c->to, STMT_DICT_ADD, (const struct store_val[]){store_int(1), store_blob(row.data, row.len)}, 2, c->ctx);
    buf_fini(&row);
    return e;
}

static enum err put_note(struct store_copy *c, const struct store_export_note *note)
{
    struct str value = note->value;

    buf_reset(&c->text);
    if (c->mask != NULL) {
        enum err e = store_mask_text(c->mask, value, &c->text);
        if (e != ERR_OK)
            return e;
        value = buf_str(&c->text);
    }
    return store_run(c->to, STMT_NOTE_PUT,
                     (const struct store_val[]){store_text(note->name), store_int(c->what->to_ms), store_blob(value.p, value.n)}, 3,
                     c->ctx);
}

enum err store_copy_facts(struct store_copy *c)
{
    static const struct {
        const char *table, *where; /* ?1: the end */
        store_copy_fn *fn;
    } tables[] = {
        {"source", "", copy_source},
        {"status", " WHERE at_ms <= ?1", copy_status},
        {"gap", " WHERE t0 < ?1", NULL},
        {"late", " WHERE t0 < ?1", NULL},
        {"authority", "", NULL},
        {"event", " WHERE known_ms <= ?1", NULL},
        {"alert", " WHERE known_ms <= ?1", NULL},
        {"outside", " WHERE known_ms <= ?1", NULL},
        {"incident", " WHERE known_ms <= ?1", NULL},
        {"timeline", " WHERE known_ms <= ?1", NULL},
        {"note", " WHERE known_ms <= ?1", copy_note},
        {"act", " WHERE known_ms <= ?1 AND at_ms <= ?1", copy_act},
    };
    char select[160];
    const struct store_val to = store_int(c->what->to_ms);
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < sizeof tables / sizeof *tables; i++) {
        sqlite3_snprintf(sizeof select, select, "SELECT * FROM %s%s", tables[i].table, tables[i].where);
        e = store_copy_table(c, tables[i].table, select, &to, tables[i].where[0] != '\0', tables[i].fn);
    }
    for (size_t i = 0; e == ERR_OK && i < c->what->note_count; i++)
        e = put_note(c, &c->what->notes[i]);
    return e;
}
