/* SPDX-License-Identifier: MIT */
/* The console from its start to its end: what it is told on the way in, what it shows and drops while it runs, what happens to its
 * screen. */
#include "sessions/console_world.h"

#include <dirent.h>

/* The one file in acts/, as text; "" when there is none. */
static const char *only_act(const struct world *w, char *out, size_t cap)
{
    char path[1024];
    out[0] = '\0';
    ck_assert(str_format(path, sizeof path, "%s/acts", w->f.dir));
    DIR *dir = opendir(path);
    for (struct dirent *d; dir != NULL && (d = readdir(dir)) != NULL;) {
        if (d->d_name[0] == '.')
            continue;
        ck_assert(str_format(path, sizeof path, "%s/acts/%s", w->f.dir, d->d_name));
        int fd = open(path, O_RDONLY);
        ssize_t n = read(fd, out, cap - 1);
        ck_assert_int_gt(n, 0);
        out[n] = '\0';
        close(fd);
        unlink(path);
    }
    if (dir != NULL)
        closedir(dir);
    return out;
}

static int64_t cursor_of(const struct world *w)
{
    return w->c->cursor_ms;
}

START_TEST(a_commit_is_shown_at_the_next_turn_and_ages_go_on_without_one)
{
    struct world w;
    char before[256], after[256];
    world_open(&w);
    (void)fake_row(w.c->term, 0, before, sizeof before);
    ck_assert_ptr_nonnull(strstr(before, "LIVE 0s"));
    clock_manual_advance(&w.f.manual, 4000);
    int64_t loaded = w.c->loaded_mono_ms;
    ck_assert(console_turn(w.c));
    ck_assert_int_eq(w.c->loaded_mono_ms, loaded); /* nothing was read */
    (void)fake_row(w.c->term, 0, after, sizeof after);
    ck_assert_ptr_nonnull(strstr(after, "LIVE 4s"));
    world_poll(&w, false, w.f.manual.wall_ms);
    ck_assert(console_turn(w.c));
    ck_assert_ptr_nonnull(strstr(fake_row(w.c->term, 0, after, sizeof after), "LIVE 0s"));
    world_close(&w);
}
END_TEST

START_TEST(a_frozen_screen_says_that_the_recorder_stopped)
{
    struct world w;
    char row[256];
    world_open(&w);
    world_type(&w, "f");
    ck_assert_ptr_null(strstr(fake_row(w.c->term, 0, row, sizeof row), "LIVE"));
    ck_assert_ptr_null(strstr(row, "RECORDER"));
    fixture_hush(&w.f);
    clock_manual_advance(&w.f.manual, 62000);
    ck_assert(console_turn(w.c));
    ck_assert_ptr_nonnull(strstr(fake_row(w.c->term, 0, row, sizeof row), "RECORDER SILENT since 16:00:00Z"));
    ck_assert_ptr_nonnull(strstr(row, "FROZEN 62s"));
    ck_assert_int_eq(store_commit(w.f.st, NULL), ERR_OK); /* it goes on */
    clock_manual_advance(&w.f.manual, 4000);
    ck_assert(console_turn(w.c));
    ck_assert_ptr_null(strstr(fake_row(w.c->term, 0, row, sizeof row), "RECORDER"));
    world_close(&w);
}
END_TEST

START_TEST(no_recorder_is_started_for_a_demo)
{
    for (int demo = 0; demo < 2; demo++) {
        struct world w;
        struct errctx ctx = {.text = ""};
        world_record(&w);
        world_config(&w, "gateway: test\nsources:\n  - name: gw\n    metrics: http://127.0.0.1:1/metrics\n");
        w.opt.no_recorder = false;
        w.opt.recorder_program = "/nowhere/gwtop-recorder"; /* the test holds the lock, so that it is only looked whether one runs */
        if (demo) {
            ck_assert_int_eq(store_put_note(w.f.st, "clock", w.end_ms, str_of("{\"demo\":true}"), NULL), ERR_OK);
            ck_assert_int_eq(store_commit(w.f.st, NULL), ERR_OK);
        }
        ck_assert_msg(world_start(&w, &ctx) == ERR_OK, "%s", ctx.text);
        ck_assert_int_eq(w.c->frame.demo, demo);
        ck_assert_int_eq(w.c->recorder.try_mono_ms == 0, demo);
        world_close(&w);
    }
}
END_TEST

