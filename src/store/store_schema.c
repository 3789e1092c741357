/* SPDX-License-Identifier: MIT */
/* The schema as a list of steps: step i turns version i into version i + 1, version 0 being an empty file. Steps are never changed
 * once released, only added. All of them run in one transaction. */
#include "store/store_internal.h"

#include <stdlib.h>

static const char *const steps[] = {
    /* 1: dictionary, measurements, facts */
    "CREATE TABLE dict(seq INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE TABLE shard(id INTEGER PRIMARY KEY, sealed_seq INTEGER NOT NULL, sealed_ms INTEGER NOT NULL, rolled_ms INTEGER NOT NULL);"
    "CREATE TABLE head(seq INTEGER PRIMARY KEY, shard INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, "
    "  n INTEGER NOT NULL, data BLOB NOT NULL);"
    "CREATE TABLE segment(id INTEGER PRIMARY KEY, tier INTEGER NOT NULL, shard INTEGER NOT NULL, t_min INTEGER NOT NULL, t_max INTEGER NOT "
    "NULL, "
    "  axis_n INTEGER NOT NULL, samples INTEGER NOT NULL, axis BLOB NOT NULL);"
    "CREATE INDEX segment_time ON segment(tier, shard, t_max, t_min);"
    "CREATE TABLE chunk(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE TABLE kept(t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, PRIMARY KEY(t0, t1)) WITHOUT ROWID;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, url TEXT NOT NULL, gateway TEXT NOT NULL, "
    "  profile TEXT NOT NULL, interval_ms INTEGER NOT NULL);"
    "CREATE TABLE status(source INTEGER NOT NULL, at_ms INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY(source, at_ms)) WITHOUT ROWID;"
    "CREATE TABLE gap(source INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(source, t0, "
    "t1)) WITHOUT ROWID;"
    "CREATE INDEX gap_time ON gap(t1);"
    "CREATE TABLE event(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at_ms INTEGER NOT NULL, known_ms INTEGER NOT NULL, kind INTEGER "
    "NOT NULL, "
    "  scope TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL);"
    "CREATE INDEX event_time ON event(at_ms);"
    "CREATE TABLE alert(id INTEGER PRIMARY KEY, rule TEXT NOT NULL, scope TEXT NOT NULL, since_ms INTEGER NOT NULL, severity INTEGER NOT "
    "NULL, "
    "  state INTEGER NOT NULL, onset_ms INTEGER NOT NULL, known_ms INTEGER NOT NULL, burn_long REAL, burn_short REAL, window_long_ms "
    "INTEGER NOT NULL, "
    "  window_short_ms INTEGER NOT NULL, bad INTEGER NOT NULL, total INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE(rule, scope, since_ms));"
    "CREATE INDEX alert_time ON alert(since_ms);"
    "CREATE TABLE incident(version INTEGER PRIMARY KEY, incident INTEGER NOT NULL, title TEXT NOT NULL, scope TEXT NOT NULL, severity "
    "INTEGER NOT NULL, "
    "  state INTEGER NOT NULL, onset_ms INTEGER NOT NULL, opened_ms INTEGER NOT NULL, resolved_ms INTEGER NOT NULL, known_ms INTEGER NOT "
    "NULL, "
    "  owner TEXT NOT NULL, next_step TEXT NOT NULL);"
    "CREATE INDEX incident_known ON incident(incident, known_ms, version);"
    "CREATE TABLE timeline(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, incident INTEGER NOT NULL, at_ms INTEGER NOT NULL, known_ms "
    "INTEGER NOT NULL, "
    "  letter INTEGER NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL);"
    "CREATE INDEX timeline_incident ON timeline(incident, at_ms);"
    "CREATE TABLE authority(signal INTEGER NOT NULL, gateway INTEGER NOT NULL, source INTEGER NOT NULL, PRIMARY KEY(signal, gateway)) "
    "WITHOUT ROWID;"
    "CREATE TABLE note(name TEXT NOT NULL, known_ms INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY(name, known_ms)) WITHOUT ROWID;"
    "CREATE TABLE act(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, author TEXT NOT NULL, at_ms INTEGER NOT NULL, known_ms INTEGER NOT "
    "NULL, "
    "  verb TEXT NOT NULL, incident INTEGER NOT NULL, text TEXT NOT NULL);",
    /* 2: the audit chain; acts of version 1 get their hashes when the recorder takes in the next ones */
    "ALTER TABLE act ADD COLUMN hash BLOB;",
    /* 3: authorities per source, so that replicas have the word together. Where one source of a gateway had it, the others are kept; what
     * was unresolved is ruled on when the recorder opens. */
    "ALTER TABLE authority RENAME TO authority_2;"
    "CREATE TABLE authority(source INTEGER PRIMARY KEY, kept INTEGER NOT NULL, unresolved INTEGER NOT NULL);"
    "INSERT INTO authority SELECT other.id, sum(DISTINCT 1 << old.signal), 0 FROM authority_2 AS old JOIN source AS word ON word.id = "
    "old.source "
    "  JOIN source AS other ON other.gateway = word.gateway AND other.id <> word.id WHERE old.signal BETWEEN 0 AND 63 GROUP BY other.id;"
    "DROP TABLE authority_2;",
    /* 4: when an incident's trouble ended */
    "ALTER TABLE incident ADD COLUMN ended_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE incident ADD COLUMN ended_error_ms INTEGER NOT NULL DEFAULT 0;",
    /* 5: whether what was counted in a gap is lost; of earlier gaps that is known where nobody kept the counters */
    "ALTER TABLE gap ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;"
    "UPDATE gap SET lost = 1 WHERE reason IN ('the recorder was not running', 'it was not shown any more', 'the store could not be "
    "written');",
    /* 6: how exactly an onset is known; of earlier ones that is not told */
    "ALTER TABLE alert ADD COLUMN onset_error_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE incident ADD COLUMN onset_error_ms INTEGER NOT NULL DEFAULT 0;",
    /* 7: what was counted before it was known; of earlier gaps whose counts are not lost it was when they ended */
    "CREATE TABLE late(source INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, known_ms INTEGER NOT NULL, part INTEGER NOT "
    "NULL, "
    "  PRIMARY KEY(source, t0, t1)) WITHOUT ROWID;"
    "CREATE INDEX late_known ON late(known_ms);"
    "INSERT INTO late SELECT source, t0, t1, t1, 0 FROM gap WHERE lost = 0;",
    /* 8: of which signals counts are lost in a gap; of earlier ones that is all */
    "ALTER TABLE gap ADD COLUMN signals INTEGER NOT NULL DEFAULT 0;",
    /* 9: which scores are counted already; the key keeps those who choose ids from choosing their hashes */
    "CREATE TABLE score_mark(source INTEGER PRIMARY KEY, mark_ms INTEGER NOT NULL, floor_ms INTEGER NOT NULL);"
    "CREATE TABLE score_log(seq INTEGER PRIMARY KEY, source INTEGER NOT NULL, t_max INTEGER NOT NULL, data BLOB NOT NULL);"
    "CREATE INDEX score_log_time ON score_log(source, t_max);"
    "CREATE TABLE score_file(name TEXT PRIMARY KEY, known_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "INSERT INTO meta(name, value) VALUES('score_key', random());",
    /* 10: when what was found fell back, by its newest polls; of earlier findings that is not told */
    "ALTER TABLE alert ADD COLUMN ended_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE alert ADD COLUMN ended_error_ms INTEGER NOT NULL DEFAULT 0;",
    /* 11: of which incident an alert is, and of which an incident became a part; of earlier alerts the scope tells */
    "ALTER TABLE alert ADD COLUMN incident INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE incident ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;",
    /* 12: alerts of outside systems, as versions */
    "CREATE TABLE outside(id INTEGER PRIMARY KEY, source TEXT NOT NULL, fingerprint TEXT NOT NULL, known_ms INTEGER NOT NULL, rule TEXT "
    "NOT "
    "NULL, "
    "  name TEXT NOT NULL, scope TEXT NOT NULL, labels TEXT NOT NULL, severity INTEGER NOT NULL, state INTEGER NOT NULL, since_ms INTEGER "
    "NOT NULL, "
    "  starts_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL, quiet TEXT NOT NULL, quiet_by TEXT NOT NULL, quiet_until_ms INTEGER NOT NULL, "
    "  acked_by TEXT NOT NULL, summary TEXT NOT NULL, runbook TEXT NOT NULL, dashboard TEXT NOT NULL, UNIQUE(source, fingerprint, "
    "known_ms));",
    /* 13: where an act was typed from; of earlier ones that is not told */
    "ALTER TABLE act ADD COLUMN origin TEXT NOT NULL DEFAULT '';",
};

