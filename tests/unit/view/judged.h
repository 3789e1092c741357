/* SPDX-License-Identifier: MIT */
/* What tests of the verdict share: an objective, its alerts, and traffic of which some fails. */
#ifndef GWTOP_TESTS_VIEW_JUDGED_H
#define GWTOP_TESTS_VIEW_JUDGED_H

#include "fixture.h"

#define AVAILABLE "{\"name\":\"avail\",\"kind\":\"availability\",\"objective\":0.99,\"period_ms\":2592000000,\"scope\":[]}"

static inline void note_slos(struct fixture *f, const char *json)
{
    ck_assert_int_eq(store_put_note(f->st, "slo", fixture_start_ms, str_of(json), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

static inline void add_alert(struct fixture *f, const char *rule, enum severity severity, enum alert_state state, int64_t since_ms)
{
    const struct alert al = {.rule = rule,
                             .scope = "",
                             .severity = severity,
                             .state = state,
                             .since_ms = since_ms,
                             .onset_ms = since_ms,
                             .known_ms = since_ms,
                             .text = "nothing observed for 5m"};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
}

static inline void put_alert(struct fixture *f, const char *rule, enum severity severity, enum alert_state state, int64_t since_ms)
{
    add_alert(f, rule, severity, state, since_ms);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

static inline struct view_verdict verdict(struct fixture *f)
{
    struct view_frame v;
    ck_assert_int_eq(view_load_frame(&f->loader, &f->params, &v, NULL), ERR_OK);
    return v.verdict;
}

static inline int64_t minute(int i)
{
    return fixture_start_ms + i * fixture_step_ms;
}

/* 60 a minute, the last three minutes `bad` more of another class: (3 x bad) of (5 x 60 + 3 x bad) in the last five. */
static inline void record_failures(struct fixture *f, int64_t bad)
{
    fixture_open(f);
    uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", "");
    uint32_t failed = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "5xx", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(f, ok, 60);
        if (bad > 0 && i > FIXTURE_POLLS - 3)
            fixture_increment(f, failed, bad);
        fixture_append(f, minute(i));
    }
    note_slos(f, "[" AVAILABLE "]");
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

/* One poll a minute: ok[i] and bad[i] at the i-th of the last ones, 60 and 0 before. */
static inline void record_last(struct fixture *f, const int ok[], const int bad[], int count)
{
    fixture_open(f);
    uint32_t good = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", "");
    uint32_t failed = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "5xx", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        int k = i - 1 - (FIXTURE_POLLS - count);
        fixture_increment(f, good, k < 0 ? 60 : ok[k]);
        fixture_increment(f, failed, k < 0 ? 0 : bad[k]);
        fixture_append(f, minute(i));
    }
    note_slos(f, "[" AVAILABLE "]");
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

#endif
