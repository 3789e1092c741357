/* SPDX-License-Identifier: MIT */
/* What tests of pane 5 share: scores and answers of two hours, and what a recorder writes down of them. */
#ifndef GWTOP_TESTS_VIEW_QUALITY_ROWS_H
#define GWTOP_TESTS_VIEW_QUALITY_ROWS_H

#include <math.h>

#include "fixture.h"
#include "model/canary_state.h"
#include "model/drift.h"
#include "view/vdrift.h"
#include "view/vquality.h"

enum { ONSET = 60 }; /* minutes after the beginning of the recording */
static const int64_t minute_ms = 60000;

static inline int64_t minute(int i)
{
    return fixture_start_ms + i * minute_ms;
}

static inline uint32_t score_series(struct fixture *f, const char *name, const char *judge, const char *model)
{
    struct series s = {.source = f->source, .signal = SIG_EVAL};
    uint32_t id = 0;
    s.dim[DIM_NAME] = fixture_string(f, name);
    s.dim[DIM_JUDGE] = judge[0] != '\0' ? fixture_string(f, judge) : 0;
    s.dim[DIM_MODEL] = fixture_string(f, model);
    ck_assert_int_eq(store_series(f->st, &s, &id, NULL), ERR_OK);
    return id;
}

/* n scores that add up to sum / 1000. */
static inline void scores(struct fixture *f, uint32_t series, int64_t n, int64_t bad, int64_t sum)
{
    struct store_item *it = &f->items[f->count++];
    ck_assert_uint_le(f->count, FIXTURE_ITEMS_MAX);
    *it = (struct store_item){.series = series};
    it->v.score.n = n;
    it->v.score.bad = bad;
    it->v.score.sum_fixed = sum * INT64_C(1000000);
}

/* json_valid of gpt-x: 20 a minute, from ONSET on two of them bad; of c-l none is. Of gpt-x's 60 requests a minute 3 are filtered, of c-l's
 * none. Guardrail pii: 10 checks, 1 blocks, 5 more that did not run. */
static inline void record(struct fixture *f)
{
    fixture_open(f);
    const uint32_t json = score_series(f, "json_valid", "", "gpt-x"), other = score_series(f, "json_valid", "", "c-l");
    const uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "", "", "ok", ""),
                   filtered = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "", "", "filter", ""),
                   fine = fixture_series(f, SIG_REQUESTS, 0, "c-l", "", "", "ok", "");
    const uint32_t checks[] = {fixture_series(f, SIG_GUARDRAIL_CHECKS, 0, "", "", "", "passed", "pii"),
                               fixture_series(f, SIG_GUARDRAIL_CHECKS, 0, "", "", "", "blocked", "pii"),
                               fixture_series(f, SIG_GUARDRAIL_CHECKS, 0, "", "", "", "not_run", "pii")};
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        const int64_t bad = i > ONSET ? 2 : 0;
        scores(f, json, 20, bad, (20 - bad) * 1000);
        scores(f, other, 20, 0, 20000);
        fixture_increment(f, ok, 57);
        fixture_increment(f, filtered, 3);
        fixture_increment(f, fine, 60);
        fixture_increment(f, checks[0], 9);
        fixture_increment(f, checks[1], 1);
        fixture_increment(f, checks[2], 5);
        fixture_append(f, minute(i));
    }
}

static inline void settle(struct fixture *f)
{
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

/* What the recorder says a stream is held against. */
static inline void hold(struct fixture *f, const char *rule, const char *scope, int64_t known_ms, struct drift_base b)
{
    char name[200];
    struct buf text;
    buf_init(&text, 4096);
    b.alarms = 2;
    b.streams = 5;
    b.arl = b.arl > 0 ? b.arl : 2e6;
    b.why = b.why != NULL ? b.why : "";
    ck_assert(str_format(name, sizeof name, DRIFT_NOTE, rule, scope));
    ck_assert_int_eq(drift_base_write(&b, &text), ERR_OK);
    ck_assert_int_eq(store_put_note(f->st, name, known_ms, buf_str(&text), NULL), ERR_OK);
    buf_fini(&text);
    settle(f);
}

static const struct drift_base known = {.is_share = true,
                                        .high_is_good = true,
                                        .n = 2000,
                                        .bad = 40,
                                        .mean = 0.98,
                                        .var = 0.0196,
                                        .from_ms = 1795400000000,
                                        .to_ms = 1795440000000};

static inline void tell_evidence(struct fixture *f, const char *label, const char *model, int64_t at_ms, double v)
{
    const struct source_status own = {
        .name = DRIFT_SOURCE, .kind = OWN_SOURCE_KIND, .url = "", .gateway = "", .profile = "", .interval_ms = minute_ms};
    struct series s = {.signal = SIG_DRIFT_EVIDENCE};
    struct store_item it = {.v.gauge = v};
    ck_assert_int_eq(store_put_source(f->st, &own, &s.source, NULL), ERR_OK);
    s.dim[DIM_NAME] = fixture_string(f, label);
    s.dim[DIM_MODEL] = model[0] != '\0' ? fixture_string(f, model) : 0;
    ck_assert_int_eq(store_series(f->st, &s, &it.series, NULL), ERR_OK);
    const struct store_batch b = {.source = s.source, .t0_ms = at_ms - minute_ms, .t1_ms = at_ms, .items = &it, .count = 1};
    ck_assert_int_eq(store_append(f->st, &b, 1, NULL), ERR_OK);
    settle(f);
}

static inline void put(struct fixture *f, const char *rule, const char *scope, const char *text, enum alert_state state, int64_t since_ms,
                       int64_t total)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .state = state,
                             .since_ms = since_ms,
                             .onset_ms = minute(ONSET),
                             .onset_error_ms = 3 * minute_ms,
                             .known_ms = since_ms,
                             .total = total,
                             .text = text};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
    settle(f);
}

static inline void find_drift(struct fixture *f)
{
    put(f, "quality:json_valid", "model=gpt-x", "json_valid of gpt-x fell 98.0 -> 90.0 %", ALERT_FIRING, minute(ONSET + 5), 2000);
}

static inline struct view_quality load(struct fixture *f)
{
    struct view_quality v;
    struct errctx why = {""};
    ck_assert_msg(view_load_quality(&f->loader, &f->params, &v, &why) == ERR_OK, "%s", why.text);
    return v;
}

static const struct vquality_row *row_of(const struct view_quality *v, const char *label)
{
    for (size_t i = 0; i < v->row_count; i++)
        if (strcmp(v->rows[i].label, label) == 0)
            return &v->rows[i];
    ck_abort_msg("no row '%s'", label);
    return NULL;
}

static const struct vquality_row *reload(struct fixture *f, const char *label)
{
    const struct view_quality v = load(f);
    return row_of(&v, label);
}

#endif