enum { SCHEMA_VERSION = sizeof steps / sizeof steps[0] };

static enum err pragma_int(struct store *st, const char *sql, int64_t *ret, struct errctx *ctx)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(st->db, sql, -1, &s, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    if (rc != SQLITE_ROW) {
        sqlite3_finalize(s);
        return store_sql_error(st, rc == SQLITE_DONE ? SQLITE_CORRUPT : rc, ctx, "read its version");
    }
    *ret = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return ERR_OK;
}

/* Whether the file is ours, and of which version; an empty file is version 0. */
static enum err read_version(struct store *st, int64_t *ret_version, struct errctx *ctx)
{
    int64_t app = 0, version = 0, pages = 0;
    enum err e = pragma_int(st, "PRAGMA application_id", &app, ctx);

    if (e == ERR_OK)
        e = pragma_int(st, "PRAGMA user_version", &version, ctx);
    if (e == ERR_OK)
        e = pragma_int(st, "SELECT count(*) FROM sqlite_schema", &pages, ctx);
    if (e != ERR_OK)
        return e;
    if (app == 0 && version == 0 && pages == 0) {
        *ret_version = 0;
        return ERR_OK;
    }
    if (app != STORE_APPLICATION_ID)
        return errctx_set(ctx, ERR_CORRUPT,
                          "%s is an SQLite file of some other program; name another file with --store, it was left as it is", st->path);
    if (version > SCHEMA_VERSION)
        return errctx_set(ctx, ERR_VERSION,
                          "%s was written by a newer gwtop (format %lld, this one knows %d); use that version, or another --store",
                          st->path, (long long)version, SCHEMA_VERSION);
    *ret_version = version;
    return ERR_OK;
}

