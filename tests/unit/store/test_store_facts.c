/* SPDX-License-Identifier: MIT */
/* Facts come back as they were known at the cursor. */
#include "support.h"

#include <fcntl.h>
#include <math.h>

#include "store/store_files.h"
#include "store/store_internal.h"

static struct place place;
static struct store *st;
static struct errctx ctx;
static struct arena a;

static void setup(void)
{
    place_init(&place);
    st = open_writer(&place);
    arena_init(&a, 1 << 20);
}

static void teardown(void)
{
    arena_fini(&a);
    store_close(st);
    place_fini(&place);
}

START_TEST(events_are_keyed_and_known_later)
{
    struct event e = {.at_ms = T0,
                      .known_ms = T0 + 60000,
                      .kind = EVENT_DEPLOY,
                      .scope = "model=x",
                      .text = "deployed 1.2",
                      .source = "gwtop"},
                 *list;
    size_t n;

    OK(store_put_event(st, "deploy:1", &e, &ctx));
    e.text = "again";
    OK(store_put_event(st, "deploy:1", &e, &ctx));
    OK(store_commit(st, &ctx));
    OK(store_events(st, T0 - 1, T0, T0 + 59999, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 0);
    OK(store_events(st, T0 - 1, T0, T0 + 60000, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(list[0].text, "deployed 1.2");
    ck_assert_int_eq(list[0].kind, EVENT_DEPLOY);
    OK(store_events(st, T0, T0 + 1, T0 + 60000, &a, &list, &n, &ctx)); /* windows are half-open */
    ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(alerts_read_the_latest_transition_known)
{
    struct alert al = {.rule = "slo:x",
                       .scope = "model=x",
                       .severity = SEV_PAGE,
                       .state = ALERT_FIRING,
                       .since_ms = T0,
                       .ended_ms = T0 - 10,
                       .ended_error_ms = 5,
                       .known_ms = T0,
                       .burn_long = 15.5,
                       .burn_short = NAN,
                       .bad = 7,
                       .total = 100,
                       .text = "burning"},
                 *list;
    size_t n;

    OK(store_put_alert(st, &al, &ctx));
    OK(store_put_alert(st, &al, &ctx));
    al.since_ms = al.known_ms = T0 + 1000;
    al.state = ALERT_INACTIVE;
    OK(store_put_alert(st, &al, &ctx));
    al.scope = "model=y";
    OK(store_put_alert(st, &al, &ctx));
    OK(store_commit(st, &ctx));
    OK(store_alerts(st, T0 + 999, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(list[0].state, ALERT_FIRING);
    ck_assert(list[0].ended_ms == T0 - 10 && list[0].ended_error_ms == 5);
    ck_assert_double_eq(list[0].burn_long, 15.5);
    ck_assert_msg(isnan(list[0].burn_short), "an unknown burn rate must not come back as 0");
    OK(store_alerts(st, T0 + 1000, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 2);
    ck_assert_int_eq(list[0].state, ALERT_INACTIVE);
    OK(store_alert_history(st, T0 - 1, T0 + 1000, T0 + 1000, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 3);
    OK(store_alerts(st, T0 - 1, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(incidents_are_versions)
{
    struct incident in = {.title = "errors",
                          .scope = "",
                          .severity = SEV_PAGE,
                          .state = INCIDENT_OPEN,
                          .onset_ms = T0 - 5000,
                          .onset_error_ms = 2000,
                          .opened_ms = T0,
                          .known_ms = T0,
                          .owner = ""},
                    *list;
    struct timeline_entry t = {.at_ms = T0, .known_ms = T0, .letter = 'P', .text = "paged", .source = "gwtop"}, *entries;
    int64_t id = 0, second = 0;
    size_t n;

    OK(store_put_incident(st, &in, &id, &ctx));
    ck_assert_int_gt(id, 0);
    t.incident = id;
    OK(store_put_timeline(st, "page:1", &t, &ctx));
    OK(store_put_timeline(st, "page:1", &t, &ctx));
    in.id = id;
    in.owner = "ann";
    in.known_ms = T0 + 10;
    OK(store_put_incident(st, &in, NULL, &ctx));
    in.ended_ms = T0 + 5;
    in.ended_error_ms = 3; /* another version, though nothing else is new */
    OK(store_put_incident(st, &in, NULL, &ctx));
    in.id = 0;
    in.opened_ms = in.known_ms = T0 + 20;
    OK(store_put_incident(st, &in, &second, &ctx));
    ck_assert_int_ne(id, second);
    OK(store_commit(st, &ctx));
    OK(store_incidents(st, T0, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(list[0].owner, "");
    ck_assert_int_eq(list[0].ended_ms, 0);
    ck_assert_int_eq(list[0].onset_error_ms, 2000);
    OK(store_incidents(st, T0 + 19, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(list[0].owner, "ann");
    ck_assert_int_eq(list[0].ended_ms, T0 + 5);
    ck_assert_int_eq(list[0].ended_error_ms, 3);
    OK(store_incidents(st, T0 + 20, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 2);
    ck_assert_int_eq(list[0].id, second); /* newest first */
    OK(store_timeline(st, id, T0, &a, &entries, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(entries[0].letter, 'P');
    store_close(st);
    st = open_writer(&place);
    in.id = 0;
    OK(store_put_incident(st, &in, &id, &ctx));
    ck_assert_int_gt(id, second); /* ids go on after a restart */
}
END_TEST

START_TEST(notes)
{
    struct str v;

    OK(store_put_note(st, "slo", T0, str_of("[1]"), &ctx));
    OK(store_put_note(st, "slo", T0 + 5, str_of("[2]"), &ctx));
    OK(store_commit(st, &ctx));
    ck_assert_int_eq(store_note(st, "slo", T0 - 1, &a, &v), ERR_NOTFOUND);
    ck_assert_int_eq(store_note(st, "slo", T0 + 4, &a, &v), ERR_OK);
    ck_assert(str_eq_z(v, "[1]"));
    ck_assert_int_eq(store_note(st, "slo", T0 + 5, &a, &v), ERR_OK);
    ck_assert(str_eq_z(v, "[2]"));
    ck_assert_int_eq(store_note(st, "none", T0, &a, &v), ERR_NOTFOUND);
}
END_TEST

/* By signal, as known at a cursor; a store of an earlier version has one instant for several. */
START_TEST(contradicting_buckets_have_an_instant_each)
{
    int64_t at[SIG_COUNT] = {[SIG_TTFT] = T0 + 1}, got[SIG_COUNT];

    OK(store_put_odd_buckets(st, 7, T0 + 1, at, &ctx));
    at[SIG_E2E] = T0 + 2;
    OK(store_put_odd_buckets(st, 7, T0 + 2, at, &ctx));
    OK(store_put_note(st, "odd_buckets/8", T0, str_of("1800000000000 e2e ttft"), &ctx));
    OK(store_commit(st, &ctx));
    OK(store_odd_buckets(st, 7, T0, &a, got, &ctx));
    ck_assert(got[SIG_TTFT] == 0 && got[SIG_E2E] == 0);
    OK(store_odd_buckets(st, 7, T0 + 1, &a, got, &ctx));
    ck_assert(got[SIG_TTFT] == T0 + 1 && got[SIG_E2E] == 0);
    OK(store_odd_buckets(st, 7, T0 + 2, &a, got, &ctx));
    ck_assert_mem_eq(got, at, sizeof got);
    OK(store_odd_buckets(st, 8, T0 + 2, &a, got, &ctx));
    ck_assert(got[SIG_TTFT] == INT64_C(1800000000000) && got[SIG_E2E] == got[SIG_TTFT] && got[SIG_ITL] == 0);
    for (int i = 0; i < SIG_COUNT; i++) /* there is room for all of them */
        at[i] = INT64_MAX - i;
    OK(store_put_odd_buckets(st, 7, T0 + 3, at, &ctx));
    OK(store_commit(st, &ctx));
    OK(store_odd_buckets(st, 7, T0 + 3, &a, got, &ctx));
    ck_assert_mem_eq(got, at, sizeof got);
}
END_TEST

START_TEST(authorities_are_the_last_ones_put)
{
    const struct store_authority put[] = {
        {.source = 3, .kept = 5, .unresolved = 2}, {.source = 1, .kept = UINT64_C(1) << 63}, {.source = 3, .kept = 4}};
    struct store_authority *list;
    size_t n;

    OK(store_authorities(st, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 0);
    for (size_t i = 0; i < 3; i++)
        OK(store_put_authority(st, &put[i], &ctx));
    ck_assert_uint_eq(st->pending.count, 2); /* of one source only the last word waits */
    OK(store_authorities(st, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 2); /* what is put is seen before it is committed */
    OK(store_commit(st, &ctx));
    store_close(st);
    st = open_writer(&place);
    OK(store_authorities(st, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(list[0].source, 1);
    ck_assert(list[0].kept == UINT64_C(1) << 63 && list[0].unresolved == 0);
    ck_assert_uint_eq(list[1].source, 3);
    ck_assert(list[1].kept == 4 && list[1].unresolved == 0);
    ck_assert(store_authority_of(list, n, 3).kept == 4);
    ck_assert(store_authority_of(list, n, 2).kept == 0 && store_authority_of(list, n, 4).kept == 0 &&
              store_authority_of(list, 0, 1).kept == 0);
    ck_assert_uint_eq(store_authority_of(list, n, 2).source, 2);
}
END_TEST

START_TEST(notes_keep_their_last_64_versions)
{
    struct str v;

    for (int i = 0; i < 100; i++)
        OK(store_put_note(st, "state", T0 + i, str_of("x"), &ctx));
    OK(store_commit(st, &ctx));
    ck_assert_int_eq(store_note(st, "state", T0 + 35, &a, &v), ERR_NOTFOUND);
    ck_assert_int_eq(store_note(st, "state", T0 + 36, &a, &v), ERR_OK);
}
END_TEST

START_TEST(gaps_overlap_the_window)
{
    struct store_gap g = {.source = 1, .t0_ms = T0, .t1_ms = T0 + 100, .reason = "restart"}, *list;
    size_t n;

    OK(store_put_gap(st, &g, &ctx));
    OK(store_commit(st, &ctx));
    OK(store_gaps(st, T0 + 50, T0 + 60, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(list[0].reason, "restart");
    OK(store_gaps(st, T0 + 100, T0 + 200, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 0);
}
END_TEST

/* Of a gap it is known whose counts are lost in it; where several of one time are told, those of all. */
START_TEST(a_gap_is_of_some_signals_or_of_all)
{
    static const uint64_t high = UINT64_C(1) << 63;
    static const struct {
        struct store_gap put;
        size_t count;
        uint64_t longest; /* signals of the last one */
    } steps[] = {
        {{1, T0, T0 + 100, "x", true, high}, 1, high}, {{1, T0, T0 + 100, "y", true, 4}, 1, high | 4},
        {{1, T0, T0 + 200, "x", true, 4}, 2, 4},                                                /* the shorter one is of more */
        {{1, T0, T0 + 300, "x", true, 4}, 2, 4},       {{1, T0, T0 + 300, "x", true, 0}, 1, 0}, /* of all */
        {{1, T0, T0 + 300, "x", true, 4}, 1, 0},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct store_gap *list;
        size_t n;
        OK(store_put_gap(st, &steps[i].put, &ctx));
        OK(store_commit(st, &ctx));
        OK(store_lost(st, T0, T0 + 400, &a, &list, &n, &ctx));
        ck_assert_uint_eq(n, steps[i].count);
        const struct store_gap *longest = list[0].t1_ms > list[n - 1].t1_ms ? &list[0] : &list[n - 1];
        ck_assert_uint_eq(longest->signals, steps[i].longest);
        ck_assert(store_gap_is_of(longest, SIG_COST) == (longest->signals == 0 || (longest->signals >> SIG_COST & 1) != 0));
    }
}
END_TEST

START_TEST(sources_as_known_at_the_cursor)
{
    uint32_t id = put_source(st, "edge");
    struct source_status
        s = {.id = id, .state = SOURCE_OK, .interval_ms = 15000, .last_ok_ms = T0, .last_try_ms = T0, .http_status = 200, .bytes = 77},
        *list;
    size_t n;
    const struct store_batch poll = {.source = id, .t0_ms = T0 - 15000, .t1_ms = T0};

    ck_assert_uint_eq(put_source(st, "edge"), id); /* by name */
    OK(store_put_status(st, T0, &s, &ctx));
    OK(store_append(st, &poll, 1, &ctx));
    s.state = SOURCE_DOWN;
    s.reason = "connection refused";
    s.last_try_ms = T0 + 15000;
    s.http_status = 0;
    OK(store_put_status(st, T0 + 15000, &s, &ctx));
    OK(store_commit(st, &ctx));

    for (int reopened = 0; reopened < 2; reopened++) {
        OK(store_sources(st, T0 - 1, &a, &list, &n, &ctx));
        ck_assert_uint_eq(n, 1);
        ck_assert_int_eq(list[0].state, SOURCE_NEVER);
        ck_assert_int_eq(list[0].last_ok_ms, 0);
        OK(store_sources(st, T0, &a, &list, &n, &ctx));
        ck_assert_int_eq(list[0].state, SOURCE_OK);
        ck_assert_int_eq(list[0].bytes, 77);
        ck_assert_double_eq(list[0].polls_per_s, 1.0 / 15); /* one poll covers one interval */
        OK(store_sources(st, T0 + 15000, &a, &list, &n, &ctx));
        ck_assert_int_eq(list[0].state, SOURCE_DOWN);
        ck_assert_str_eq(list[0].reason, "connection refused");
        ck_assert_int_eq(list[0].last_ok_ms, T0);
        ck_assert_str_eq(list[0].gateway, "gw");
        store_close(st);
        st = open_writer(&place);
    }
}
END_TEST

/* The source as of a cursor. */
static struct source_status source_at_cursor(int64_t cursor_ms)
{
    struct source_status *list;
    size_t n;
    OK(store_sources(st, cursor_ms, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    return list[0];
}

static void poll_every_15s(uint32_t id, int64_t from_ms, int count)
{
    for (int i = 0; i < count; i++) {
        const struct store_batch poll = {.source = id, .t1_ms = from_ms + 15000 * i};
        OK(store_append(st, &poll, 1, &ctx));
    }
}

START_TEST(polls_per_second_are_of_the_time_in_which_it_was_polled)
{
    static const int64_t hour = 3600000;
    uint32_t id = put_source(st, "edge");
    poll_every_15s(id, T0, 8); /* two minutes */
    ck_assert_double_eq_tol(source_at_cursor(T0 + 7 * 15000).polls_per_s, 1.0 / 15, 1e-12);
    ck_assert_double_eq_tol(source_at_cursor(T0 + 7 * 15000 + 9000).polls_per_s, 1.0 / 15, 1e-12);    /* the next one is not due yet */
    ck_assert_double_eq_tol(source_at_cursor(T0 + 7 * 15000 + 135000).polls_per_s, 8.0 / 240, 1e-12); /* two minutes overdue */
    poll_every_15s(id, T0 + 8 * 15000 + 300000, 8); /* five minutes in which nobody polled, then two more */
    ck_assert_double_eq_tol(source_at_cursor(T0 + 15 * 15000 + 300000).polls_per_s, 1.0 / 15, 1e-12);
    poll_every_15s(id, T0 + hour, 240); /* the window is full */
    ck_assert_double_eq_tol(source_at_cursor(T0 + hour + 239 * 15000).polls_per_s, 1.0 / 15, 1e-12);
    ck_assert_double_eq(source_at_cursor(T0 + 4 * hour).polls_per_s, 0);
}
END_TEST

/* Polls that were read of a time afterwards are no sign that the source answered then; those of which a part came later are. */
START_TEST(what_was_known_later_is_no_answer_of_then)
{
    uint32_t id = put_source(st, "edge");
    struct source_status s = {.id = id, .state = SOURCE_OK, .interval_ms = 15000, .last_ok_ms = T0, .last_try_ms = T0};
    const struct store_late part = {id, T0, T0 + 75000, T0 + 160000, true}, whole = {id, T0 + 75000, T0 + 150000, T0 + 160000, false};
    struct store_late *list;
    size_t n;
    poll_every_15s(id, T0, 11);
    OK(store_put_status(st, T0, &s, &ctx));
    OK(store_put_late(st, &part, &ctx));
    OK(store_commit(st, &ctx));
    ck_assert_int_eq(source_at_cursor(T0 + 140000).state, SOURCE_OK);
    OK(store_put_late(st, &whole, &ctx));
    OK(store_put_late(st, &whole, &ctx));
    OK(store_commit(st, &ctx));
    for (int reopened = 0; reopened < 2; reopened++) {
        OK(store_late(st, T0, &a, &list, &n, &ctx));
        ck_assert_uint_eq(n, 0);
        OK(store_late(st, T0 + 1, &a, &list, &n, &ctx));
        ck_assert_uint_eq(n, 1);
        ck_assert(list[0].part);
        OK(store_late(st, T0 + 159999, &a, &list, &n, &ctx));
        ck_assert_uint_eq(n, 2);
        ck_assert(list[1].source == id && list[1].t0_ms == T0 + 75000 && list[1].t1_ms == T0 + 150000 && !list[1].part);
        ck_assert_int_eq(source_at_cursor(T0 + 140000).state, SOURCE_STALE);
        ck_assert_int_eq(source_at_cursor(T0 + 140000).last_ok_ms, T0 + 75000);
        ck_assert_int_eq(source_at_cursor(T0 + 80000).state, SOURCE_OK);
        OK(store_late(st, T0 + 160000, &a, &list, &n, &ctx));
        ck_assert_uint_eq(n, 0);
        ck_assert_int_eq(source_at_cursor(T0 + 160000).last_ok_ms, T0 + 150000);
        store_close(st);
        st = open_writer(&place);
    }
}
END_TEST

START_TEST(a_sawtooth_is_a_state_until_it_falls_silent)
{
    uint32_t id = put_source(st, "edge");
    struct source_status s = {.id = id,
                              .state = SOURCE_SAWTOOTH,
                              .sawtooth_since_ms = T0 - 30000,
                              .interval_ms = 15000,
                              .last_ok_ms = T0,
                              .last_try_ms = T0,
                              .reason = "counters go up and down"};
    poll_every_15s(id, T0, 1);
    OK(store_put_status(st, T0, &s, &ctx));
    OK(store_commit(st, &ctx));
    for (int reopened = 0; reopened < 2; reopened++) {
        struct source_status at = source_at_cursor(T0 + 1000);
        ck_assert_int_eq(at.state, SOURCE_SAWTOOTH);
        ck_assert_int_eq(at.sawtooth_since_ms, T0 - 30000);
        ck_assert_str_eq(at.reason, "counters go up and down");
        ck_assert_int_eq(source_at_cursor(T0 + 46000).state, SOURCE_STALE);
        store_close(st);
        st = open_writer(&place);
    }
    s.state = SOURCE_OK;
    s.sawtooth_since_ms = 0;
    s.reason = "";
    s.last_ok_ms = s.last_try_ms = T0 + 15000;
    OK(store_put_status(st, T0 + 15000, &s, &ctx));
    OK(store_commit(st, &ctx));
    ck_assert_int_eq(source_at_cursor(T0 + 15000).state, SOURCE_OK);
    ck_assert_int_eq(source_at_cursor(T0 + 14999).state, SOURCE_SAWTOOTH); /* as it was known then */
}
END_TEST

START_TEST(what_is_watched_is_a_state_of_then)
{
    uint32_t id = put_source(st, "edge");
    struct source_status s = {.id = id,
                              .state = SOURCE_WATCHING,
                              .watching_since_ms = T0 - 15000,
                              .watching_signals = UINT64_C(1) << 63 | 4,
                              .interval_ms = 15000,
                              .last_ok_ms = T0,
                              .last_try_ms = T0,
                              .reason = "its counters fell"};
    poll_every_15s(id, T0, 1);
    OK(store_put_status(st, T0, &s, &ctx));
    OK(store_commit(st, &ctx));
    for (int reopened = 0; reopened < 2; reopened++) {
        const struct source_status at = source_at_cursor(T0 + 1000);
        ck_assert(at.state == SOURCE_WATCHING && at.watching_since_ms == T0 - 15000 && at.sawtooth_since_ms == 0);
        ck_assert(at.watching_signals == (UINT64_C(1) << 63 | 4) && at.lack.since_ms == 0);
        ck_assert_int_eq(source_at_cursor(T0 + 46000).state, SOURCE_STALE);
        store_close(st);
        st = open_writer(&place);
    }
}
END_TEST

START_TEST(an_answer_in_part_says_what_it_lacks)
{
    uint32_t id = put_source(st, "edge");
    struct source_status s = {.id = id,
                              .state = SOURCE_PARTIAL,
                              .lack = {T0 - 30000, UINT64_C(1) << 63 | 7, 5, 1, "x bad 2 0"},
                              .interval_ms = 15000,
                              .last_ok_ms = T0,
                              .last_try_ms = T0,
                              .reason = "lacks 2 of 4 series of x"};
    poll_every_15s(id, T0, 1);
    OK(store_put_status(st, T0, &s, &ctx));
    OK(store_commit(st, &ctx));
    for (int reopened = 0; reopened < 2; reopened++) {
        struct source_status at = source_at_cursor(T0 + 1000);
        ck_assert_int_eq(at.state, SOURCE_PARTIAL);
        ck_assert_int_eq(at.lack.since_ms, T0 - 30000);
        ck_assert(at.lack.part == (UINT64_C(1) << 63 | 7) && at.lack.family == 5 && at.lack.all == 1);
        ck_assert_str_eq(at.lack.metrics, "x bad 2 0");
        ck_assert_int_eq(source_at_cursor(T0 + 46000).state, SOURCE_STALE);
        store_close(st);
        st = open_writer(&place);
    }
    s.state = SOURCE_DOWN; /* what it lacked when it answered last is no state of its own */
    OK(store_put_status(st, T0 + 15000, &s, &ctx));
    OK(store_commit(st, &ctx));
    ck_assert_int_eq(source_at_cursor(T0 + 15000).state, SOURCE_DOWN);
    s.state = SOURCE_OK;
    s.lack = (struct source_lack){.since_ms = 0};
    s.reason = "";
    OK(store_put_status(st, T0 + 30000, &s, &ctx));
    OK(store_commit(st, &ctx));
    ck_assert_int_eq(source_at_cursor(T0 + 30000).state, SOURCE_OK);
    ck_assert_int_eq(source_at_cursor(T0 + 14999).state, SOURCE_PARTIAL);
}
END_TEST

START_TEST(a_recorder_that_commits_nothing_is_silent)
{
    char lock[256];
    int64_t silence = -1;
    snprintf(lock, sizeof lock, "%s.lock", place.db);
    const struct timespec long_ago[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000}};
    ck_assert_int_eq(utimensat(AT_FDCWD, lock, long_ago, 0), 0);
    ck_assert(store_recorder_silence(place.db, &silence));
    ck_assert_int_gt(silence, INT64_C(365) * 86400000);
    OK(store_commit(st, &ctx)); /* whether or not there is news */
    int64_t before = silence;
    ck_assert(store_recorder_silence(place.db, &silence));
    ck_assert_int_lt(silence, before / 2);
    ck_assert_int_eq(store_wrote_ms(st), 0);
    uint32_t id = put_source(st, "edge");
    const struct source_status s = {.id = id, .state = SOURCE_OK, .last_try_ms = T0, .reason = ""};
    OK(store_put_status(st, T0, &s, &ctx));
    OK(store_commit(st, &ctx));
    ck_assert_int_eq(store_wrote_ms(st), T0);
    ck_assert(!store_recorder_silence("/nowhere/at/all.db", &silence));
}
END_TEST

START_TEST(a_source_that_fell_silent_is_stale)
{
    uint32_t id = put_source(st, "edge");
    const struct store_batch poll = {.source = id, .t0_ms = T0 - 15000, .t1_ms = T0};
    struct source_status *list;
    size_t n;

    OK(store_append(st, &poll, 1, &ctx));
    OK(store_sources(st, T0 + 45000, &a, &list, &n, &ctx));
    ck_assert_int_eq(list[0].state, SOURCE_OK);
    OK(store_sources(st, T0 + 45001, &a, &list, &n, &ctx));
    ck_assert_int_eq(list[0].state, SOURCE_STALE);
}
END_TEST

START_TEST(since_when_a_page_stands_still_is_kept)
{
    uint32_t id = put_source(st, "edge");
    const struct source_status s = {.id = id,
                                    .state = SOURCE_DOWN,
                                    .interval_ms = 15000,
                                    .last_ok_ms = T0,
                                    .last_try_ms = T0 + 15000,
                                    .frozen_since_ms = T0 - 120000,
                                    .reason = "its page has not changed"};
    OK(store_put_status(st, T0 + 15000, &s, &ctx));
    OK(store_commit(st, &ctx));
    for (int reopened = 0; reopened < 2; reopened++) {
        ck_assert_int_eq(source_at_cursor(T0 + 15000).frozen_since_ms, T0 - 120000);
        store_close(st);
        st = open_writer(&place);
    }
}
END_TEST

/* Three times what it takes to answer, where that is longer than what lies between two polls. */
START_TEST(a_slow_source_is_stale_later)
{
    uint32_t id = put_source(st, "edge");
    const struct source_status s = {
        .id = id, .state = SOURCE_OK, .interval_ms = 15000, .last_ok_ms = T0, .last_try_ms = T0, .slow_ms = 20000, .reason = "slow"};
    poll_every_15s(id, T0, 1);
    OK(store_put_status(st, T0, &s, &ctx));
    OK(store_commit(st, &ctx));
    for (int reopened = 0; reopened < 2; reopened++) {
        ck_assert_int_eq(source_at_cursor(T0 + 60000).state, SOURCE_OK);
        ck_assert_int_eq(source_at_cursor(T0 + 60000).slow_ms, 20000);
        ck_assert_int_eq(source_at_cursor(T0 + 60001).state, SOURCE_STALE);
        store_close(st);
        st = open_writer(&place);
    }
}
END_TEST

START_TEST(acts_are_pending_until_ingested)
{
    struct store_act *list;
    size_t n;

    OK(store_act_drop(place.db, "note", 4, "look at \x1b[31mthis", T0 - 10, &ctx));
    OK(store_acts(st, T0, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert(list[0].pending);
    OK(store_act_ingest(st, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    OK(store_acts(st, T0, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert(!list[0].pending);
    ck_assert_str_eq(list[0].verb, "note");
    ck_assert_int_eq(list[0].incident, 4);
    ck_assert_ptr_null(strchr(list[0].text, 0x1b));
    OK(store_act_ingest(st, &n, &ctx));
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(store_act_drop(place.db, "rm -rf", 0, "x", T0, &ctx), ERR_USAGE);
}
END_TEST

static size_t files_in(const char *path)
{
    size_t n = 0;
    DIR *dir = opendir(path);

    ck_assert_ptr_nonnull(dir);
    for (struct dirent *d; (d = readdir(dir)) != NULL;)
        n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
    closedir(dir);
    return n;
}

static void put_file(const char *dir, const char *name, const char *body)
{
    char path[300];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(body, f);
    fclose(f);
}

/* Whether one can be dropped is seen by trying, and leaves nothing behind. */
START_TEST(that_an_act_can_be_dropped_is_tried_before)
{
    char acts[300], path[300];
    struct store_act *list;
    size_t n;

    snprintf(acts, sizeof acts, "%s/acts", place.dir);
    OK(store_act_check(place.db, &ctx));
    ck_assert_uint_eq(files_in(acts), 0);
    OK(store_acts(st, T0, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(rmdir(acts), 0);
    put_file(place.dir, "acts", "in its place");
    ck_assert_int_ne(store_act_check(place.db, &ctx), ERR_OK);
    ck_assert_msg(strstr(ctx.text, acts) != NULL, "%s", ctx.text);
    ck_assert_int_ne(store_act_drop(place.db, "note", 4, "x", T0, &ctx), ERR_OK);
    snprintf(path, sizeof path, "%s/none/t.db", place.dir);
    ck_assert_int_eq(store_act_check(path, &ctx), ERR_READONLY);
}
END_TEST

START_TEST(files_that_are_no_acts_hold_none_up)
{
    char dir[200], path[300];
    struct store_act *list;
    size_t n;

    snprintf(dir, sizeof dir, "%s/acts", place.dir);
    ck_assert(mkdir(dir, 0700) == 0 || files_in(dir) == 0);
    for (int i = 0; i < 2500; i++) {
        char name[40];
        snprintf(name, sizeof name, "%d.act", i);
        put_file(dir, name, i % 2 == 0 ? "junk" : "gwtop-act 1\nnote\nwhen\n");
        if (i == 1250)
            OK(store_act_drop(place.db, "note", 4, "look", T0 - 10, &ctx));
    }
    snprintf(path, sizeof path, "%s/link.act", dir);
    ck_assert_int_eq(symlink("/dev/null", path), 0);
    snprintf(path, sizeof path, "%s/directory.act", dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    put_file(dir, "newer.act", "gwtop-act 3\nnote\n");
    put_file(dir, "readme", "no act, and no act's name");
    OK(store_acts(st, T0, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    OK(store_act_ingest(st, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(files_in(dir), 2); /* that of a newer console, and what is not ours */
}
END_TEST

/* More than are taken in at once, and said in no order that a directory could have by chance. */
START_TEST(acts_are_taken_in_as_they_were_said)
{
    enum { COUNT = 1100 };
    struct store_act *list;
    struct store_chain chain;
    size_t n;

    for (int i = 0; i < COUNT; i++)
        OK(store_act_drop(place.db, "note", 4, "look", T0 - 1 - i * 7 % COUNT, &ctx));
    OK(store_act_ingest(st, &n, &ctx));
    ck_assert_uint_eq(n, 1000);
    OK(store_act_ingest(st, &n, &ctx));
    ck_assert_uint_eq(n, COUNT - 1000);
    OK(store_acts(st, INT64_MAX, &a, &list, &n, &ctx));
    ck_assert_uint_eq(n, COUNT);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(list[i].at_ms, T0 - COUNT + i);
        ck_assert_int_eq(list[i].id, i + 1);
    }
    OK(store_acts_verify(st, 0, NULL, &chain, &ctx));
    ck_assert_int_eq(chain.word, STORE_CHAIN_WHOLE);
}
END_TEST

START_TEST(what_is_handed_in_is_for_one_of_the_stores_of_a_directory)
{
    char other[300], names[2][STORE_DROP_NAME_MAX], long_path[400];
    struct store_act *list;
    struct store_score_file files[STORE_SCORE_FILES];
    size_t n;

    snprintf(other, sizeof other, "%s/other.db", place.dir);
    OK(store_act_drop(other, "note", 4, "of the other", T0 - 10, &ctx));
    OK(store_scores_drop(other, str_of("{}\n"), T0 - 10, &ctx));
    OK(store_acts(st, T0, &a, &list, &n, &ctx)); /* as what waits is shown */
    ck_assert_uint_eq(n, 0);
    OK(store_act_ingest(st, &n, &ctx));
    ck_assert_uint_eq(n, 0);
    OK(store_score_files(st, &a, files, &n, &ctx));
    ck_assert_uint_eq(n, 0);
    OK(store_act_drop(place.db, "note", 4, "of this one", T0 - 10, &ctx));
    OK(store_act_ingest(st, &n, &ctx));
    ck_assert_uint_eq(n, 1);

    ck_assert(store_files_drop_name("/x/a@b.db", 5, ".act", names[0]));
    ck_assert(store_files_is_drop("/y/a@b.db", names[0], ".act"));
    ck_assert(!store_files_is_drop("/x/b.db", names[0], ".act"));
    ck_assert(!store_files_is_drop("/x/a@b.db", names[0], ".scores"));
    ck_assert(store_files_is_drop("/x/a@b.db", "1.act", ".act")); /* of an older console */
    memset(long_path, 'x', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    ck_assert_int_eq(store_act_drop(long_path, "note", 4, "", T0, &ctx), ERR_LIMIT);
}
END_TEST

Suite *suite_store_facts(void);
Suite *suite_store_facts(void)
{
    Suite *s = suite_create("store_facts");
    TCase *t = tcase_create("facts");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, events_are_keyed_and_known_later);
    tcase_add_test(t, alerts_read_the_latest_transition_known);
    tcase_add_test(t, incidents_are_versions);
    tcase_add_test(t, notes);
    tcase_add_test(t, what_is_handed_in_is_for_one_of_the_stores_of_a_directory);
    tcase_add_test(t, contradicting_buckets_have_an_instant_each);
    tcase_add_test(t, authorities_are_the_last_ones_put);
    tcase_add_test(t, notes_keep_their_last_64_versions);
    tcase_add_test(t, gaps_overlap_the_window);
    tcase_add_test(t, a_gap_is_of_some_signals_or_of_all);
    tcase_add_test(t, sources_as_known_at_the_cursor);
    tcase_add_test(t, polls_per_second_are_of_the_time_in_which_it_was_polled);
    tcase_add_test(t, what_was_known_later_is_no_answer_of_then);
    tcase_add_test(t, a_sawtooth_is_a_state_until_it_falls_silent);
    tcase_add_test(t, what_is_watched_is_a_state_of_then);
    tcase_add_test(t, an_answer_in_part_says_what_it_lacks);
    tcase_add_test(t, a_recorder_that_commits_nothing_is_silent);
    tcase_add_test(t, a_source_that_fell_silent_is_stale);
    tcase_add_test(t, since_when_a_page_stands_still_is_kept);
    tcase_add_test(t, a_slow_source_is_stale_later);
    tcase_add_test(t, acts_are_pending_until_ingested);
    tcase_add_test(t, that_an_act_can_be_dropped_is_tried_before);
    tcase_add_test(t, files_that_are_no_acts_hold_none_up);
    tcase_add_test(t, acts_are_taken_in_as_they_were_said);
    suite_add_tcase(s, t);
    return s;
}