/* A drift has no incident to acknowledge: it can be taken for normal. */
START_TEST(a_drift_is_taken_for_normal_by_an_act)
{
    struct world w;
    struct errctx ctx = {.text = ""};
    char act[4096];
    world_record(&w);
    struct alert al = {.rule = "quality:json_valid",
                       .scope = "model=gpt-x",
                       .severity = SEV_NONE,
                       .state = ALERT_FIRING,
                       .since_ms = w.end_ms - 60000,
                       .onset_ms = w.end_ms - 600000,
                       .known_ms = w.end_ms - 60000,
                       .total = 100,
                       .text = "json_valid of gpt-x fell 98.9 -> 94.0 %"};
    ck_assert_int_eq(store_put_alert(w.f.st, &al, NULL), ERR_OK);
    w.f.items[0] = (struct store_item){.series = fixture_series(&w.f, SIG_EVAL, 0, "gpt-x", "", "", "", "json_valid")};
    w.f.items[0].v.score.n = 20;
    w.f.items[0].v.score.sum_fixed = INT64_C(19000000000);
    w.f.items[0].v.score.bad = 1;
    w.f.count = 1;
    fixture_append(&w.f, w.end_ms + 1000);
    ck_assert_int_eq(world_start(&w, &ctx), ERR_OK);
    world_type(&w, "a"); /* the incident goes before it */
    assert_shows(&w, "ack #1 here only?");
    world_type(&w, "\0335");
    assert_shows(&w, "DRIFT");
    world_type(&w, "a");
    assert_shows(&w, "json_valid of gpt-x fell 98.9 -> 94.0 %: take what came since ");
    world_type(&w, "n");
    assert_shows(&w, "not taken for normal");
    ck_assert_str_eq(only_act(&w, act, sizeof act), "");
    world_type(&w, "ay");
    assert_shows(&w, "taken for normal; pending until the recorder takes it in");
    const char *body = only_act(&w, act, sizeof act);
    ck_assert_msg(strstr(body, "\naccept\n") != NULL && strstr(body, "\nquality:json_valid|model=gpt-x\n") != NULL, "%s", body);
    world_type(&w, "v");
    assert_shows(&w, "found, pages nobody");
    world_close(&w);
}
END_TEST

/* The evidence lists what fires within the filter, and nothing of what fires for others. */
START_TEST(evidence_is_of_the_filter)
{
    struct world w;
    world_open(&w);
    world_type(&w, "v");
    assert_shows(&w, "slo:gpt-x availability:page-1h");
    world_type(&w, "\033/team=batch\rv");
    assert_shows(&w, "no rule fires");
    world_close(&w);
}
END_TEST

/* A row within a row narrows to both, however they are called. */
START_TEST(a_part_narrows_with_its_whole)
{
    struct world w;
    world_open(&w);
    ck_assert(console_narrow_within(w.c, DIM_MODEL, "gpt x", DIM_PROVIDER, "azure, eu") & TURN_LOAD);
    ck_assert_str_eq(w.c->filter, "model=\"gpt x\" provider=\"azure, eu\"");
    w.c->filter[0] = '\0';
    ck_assert(console_narrow_within(w.c, DIM_MODEL, "gpt-x", DIM_PROVIDER, "azure") & TURN_LOAD);
    ck_assert_str_eq(w.c->filter, "model=gpt-x provider=azure");
    w.c->pane = PANE_LATENCY;
    w.c->filter[0] = '\0';
    w.c->out = (struct draw_out){.rows = 1, .name = "azure", .dim = DIM_PROVIDER, .within = "gpt, x", .within_dim = DIM_MODEL};
    (void)console_key(w.c, '\r');
    ck_assert_str_eq(w.c->filter, "model=\"gpt, x\" provider=azure");
    world_close(&w);
}
END_TEST