enum err store_schema_steps(struct store *st, int from, int to, struct errctx *ctx)
{
    char sql[96];
    enum err e = store_txn_begin(st, ctx);

    for (int i = from; e == ERR_OK && i < to; i++)
        e = store_exec(st, steps[i], ctx);
    if (e == ERR_OK) {
        sqlite3_snprintf(sizeof sql, sql, "PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION_ID, to);
        e = store_exec(st, sql, ctx);
    }
    if (e == ERR_OK)
        return store_txn_commit(st, ctx);
    store_txn_rollback(st);
    return e;
}

enum err store_schema_migrate(struct store *st, struct errctx *ctx)
{
    int64_t version = 0;
    enum err e = read_version(st, &version, ctx);

    return e != ERR_OK || version == SCHEMA_VERSION ? e : store_schema_steps(st, (int)version, SCHEMA_VERSION, ctx);
}

enum err store_schema_check(struct store *st, struct errctx *ctx)
{
    int64_t version = 0;
    enum err e = read_version(st, &version, ctx);

    if (e != ERR_OK)
        return e;
    if (version == 0)
        return errctx_set(ctx, ERR_NOTFOUND, "%s is still empty: no recorder has written to it yet", st->path);
    if (version < SCHEMA_VERSION)
        return errctx_set(
            ctx, ERR_VERSION,
            "%s was written by an older gwtop (format %lld, this one reads %d); start the recorder once, it brings the file up to date",
            st->path, (long long)version, SCHEMA_VERSION);
    return ERR_OK;
}