/* A model is told from none by what was recorded, not by how its name looks. */
START_TEST(a_cell_narrows_to_a_model_of_any_name)
{
    static const struct vcell_part own = {.model = "(x)", .provider = "", .n = 1}, none = {.model = "", .provider = "", .n = 1};
    struct world w;
    world_open(&w);
    world_type(&w, "3c");
    ck_assert(w.c->view.latency.cell.on);
    w.c->view.latency.cell.parts = &none;
    w.c->view.latency.cell.part_count = 1;
    (void)console_key(w.c, '\r');
    ck_assert_str_eq(w.c->filter, "");
    w.c->view.latency.cell.parts = &own;
    (void)console_key(w.c, '\r');
    ck_assert_str_eq(w.c->filter, "model=(x)");
    world_close(&w);
}
END_TEST

START_TEST(acknowledging_asks_says_what_it_does_and_drops_an_act)
{
    struct world w;
    char act[4096];
    world_open(&w);
    world_type(&w, "a");
    assert_shows(&w, "ack #1 here only? no pager is told [y/N]");
    world_type(&w, "n");
    assert_shows(&w, "not acknowledged");
    ck_assert_str_eq(only_act(&w, act, sizeof act), "");
    world_type(&w, "ay");
    assert_shows(&w, "pending until the recorder takes it in");
    world_type(&w, "6");
    assert_shows(&w, "acked");
    world_type(&w, "a");
    assert_shows(&w, " did ");
    world_type(&w, "\033");
    ck_assert_ptr_nonnull(strstr(only_act(&w, act, sizeof act), "\nack\n"));
    world_type(&w, "inrerouted to azure\r");
    ck_assert_ptr_nonnull(strstr(only_act(&w, act, sizeof act), "rerouted to azure"));
    world_type(&w, ":note by hand\r");
    ck_assert_ptr_nonnull(strstr(only_act(&w, act, sizeof act), "by hand"));
    static const struct {
        const char *typed, *shown, *dropped; /* dropped: the end of the act */
    } rows[] = {
        {":assign bea\r", "#1 assigned; pending until the recorder takes it in", "\n1\nbea\n"},
        {":next ask the provider\r", "#1 next step said; pending", "\n1\nask the provider\n"},
        {":snooze 2h the provider has it\r", "#1 snoozed; pending", "\n1\n2h the provider has it\n"},
        {":snooze soon it is back\r", "snooze: 'soon it is back' is no duration", NULL},
        {":assign\r", "assign: the name is empty", NULL},
        {":mitigate\r", "#1 mitigated; pending", "\n1\n\n"},
        {":resolve v7 is gone\r", "#1 resolved here; pending", "\n1\nv7 is gone\n"},
        {":mark v6 is back\r", "marked; pending until the recorder takes it in", "||v6 is back\n"},
        {":mark\r", "mark: the text is empty", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_type(&w, rows[i].typed);
        assert_shows(&w, rows[i].shown);
        const char *body = only_act(&w, act, sizeof act);
        ck_assert_msg(rows[i].dropped != NULL ? strstr(body, rows[i].dropped) != NULL : body[0] == '\0', "%s: %s", rows[i].typed, body);
    }
    world_close(&w);
}
END_TEST

static void paste(struct world *w, const char *text)
{
    world_press(w, KEY_PASTE_BEGIN_);
    world_type(w, text);
    world_press(w, KEY_PASTE_END_);
}

START_TEST(what_is_pasted_is_text_and_never_keys)
{
    struct world w;
    char act[4096];
    world_open(&w);
    paste(&w, "q\r:quit\ray"); /* without a prompt */
    assert_shows(&w, "what was pasted is no keys: nothing was done");
    ck_assert_str_eq(only_act(&w, act, sizeof act), "");
    world_type(&w, "a");
    paste(&w, "y\r"); /* a question that is answered by a letter */
    ck_assert_str_eq(only_act(&w, act, sizeof act), "");
    world_type(&w, "n");
    world_type(&w, "in");
    paste(&w, "rolled back:\r\tv7 \033[2J\007is gone\r");
    ck_assert_int_eq(w.c->asking, ASK_SAY); /* its line ends send nothing */
    world_press(&w, KEY_PASTE_BEGIN_);
    for (int i = 0; i < 65536; i++)
        (void)console_key(w.c, 'x');
    world_press(&w, KEY_PASTE_END_);
    assert_shows(&w, "[65536 characters pasted, 511 bytes fit: not taken]");
    world_type(&w, "\r");
    ck_assert_ptr_nonnull(strstr(only_act(&w, act, sizeof act), "\nrolled back:  v7 [2Jis gone \n"));
    world_close(&w);
}
END_TEST

START_TEST(the_menu_says_all_that_a_shell_can)
{
    static const struct {
        const char *typed, *dropped;
    } rows[] = {
        {"ixask the provider\r", "\nnext\n%lld\n1\nask the provider\n"},
        {"igbea\r", "\nassign\n%lld\n1\nbea\n"},
        {"immoved\r", "\nmitigate\n%lld\n1\nmoved\n"},
        {"irgone\r", "\nresolve\n%lld\n1\ngone\n"},
        {"is2h why\r", "\nsnooze\n%lld\n1\n2h why\n"},
    };
    struct world w;
    char act[4096], wanted[128];
    world_open(&w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_type(&w, rows[i].typed);
        const char *body = only_act(&w, act, sizeof act), *verb = rows[i].dropped + 1;
        ck_assert(str_format(wanted, sizeof wanted, "\n%.*s\n", (int)strcspn(verb, "\n"), verb));
        ck_assert_msg(strstr(body, wanted) != NULL && strstr(body, strstr(rows[i].dropped, "%lld") + 4) != NULL, "%s: %s", rows[i].typed,
                      body);
    }
    world_type(&w, "ic");
    assert_shows(&w, "open the incident and select an entry of its timeline");
    const struct timeline_entry t = {.incident = w.incident,
                                     .at_ms = w.end_ms - 600000,
                                     .known_ms = w.end_ms - 600000,
                                     .letter = 'E',
                                     .text = "errors begin",
                                     .source = "gwtop"};
    ck_assert_int_eq(store_put_timeline(w.f.st, "t", &t, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(w.f.st, NULL), ERR_OK);
    world_type(&w, "6\r");
    const struct view_incidents *v = &w.c->view.incidents;
    ck_assert_uint_gt(v->entry_count, 0);
    ck_assert_str_eq(w.c->out.entry, v->entries[0].id);
    ck_assert(str_format(wanted, sizeof wanted, "%s of #1 should read: ", v->entries[0].id));
    world_type(&w, "ic");
    assert_shows(&w, wanted);
    ck_assert_str_eq(w.c->prompt.text, v->entries[0].text); /* to be changed, not typed anew */
    world_type(&w, "\025it was azure\r");                   /* Ctrl-U */
    ck_assert(str_format(wanted, sizeof wanted, "%s it was azure\n", w.c->asked_entry));
    ck_assert_ptr_nonnull(strstr(only_act(&w, act, sizeof act), wanted));
    ck_assert_str_eq(w.c->view.incidents.entries[0].text, "it was azure"); /* pending, and shown */
    ck_assert(w.c->view.incidents.entries[0].pending);
    assert_shows(&w, "it was azure");
    world_type(&w, "ip");
    ck_assert_ptr_nonnull(strstr(only_act(&w, act, sizeof act), "\npin\n"));
    ck_assert_str_ne(w.c->view.incidents.entries[0].pinned_by, "");
    world_type(&w, "ip");
    ck_assert_ptr_nonnull(strstr(only_act(&w, act, sizeof act), " off\n"));
    ck_assert_str_eq(w.c->view.incidents.entries[0].pinned_by, "");
    world_close(&w);
}
END_TEST

START_TEST(an_ended_recording_takes_no_acts)
{
    struct world w;
    char act[64], text[32];
    world_record(&w);
    ck_assert(str_format(text, sizeof text, "%lld", (long long)w.end_ms));
    ck_assert_int_eq(store_put_note(w.f.st, "ended", w.end_ms, str_of(text), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(w.f.st, NULL), ERR_OK);
    ck_assert_int_eq(world_start(&w, NULL), ERR_OK);
    world_type(&w, "ay");
    ck_assert_str_eq(only_act(&w, act, sizeof act), "");
    world_type(&w, "a");
    assert_shows(&w, "recording has ended");
    world_type(&w, ",");
    assert_shows(&w, " AT ");
    world_close(&w);
}
END_TEST

START_TEST(popups_tell_why_and_whose_and_close_again)
{
    struct world w;
    world_open(&w);
    world_type(&w, "v");
    assert_shows(&w, "evidence");
    assert_shows(&w, "rules that fire");
    assert_shows(&w, "slo:gpt-x availability:page-1h");
    world_type(&w, "v");
    assert_hides(&w, "rules that fire");
    world_type(&w, "o");
    assert_shows(&w, "nobody yet");
    assert_shows(&w, "slo:gpt-x availability:page-1h");
    world_type(&w, "\033");
    world_type(&w, "i");
    assert_shows(&w, "write a note");
    world_type(&w, "jjjjjjjjjjj\r"); /* the last one */
    ck_assert_int_eq(w.c->pane, PANE_INCIDENTS);
    ck_assert_int_eq(w.c->ps[PANE_INCIDENTS].opened, w.incident);
    world_type(&w, "q");
    ck_assert_int_eq(w.c->ps[PANE_INCIDENTS].opened, 0);
    world_type(&w, "?");
    assert_shows(&w, "what the verdict rests on");
    world_type(&w, "q");
    assert_hides(&w, "what the verdict rests on");
    fake_type(w.c->term, "q");
    ck_assert(!console_turn(w.c));
    world_close(&w);
}
END_TEST

START_TEST(help_lists_every_key_however_small_the_screen)
{
    struct world w;
    fake_terminal_kind.cols = 80;
    fake_terminal_kind.rows = 24;
    world_open(&w);
    bool seen[ACTION_COUNT] = {false};
    world_type(&w, "?");
    for (int i = 0; i < 2 * ACTION_COUNT; i++) {
        for (int a = 0; a < ACTION_COUNT; a++)
            seen[a] = seen[a] || fake_shows(w.c->term, action_info((enum action)a)->help);
        world_type(&w, "j");
    }
    for (int a = 0; a < ACTION_COUNT; a++)
        ck_assert_msg(seen[a], "'%s' is not in the help", action_info((enum action)a)->help);
    world_type(&w, "G");
    int end = w.c->popup_scroll;
    world_type(&w, "kg");
    ck_assert_int_eq(w.c->popup_scroll, 0);
    ck_assert_int_gt(end, 0);
    world_close(&w);
}
END_TEST

START_TEST(what_is_copied_is_said_and_safe_to_paste)
{
    struct world w;
    world_open(&w);
    world_type(&w, "y");
    ck_assert_ptr_nonnull(strstr(w.c->term->copied, "PAGE"));
    assert_shows(&w, "cannot be known");
    world_type(&w, "/team=it's\r2,Y");
    ck_assert_ptr_nonnull(strstr(w.c->term->copied, "--filter 'team=it'\\''s'"));
    ck_assert_ptr_nonnull(strstr(w.c->term->copied, "--pane traffic"));
    ck_assert_ptr_nonnull(strstr(w.c->term->copied, "--at 20"));
    world_type(&w, "MY");
    assert_shows(&w, "names are hidden");
    w.c->term->clipboard = false;
    world_type(&w, "My");
    assert_shows(&w, "nothing was copied");
    world_close(&w);
}
END_TEST

START_TEST(a_message_gives_way_once_it_was_read)
{
    struct world w;
    world_open(&w);
    assert_shows(&w, "? help");
    world_type(&w, "y");
    assert_hides(&w, "? help");
    w.f.manual.mono_ms += 5000;
    ck_assert(console_turn(w.c));
    assert_shows(&w, "cannot be known");
    w.f.manual.mono_ms += 1000;
    ck_assert(console_turn(w.c));
    assert_hides(&w, "cannot be known");
    assert_shows(&w, "? help");
    w.c->term->clipboard = false; /* what is to be selected stays until a key */
    world_type(&w, "y");
    w.f.manual.mono_ms += 60000;
    ck_assert(console_turn(w.c));
    assert_shows(&w, "select it here");
    world_type(&w, ":nonsense\r"); /* and so does an error */
    w.f.manual.mono_ms += 60000;
    ck_assert(console_turn(w.c));
    assert_shows(&w, "nonsense");
    world_close(&w);
}
END_TEST

START_TEST(a_filter_says_what_it_is_of)
{
    struct world w;
    struct errctx ctx = {.text = ""};
    struct series waiting = {.signal = SIG_WAITING};
    world_record(&w);
    waiting.source = w.f.source;
    waiting.dim[DIM_DEPLOYMENT] = fixture_string(&w.f, "eu1");
    w.f.items[0] = (struct store_item){.v.gauge = 2};
    ck_assert_int_eq(store_series(w.f.st, &waiting, &w.f.items[0].series, NULL), ERR_OK);
    w.f.count = 1;
    fixture_append(&w.f, w.end_ms + 1000);
    ck_assert_int_eq(world_start(&w, &ctx), ERR_OK);
    world_type(&w, "/team=search\r");
    assert_shows(&w, "not split by team");
    world_type(&w, "/team=serch\r");
    assert_shows(&w, "nothing recorded matches team=serch; did you mean team=search?");
    assert_hides(&w, "nobody");
    world_type(&w, "/model=c-l\r");
    assert_shows(&w, "NO RULES");
    world_type(&w, "/team:support\r");
    assert_shows(&w, "filter team:support");
    world_type(&w, "8");
    assert_shows(&w, "not filtered here: team:support");
    world_close(&w);
}
END_TEST

START_TEST(names_are_masked_everywhere)
{
    struct world w;
    world_open(&w);
    assert_shows(&w, "support");
    world_type(&w, "M");
    for (int p = 0; p < PANE_COUNT; p++) {
        world_type(&w, (char[]){(char)('1' + p), '\0'});
        assert_hides(&w, "support");
    }
    world_type(&w, "EE"); /* its text names a team */
    assert_hides(&w, "team search");
    world_close(&w);
}
END_TEST

START_TEST(a_storm_of_resizes_is_one_resize)
{
    struct world w;
    world_open(&w);
    unsigned shown = w.c->term->shown;
    for (int i = 0; i < 20; i++) {
        fake_size(w.c->term, 30 + i * 5, 10 + i);
        ck_assert(console_turn(w.c));
        clock_manual_advance(&w.f.manual, 5);
    }
    ck_assert_uint_eq(w.c->term->resizes, 0);
    ck_assert_uint_eq(w.c->term->shown, shown);
    clock_manual_advance(&w.f.manual, 40);
    ck_assert(console_turn(w.c));
    ck_assert_uint_eq(w.c->term->resizes, 1);
    ck_assert_int_eq(w.c->term->cols, 125);
    for (int i = 0; i < 60; i++) { /* one that does not end is drawn all the same, now and then */
        fake_size(w.c->term, 100, 30);
        ck_assert(console_turn(w.c));
        clock_manual_advance(&w.f.manual, 20);
    }
    ck_assert_uint_ge(w.c->term->resizes, 4);
    ck_assert_uint_le(w.c->term->resizes, 8);
    world_close(&w);
}
END_TEST

START_TEST(a_screen_too_small_shows_the_verdict)
{
    struct world w;
    fake_terminal_kind.cols = 20;
    fake_terminal_kind.rows = 5;
    world_open(&w);
    assert_shows(&w, "PAGE");
    for (int cols = 1; cols < 45; cols += 4) {
        for (int rows = 1; rows < 14; rows += 3) {
            fake_size(w.c->term, cols, rows);
            ck_assert(console_turn(w.c));
            clock_manual_advance(&w.f.manual, 50);
            world_type(&w, "2v\033i\033?\033:x\033jkG");
        }
    }
    world_close(&w);
}
END_TEST

START_TEST(without_utf8_no_rung_leaves_ascii)
{
    struct world w;
    fake_terminal_kind.utf8 = false;
    world_open(&w);
    ck_assert_int_eq(w.c->rung, GLYPH_ASCII);
    world_type(&w, ":glyphs braille\r");
    ck_assert_int_eq(w.c->rung, GLYPH_ASCII);
    assert_shows(&w, "not UTF-8");
    world_close(&w);
}
END_TEST

START_TEST(keys_can_be_rebound_and_the_screen_says_so)
{
    struct world w;
    world_record(&w);
    world_config(&w, "gateway: test\nbindings:\n  quit: X\n  traffic: F5 T\n");
    ck_assert_int_eq(world_start(&w, NULL), ERR_OK);
    assert_shows(&w, "X quit");
    world_type(&w, "q");
    world_type(&w, "T");
    ck_assert_int_eq(w.c->pane, PANE_TRAFFIC);
    world_type(&w, "1");
    world_press(&w, KEY_F5_);
    ck_assert_int_eq(w.c->pane, PANE_TRAFFIC);
    fake_type(w.c->term, "X");
    ck_assert(!console_turn(w.c));
    world_close(&w);
}
END_TEST

START_TEST(what_the_command_line_says_wrongly_is_an_error)
{
    static const struct {
        const char *at, *window, *filter, *theme, *glyphs, *bindings;
        enum err e;
    } rows[] = {
        {"teatime", NULL, "", NULL, NULL, "", ERR_USAGE},    {NULL, "6", "", NULL, NULL, "", ERR_USAGE},
        {NULL, NULL, "nonsense", NULL, NULL, "", ERR_USAGE}, {NULL, NULL, "", "plaid", NULL, "", ERR_CONFIG},
        {NULL, NULL, "", NULL, "runes", "", ERR_CONFIG},     {NULL, NULL, "", NULL, NULL, "bindings:\n  quit: '~'\n", ERR_CONFIG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        struct errctx ctx = {.text = ""};
        char yaml[128];
        world_record(&w);
        ck_assert(str_format(yaml, sizeof yaml, "gateway: test\n%s", rows[i].bindings));
        world_config(&w, yaml);
        w.opt.at = rows[i].at;
        w.opt.window = rows[i].window;
        w.opt.filter = rows[i].filter;
        w.opt.theme = rows[i].theme;
        w.opt.glyphs = rows[i].glyphs;
        ck_assert_int_eq(world_start(&w, &ctx), rows[i].e);
        ck_assert_str_ne(ctx.text, "");
        world_close(&w);
    }
}
END_TEST

START_TEST(opens_where_the_command_line_says)
{
    struct world w;
    world_record(&w);
    w.opt.at = "30m ago";
    w.opt.window = "15m";
    w.opt.filter = "team=search";
    w.opt.pane = PANE_COST;
    ck_assert_int_eq(world_start(&w, NULL), ERR_OK);
    ck_assert_int_eq(cursor_of(&w), w.end_ms - 1800000);
    ck_assert_int_eq(w.c->window_ms, 900000);
    assert_shows(&w, "filter team=search");
    world_close(&w);
}
END_TEST

START_TEST(a_store_that_comes_later_is_found)
{
    struct world w;
    char hidden[700];
    world_record(&w);
    world_config(&w, "gateway: test\nsources:\n  - name: gw\n    metrics: http://127.0.0.1:1/metrics\n");
    ck_assert(str_format(hidden, sizeof hidden, "%s/none.db", w.f.dir));
    w.opt.store_path = hidden;
    ck_assert_int_eq(world_start(&w, NULL), ERR_OK);
    assert_shows(&w, "nothing recorded yet");
    world_type(&w, "aveoyYr67n\r/x\r:note x\r");
    ck_assert_ptr_null(w.c->st);
    (void)str_copy(w.c->store_path, sizeof w.c->store_path, str_of(w.f.path)); /* as if it had been made */
    clock_manual_advance(&w.f.manual, 1000);
    world_type(&w, "1");
    assert_shows(&w, "PAGE");
    world_close(&w);
}
END_TEST

START_TEST(a_store_that_was_named_and_is_none_ends_it)
{
    struct world w;
    struct errctx ctx = {.text = ""};
    world_record(&w);
    w.opt.store_path = "/nonexistent/x.db";
    ck_assert_int_eq(world_start(&w, &ctx), ERR_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(ctx.text, "/nonexistent/x.db"));
    world_close(&w);
}
END_TEST

START_TEST(without_anything_it_says_how_to_start)
{
    struct world w;
    char none[700];
    world_record(&w);
    ck_assert(str_format(none, sizeof none, "store: %s/none.db\n", w.f.dir));
    world_config(&w, none);
    w.opt.store_path = NULL;
    ck_assert_int_eq(world_start(&w, NULL), ERR_OK);
    assert_shows(&w, "gwtop demo");
    assert_shows(&w, "metrics: http");
    world_type(&w, "?");
    assert_shows(&w, "what the verdict rests on");
    world_type(&w, "\033");
    fake_type(w.c->term, "q");
    ck_assert(!console_turn(w.c));
    world_close(&w);
}
END_TEST

START_TEST(a_terminal_that_is_gone_ends_it)
{
    struct world w;
    world_open(&w);
    fake_press(w.c->term, KEY_GONE_);
    ck_assert(!console_turn(w.c));
    world_close(&w);
}
END_TEST

Suite *suite_console_life(void);

Suite *suite_console_life(void)
{
    Suite *s = suite_create("console_life");
    TCase *tc = tcase_create("life");
    tcase_add_test(tc, a_message_gives_way_once_it_was_read);
    tcase_add_test(tc, a_filter_says_what_it_is_of);
    tcase_add_test(tc, a_commit_is_shown_at_the_next_turn_and_ages_go_on_without_one);
    tcase_add_test(tc, a_frozen_screen_says_that_the_recorder_stopped);
    tcase_add_test(tc, no_recorder_is_started_for_a_demo);
    tcase_add_test(tc, a_drift_is_taken_for_normal_by_an_act);
    tcase_add_test(tc, evidence_is_of_the_filter);
    tcase_add_test(tc, a_part_narrows_with_its_whole);
    tcase_add_test(tc, a_cell_narrows_to_a_model_of_any_name);
    tcase_add_test(tc, acknowledging_asks_says_what_it_does_and_drops_an_act);
    tcase_add_test(tc, what_is_pasted_is_text_and_never_keys);
    tcase_add_test(tc, the_menu_says_all_that_a_shell_can);
    tcase_add_test(tc, an_ended_recording_takes_no_acts);
    tcase_add_test(tc, popups_tell_why_and_whose_and_close_again);
    tcase_add_test(tc, help_lists_every_key_however_small_the_screen);
    tcase_add_test(tc, what_is_copied_is_said_and_safe_to_paste);
    tcase_add_test(tc, names_are_masked_everywhere);
    tcase_add_test(tc, a_storm_of_resizes_is_one_resize);
    tcase_add_test(tc, a_screen_too_small_shows_the_verdict);
    tcase_add_test(tc, without_utf8_no_rung_leaves_ascii);
    tcase_add_test(tc, keys_can_be_rebound_and_the_screen_says_so);
    tcase_add_test(tc, what_the_command_line_says_wrongly_is_an_error);
    tcase_add_test(tc, opens_where_the_command_line_says);
    tcase_add_test(tc, a_store_that_comes_later_is_found);
    tcase_add_test(tc, a_store_that_was_named_and_is_none_ends_it);
    tcase_add_test(tc, without_anything_it_says_how_to_start);
    tcase_add_test(tc, a_terminal_that_is_gone_ends_it);
    suite_add_tcase(s, tc);
    return s;
}
