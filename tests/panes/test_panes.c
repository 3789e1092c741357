/* SPDX-License-Identifier: MIT */
/* Every pane against its golden file, and over every size.
 *
 * A golden file holds, for one pane, one kind of view and one rung, the screens at several sizes: the glyphs as seen, the role letters
 * (ui/draw/role.h) below them, and the grounds of the rows that have some. GOLDEN_UPDATE=1 writes them anew: read them before they are
 * committed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "panes/alloc_count.h"
#include "panes/screen.h"

enum { GOLDEN_MAX = 4 << 20 };

struct shot {
    const char *name; /* of the file, after the pane's */
    enum pane_id pane;
    bool detail;
    int selected;
};
static const struct shot shots[] = {
    {"overview", PANE_OVERVIEW, false, 1},   {"traffic", PANE_TRAFFIC, false, 1},   {"latency", PANE_LATENCY, false, 1},
    {"latency-cell", PANE_LATENCY, true, 1}, {"cost", PANE_COST, false, 1},         {"quality", PANE_QUALITY, false, 1},
    {"incidents", PANE_INCIDENTS, false, 0}, {"incident", PANE_INCIDENTS, true, 1}, {"events", PANE_EVENTS, false, 1},
    {"sources", PANE_SOURCES, false, 1},
};
enum { SHOTS = sizeof shots / sizeof *shots };

static void export_screen(const struct canvas *cv, struct buf *b)
{
    ck_assert_int_eq(canvas_export(cv, CANVAS_GLYPHS, b), ERR_OK);
    ck_assert_int_eq(buf_append_z(b, "-- roles\n"), ERR_OK);
    ck_assert_int_eq(canvas_export(cv, CANVAS_ROLES, b), ERR_OK);
    struct buf grounds;
    buf_init(&grounds, GOLDEN_MAX);
    ck_assert_int_eq(canvas_export(cv, CANVAS_GROUNDS, &grounds), ERR_OK);
    ck_assert_int_eq(buf_append_z(b, "-- grounds\n"), ERR_OK);
    const char *line = grounds.data;
    for (int y = 0; y < cv->rows; y++) {
        const char *end = strchr(line, '\n');
        if (end > line) {
            ck_assert_int_eq(buf_printf(b, "%d: %.*s\n", y, (int)(end - line), line), ERR_OK);
        }
        line = end + 1;
    }
    buf_fini(&grounds);
}

static void read_file(const char *path, struct buf *b)
{
    FILE *f = fopen(path, "r");
    char chunk[4096];
    ck_assert_msg(f != NULL, "%s is missing: run with GOLDEN_UPDATE=1 and read what it writes", path);
    for (size_t n = fread(chunk, 1, sizeof chunk, f); n > 0; n = fread(chunk, 1, sizeof chunk, f)) {
        ck_assert_int_eq(buf_append(b, chunk, n), ERR_OK);
    }
    fclose(f);
}

/* Says which line differs first: a whole screen in a message cannot be read. */
static void compare(const char *path, const struct buf *want, const struct buf *got)
{
    const char *w = want->data, *g = got->data;
    for (int line = 1; *w && *g; line++) {
        size_t wn = strcspn(w, "\n"), gn = strcspn(g, "\n");
        ck_assert_msg(wn == gn && memcmp(w, g, wn) == 0, "%s:%d\n  want |%.*s|\n  got  |%.*s|", path, line, (int)wn, w, (int)gn, g);
        w += wn + (w[wn] == '\n');
        g += gn + (g[gn] == '\n');
    }
    ck_assert_msg(*w == *g, "%s: one of the two ends early", path);
}

static void check_golden(const char *name, const struct buf *got)
{
    char path[512];
    ck_assert(str_format(path, sizeof path, "%s/%s.txt", GOLDEN_DIR, name));
    const char *update = getenv("GOLDEN_UPDATE");
    if (update && *update == '1') {
        FILE *f = fopen(path, "w");
        ck_assert_msg(f != NULL, "cannot write %s", path);
        ck_assert_uint_eq(fwrite(got->data, 1, got->len, f), got->len);
        ck_assert_int_eq(fclose(f), 0);
        return;
    }
    struct buf want;
    buf_init(&want, GOLDEN_MAX);
    read_file(path, &want);
    compare(path, &want, got);
    buf_fini(&want);
}

struct size {
    int cols, rows;
};

static void shoot(const char *name, struct screen_spec spec, const struct size *sizes, size_t count)
{
    struct buf b;
    struct canvas cv;
    buf_init(&b, GOLDEN_MAX);
    canvas_init(&cv);
    for (size_t i = 0; i < count; i++) {
        spec.cols = sizes[i].cols;
        spec.rows = sizes[i].rows;
        (void)screen_draw(&cv, &spec);
        ck_assert_int_eq(buf_printf(&b, "== %dx%d\n", spec.cols, spec.rows), ERR_OK);
        export_screen(&cv, &b);
    }
    check_golden(name, &b);
    canvas_fini(&cv);
    buf_fini(&b);
}

static const struct size every[] = {{80, 24}, {120, 40}, {160, 48}, {200, 60}};
static const struct size narrow[] = {{80, 24}};

/* The incident at every designed size, its other states where text is tightest; ascii where the ladder begins. */
START_TEST(test_golden)
{
    const struct shot *s = &shots[_i / FAKE_KINDS];
    enum fake_kind kind = (enum fake_kind)(_i % FAKE_KINDS);
    struct screen_spec spec = {.pane = s->pane, .kind = kind, .colour = true, .detail = s->detail, .selected = s->selected};
    char name[64];
    bool full = kind == FAKE_INCIDENT || kind == FAKE_OVERFLOW;
    spec.rung = GLYPH_BLOCK;
    ck_assert(str_format(name, sizeof name, "%s-%s-block", s->name, fake_kind_name(kind)));
    shoot(name, spec, full ? every : narrow, full ? 4 : 1);
    if (kind == FAKE_INCIDENT) {
        spec.rung = GLYPH_ASCII;
        ck_assert(str_format(name, sizeof name, "%s-%s-ascii", s->name, fake_kind_name(kind)));
        shoot(name, spec, every, 2);
    }
}
END_TEST

START_TEST(test_golden_specials)
{
    struct screen_spec spec = {.pane = PANE_OVERVIEW, .kind = FAKE_INCIDENT, .colour = true, .selected = -1, .rung = GLYPH_BRAILLE};
    shoot("overview-incident-braille", spec, narrow, 1);
    spec.rung = GLYPH_BLOCK;
    spec.colour = false; /* nothing is told by hue alone: stacks and heat in letters and shades */
    static const struct size medium[] = {{120, 40}};
    shoot("overview-incident-mono", spec, medium, 1);
    spec.colour = true;
    spec.mask = true;
    shoot("overview-incident-masked", spec, narrow, 1);
    spec.mask = false;
    spec.zoom = true;
    shoot("overview-incident-zoom", spec, narrow, 1);
    spec.zoom = false;
    static const struct size small[] = {{40, 10}, {50, 14}, {60, 18}, {39, 9}, {20, 5}};
    shoot("overview-incident-small", spec, small, 5);
    spec.help = true;
    static const struct size help[] = {{80, 24}, {60, 12}, {120, 16}};
    shoot("help", spec, help, 3);
    spec.help = false;
    spec.start = true;
    shoot("start", spec, help, 2);
    spec.start = false;
    spec.pane = PANE_EVENTS;
    spec.search = "gpt";
    shoot("events-incident-search", spec, narrow, 1);
}
END_TEST

/* ascii means 7 bits, everywhere. */
START_TEST(test_ascii_is_ascii)
{
    struct canvas cv;
    canvas_init(&cv);
    for (int i = 0; i < SHOTS * FAKE_KINDS; i++) {
        enum fake_kind kind = (enum fake_kind)(i % FAKE_KINDS);
        if (kind == FAKE_OVERFLOW) {
            continue; /* its names are not ascii */
        }
        struct screen_spec spec = {.pane = shots[i / FAKE_KINDS].pane,
                                   .kind = kind,
                                   .colour = i % 2,
                                   .detail = shots[i / FAKE_KINDS].detail,
                                   .cols = 160,
                                   .rows = 48};
        (void)screen_draw(&cv, &spec);
        for (int y = 0; y < cv.rows; y++) {
            for (int x = 0; x < cv.cols; x++) {
                uint32_t rune = canvas_cell(&cv, x, y)->rune;
                if (rune >= 0x7f) {
                    ck_abort_msg("%s: U+%04X at %d,%d", shots[i / FAKE_KINDS].name, (unsigned)rune, x, y);
                }
            }
        }
    }
    canvas_fini(&cv);
}
END_TEST

/* Draws the pane into the middle of a canvas full of one sentinel: nothing around it may change. */
static void check_size(struct canvas *cv, const struct fake *f, const struct shot *s, int cols, int rows, struct screen_spec *spec)
{
    enum { EDGE = 2 };
    struct draw_out out = draw_out_none();
    ck_assert_int_eq(canvas_resize(cv, cols + 2 * EDGE, rows + 2 * EDGE), ERR_OK);
    for (int i = 0; i < cv->cols * cv->rows; i++) {
        cv->cell[i].rune = 'X';
        cv->cell[i].role = ROLE_ERROR;
    }
    struct draw_ctx ctx = {.rung = spec->rung,
                           .colour = spec->colour,
                           .mask = spec->mask,
                           .focus = true,
                           .opened = s->detail && spec->selected > 0, /* else it stands below the list */
                           .selected = spec->selected,
                           .scroll = spec->selected / 2,
                           .group = DIM_TEAM,
                           .search = "e",
                           .now_ms = f->now_ms,
                           .cursor_ms = f->cursor_ms - 1000000,
                           .frame = &f->frame,
                           .out = &out};
    size_t before = alloc_count();
    pane_get(s->pane)->draw(cv, (struct rect){EDGE, EDGE, cols, rows}, fake_view(f, s->pane, s->detail), &ctx);
    if (alloc_count() != before) {
        ck_abort_msg("%s allocates while drawing %dx%d", s->name, cols, rows);
    }
    bool good = out.rows >= 0 && out.scroll >= 0 && (out.rows == 0 || out.scroll < out.rows);
    for (int y = 0; y < cv->rows; y++) {
        for (int x = 0; x < cv->cols; x++) {
            const struct cell *c = &cv->cell[y * cv->cols + x];
            bool outside = x < EDGE || y < EDGE || x >= EDGE + cols || y >= EDGE + rows;
            good = good && (!outside || (c->rune == 'X' && c->role == ROLE_ERROR && c->width == 1 && c->ground == ROLE_TEXT));
            good = good && c->role < ROLE_COUNT && c->ground < ROLE_COUNT && (c->width != 0 || (x > 0 && c[-1].width == 2)) &&
                   (c->width != 2 || (x + 1 < cv->cols && c[1].width == 0));
        }
    }
    if (!good) {
        ck_abort_msg("%s, %s, %dx%d: wrote outside, split a wide rune, or told the console nonsense", s->name, fake_kind_name(f->kind),
                     cols, rows);
    }
}

START_TEST(test_every_size)
{
    enum { COLS = 200, ROWS = 60 };
    const struct shot *s = &shots[_i];
    struct fake *f = calloc(FAKE_KINDS, sizeof *f);
    struct canvas cv;
    ck_assert_ptr_nonnull(f);
    canvas_init(&cv);
    ck_assert_int_eq(canvas_resize(&cv, COLS + 4, ROWS + 4), ERR_OK); /* its largest at once: from here on nothing is allocated */
    for (int k = 0; k < FAKE_KINDS; k++) {
        fake_init(&f[k], (enum fake_kind)k, 97); /* columns that fit no size: charts must resample */
    }
    for (int rows = 1; rows <= ROWS; rows++) {
        for (int cols = 1; cols <= COLS; cols++) {
            int mix = rows * 7 + cols; /* every kind, rung and selection meets every size or its neighbour */
            struct screen_spec spec = {
                .rung = (enum glyph_rung)(mix % GLYPH_RUNG_COUNT), .colour = mix % 3 != 0, .mask = mix % 5 == 0, .selected = mix % 11 - 1};
            check_size(&cv, &f[mix % FAKE_KINDS], s, cols, rows, &spec);
        }
    }
    for (int k = 0; k < FAKE_KINDS; k++) {
        fake_fini(&f[k]);
    }
    canvas_fini(&cv);
    free(f);
}
END_TEST

/* The frame and whole screens, the popup included, at every size; and that they allocate nothing. */
START_TEST(test_every_screen)
{
    struct fake *f = malloc(sizeof *f);
    struct canvas cv;
    ck_assert_ptr_nonnull(f);
    canvas_init(&cv);
    for (int rows = 1; rows <= 60; rows++) {
        for (int cols = 1; cols <= 200; cols += 1 + rows % 3) {
            struct screen_spec spec = {.pane = (enum pane_id)((rows + cols) % PANE_COUNT),
                                       .kind = (enum fake_kind)(rows % FAKE_KINDS),
                                       .cols = cols,
                                       .rows = rows,
                                       .rung = (enum glyph_rung)(cols % GLYPH_RUNG_COUNT),
                                       .colour = true,
                                       .zoom = cols % 2,
                                       .help = cols % 7 == 0,
                                       .start = cols % 13 == 0};
            fake_init(f, spec.kind, screen_columns(&spec));
            ck_assert_int_eq(canvas_resize(&cv, cols, rows), ERR_OK);
            size_t before = alloc_count();
            (void)screen_paint(&cv, &spec, f);
            if (alloc_count() != before) {
                ck_abort_msg("%dx%d allocates", cols, rows);
            }
            fake_fini(f);
        }
    }
    canvas_fini(&cv);
    free(f);
}
END_TEST

/* A view that is all zeros, and none: what a loader gives before anything is known. */
START_TEST(test_nothing_at_all)
{
    static const union {
        struct view_overview overview;
        struct view_traffic traffic;
        struct view_latency latency;
        struct view_cost cost;
        struct view_quality quality;
        struct view_incidents incidents;
        struct view_events events;
        struct view_sources sources;
    } zero;
    static const struct view_frame frame;
    struct canvas cv;
    canvas_init(&cv);
    ck_assert_int_eq(canvas_resize(&cv, 120, 40), ERR_OK);
    for (int p = 0; p < PANE_COUNT; p++) {
        for (int k = 0; k < 4; k++) {
            struct draw_out out = draw_out_none();
            struct draw_ctx ctx = {.out = &out, .frame = k & 1 ? &frame : NULL, .focus = true, .selected = 3};
            canvas_clear(&cv);
            pane_get((enum pane_id)p)->draw(&cv, canvas_rect(&cv), k & 2 ? &zero : NULL, &ctx);
            ck_assert_int_eq(out.rows, 0);
            ck_assert_ptr_null(out.name);
            bool said = false; /* an empty pane says what would fill it */
            for (int i = 0; i < cv.cols * cv.rows; i++) {
                said = said || cv.cell[i].rune == 'e';
            }
            ck_assert_msg(said, "%s says nothing when it is empty", pane_get((enum pane_id)p)->name);
        }
    }
    canvas_fini(&cv);
}
END_TEST

/* Where something is drawn over time, what changed stands above it, on every screen that shows panes. */
START_TEST(test_marks_on_every_chart)
{
    static const enum pane_id charts[] = {PANE_OVERVIEW, PANE_TRAFFIC, PANE_LATENCY, PANE_COST, PANE_QUALITY, PANE_INCIDENTS, PANE_EVENTS};
    struct canvas cv;
    canvas_init(&cv);
    for (size_t i = 0; i < sizeof charts / sizeof *charts; i++) {
        for (size_t s = 0; s < sizeof every / sizeof *every; s++) {
            /* of incidents, the detail has the chart */
            struct screen_spec spec = {.pane = charts[i],
                                       .detail = charts[i] == PANE_INCIDENTS,
                                       .kind = FAKE_INCIDENT,
                                       .cols = every[s].cols,
                                       .rows = every[s].rows,
                                       .selected = -1,
                                       .rung = GLYPH_BLOCK};
            bool deployed = false, paged = false;
            (void)screen_draw(&cv, &spec);
            for (int k = 0; k < cv.cols * cv.rows; k++) {
                bool chart = k % cv.cols > cv.cols / 3 && (cv.cell[k].attr & CELL_BOLD) != 0;
                deployed = deployed || (chart && cv.cell[k].rune == 'k' && cv.cell[k].role == ROLE_MARK);
                paged = paged || (chart && cv.cell[k].rune == 'P' && cv.cell[k].role == ROLE_PAGE);
            }
            ck_assert_msg(deployed && paged, "%s at %dx%d draws over time without its events", pane_get(charts[i])->name, cv.cols, cv.rows);
        }
    }
    canvas_fini(&cv);
}
END_TEST

/* What the console is told about the selected row. */
START_TEST(test_selection)
{
    struct canvas cv;
    canvas_init(&cv);
    struct fake *f = malloc(sizeof *f);
    ck_assert_ptr_nonnull(f);
    struct screen_spec spec = {.cols = 80, .rows = 24, .selected = 0, .rung = GLYPH_BLOCK, .pane = PANE_EVENTS};
    ck_assert_int_eq(canvas_resize(&cv, 80, 24), ERR_OK);
    fake_init(f, FAKE_OVERFLOW, 40);
    struct draw_out out = screen_paint(&cv, &spec, f);
    ck_assert_int_eq(out.rows, (int)f->events.count);
    ck_assert_int_eq(out.at_ms, f->events.events[0].at_ms);
    ck_assert_int_eq(out.scroll, 0);
    for (spec.selected = 0; spec.selected < out.rows; spec.selected += 3) {
        struct draw_out at = screen_paint(&cv, &spec, f);
        ck_assert(at.scroll <= spec.selected && spec.selected < at.scroll + at.page); /* always in view, the row past the edge included */
        ck_assert_int_eq(at.id, f->events.events[spec.selected].id);
    }
    spec.selected = out.page; /* the first row that is not on the page moves it by one */
    ck_assert_int_eq(screen_paint(&cv, &spec, f).scroll, 1);
    spec.selected = 1 << 30; /* far beyond the end: the last row, scrolled into view */
    out = screen_paint(&cv, &spec, f);
    ck_assert_int_eq(out.id, f->events.events[f->events.count - 1].id);
    ck_assert_int_eq(out.scroll, out.rows - out.page);
    spec = (struct screen_spec){.cols = 80, .rows = 24, .selected = 2, .pane = PANE_COST, .mask = true};
    out = screen_paint(&cv, &spec, f);
    ck_assert_str_eq(out.name, f->cost.table[2].name); /* unmasked: the console filters by it */
    ck_assert_int_eq(out.dim, DIM_TEAM);
    spec.selected = (int)f->cost.table_count - 1;
    out = screen_paint(&cv, &spec, f);
    ck_assert_ptr_null(out.name); /* the total is no team */
    spec = (struct screen_spec){.cols = 80, .rows = 24, .selected = 1, .pane = PANE_LATENCY};
    out = screen_paint(&cv, &spec, f);
    ck_assert_str_eq(out.name, f->latency.table[1].name); /* a provider of the model before it */
    ck_assert_int_eq(out.dim, DIM_PROVIDER);
    ck_assert_str_eq(out.within, f->latency.table[0].name);
    ck_assert_int_eq(out.within_dim, DIM_MODEL);
    spec = (struct screen_spec){.cols = 80, .rows = 24, .selected = 0, .pane = PANE_INCIDENTS};
    out = screen_paint(&cv, &spec, f);
    ck_assert_int_eq(out.id, f->incidents.list[0].in.id);
    spec.detail = true;
    out = screen_paint(&cv, &spec, f);
    ck_assert_int_eq(out.at_ms, f->incident.entries[0].at_ms);
    ck_assert_str_eq(out.entry, f->incident.entries[0].id);
    ck_assert_int_eq(out.id, f->incident.detail->in.id);
    for (int i = 0; i < out.rows;
         i++) { /* entries, then rules, then suspects: each has its moment, also where its section has no room unselected */
        const int entries = (int)f->incident.entry_count, rules = (int)f->incident.rule_count;
        spec.selected = i;
        struct draw_out at = screen_paint(&cv, &spec, f);
        ck_assert_int_eq(at.at_ms, i < entries           ? f->incident.entries[i].at_ms
                                   : i < entries + rules ? f->incident.rules[i - entries].since_ms
                                                         : f->incident.suspects[i - entries - rules].at_ms);
        ck_assert_int_eq(at.entry != NULL, i < entries);
    }
    spec.selected = -1;
    out = screen_paint(&cv, &spec, f);
    ck_assert_int_eq(out.at_ms, 0);
    fake_fini(f);
    free(f);
    canvas_fini(&cv);
}
END_TEST

/* The pane's own window, means of less than all sources, ratios beyond the last bucket, a cell of a model without a name. */
START_TEST(test_latency_says_how_exact)
{
    static const struct screen_spec spec = {.cols = 200, .rows = 60, .selected = -1, .pane = PANE_LATENCY, .detail = true};
    static const char *const wanted[] = {
        "last 15m", "mean ~2.90 s of the 9.0k whose sum is known", "~4.20 s", ">3.1x", ">1.7x", "(model not told) on azure"};
    static const struct vcell_part part = {.model = "", .provider = "azure", .n = 7};
    struct canvas cv;
    struct buf b;
    struct fake *f = malloc(sizeof *f);
    ck_assert_ptr_nonnull(f);
    canvas_init(&cv);
    ck_assert_int_eq(canvas_resize(&cv, spec.cols, spec.rows), ERR_OK);
    fake_init(f, FAKE_INCIDENT, screen_columns(&spec));
    struct vlatency_signal s = f->latency_cell.signals[0];
    struct vlatency_row row = f->latency_cell.table[0];
    s.about = row.about = row.p95.above_last = true;
    s.mean = 2.9;
    s.mean_n = 9000;
    row.mean = 4.2;
    row.change = (struct change){1.7, ABOVE};
    f->latency_cell.signals = &s;
    f->latency_cell.table = &row;
    f->latency_cell.signal_count = f->latency_cell.table_count = 1;
    f->latency_cell.window_ms = 900000;
    f->latency_cell.past[0].change.exact = ABOVE;
    f->latency_cell.cell.parts = &part;
    f->latency_cell.cell.part_count = 1;
    (void)screen_paint(&cv, &spec, f);
    buf_init(&b, GOLDEN_MAX);
    ck_assert_int_eq(canvas_export(&cv, CANVAS_GLYPHS, &b), ERR_OK);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        ck_assert_msg(strstr(b.data, wanted[i]) != NULL, "no '%s' in\n%s", wanted[i], b.data);
    }
    buf_fini(&b);
    fake_fini(f);
    free(f);
    canvas_fini(&cv);
}
END_TEST

/* Those that burn are seen on the smallest screen, whatever stands before them; of the others it is said that there are more. */
START_TEST(test_objectives_that_burn_are_seen)
{
    static const enum pane_id panes[] = {PANE_LATENCY, PANE_OVERVIEW};
    static const char *const wanted[] = {"SLO burns-one", "SLO burns-two", "SLO burns-three", "+1 more"};
    struct vslo slos[4];
    struct canvas cv;
    struct buf b;
    struct fake *f = malloc(sizeof *f);
    ck_assert_ptr_nonnull(f);
    canvas_init(&cv);
    buf_init(&b, GOLDEN_MAX);
    for (size_t k = 0; k < sizeof panes / sizeof *panes; k++) {
        const struct screen_spec spec = {.cols = 80, .rows = 24, .selected = -1, .pane = panes[k]};
        ck_assert_int_eq(canvas_resize(&cv, spec.cols, spec.rows), ERR_OK);
        fake_init(f, FAKE_INCIDENT, screen_columns(&spec));
        for (size_t i = 0; i < 4; i++) {
            static const char *const names[] = {"calm", "burns-one", "burns-two", "burns-three"};
            slos[i] = f->overview.slos[0];
            slos[i].name = names[i];
            slos[i].severity = i == 1 ? SEV_PAGE : SEV_NONE;
            slos[i].burn_5m.v = i == 2 ? 7.3 : 0.2;
            slos[i].burn_1h.v = i == 3 ? 1 : 0.2;
            slos[i].gone_text = i == 1 ? "end not known (24 Nov 04:35Z or later)" : "";
        }
        f->overview.slos = f->latency.slos = slos;
        f->overview.slo_count = f->latency.slo_count = 4;
        (void)screen_paint(&cv, &spec, f);
        buf_reset(&b);
        ck_assert_int_eq(canvas_export(&cv, CANVAS_GLYPHS, &b), ERR_OK);
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
            ck_assert_msg(strstr(b.data, wanted[i]) != NULL, "pane %zu: no '%s'", k, wanted[i]);
        }
        int targets = 0; /* the row with the longest end has no room for it: no row has it */
        for (const char *at = b.data; (at = strstr(at, "99.9%/30d")) != NULL; at++) {
            targets++;
        }
        ck_assert_int_eq(targets, 0);
        fake_fini(f);
    }
    buf_fini(&b);
    free(f);
    canvas_fini(&cv);
}
END_TEST

/* No name of a team or key is left on a masked screen. */
/* The bar of stages is to scale, with the names that fit, and rows of minutes are told in minutes. */
START_TEST(test_latency_on_a_narrow_screen_says_all)
{
    static const struct screen_spec spec = {.cols = 120, .rows = 60, .selected = -1, .pane = PANE_LATENCY};
    static const struct vstage stages[] = {{.name = "openai", .whose = STAGE_PROVIDERS, .share = 0.68},
                                           {.name = "anthropic", .whose = STAGE_PROVIDERS, .share = 0.28},
                                           {.name = "azure", .whose = STAGE_PROVIDERS, .share = 0.03},
                                           {.name = "other", .whose = STAGE_REST, .share = 0.01}};
    static const double edge[] = {0.5, 60, 120, 300, 1200, 3600, (double)INFINITY};
    static const char *const wanted[] = {"|openai 68%", "|anthropic 28%", "|3%",      " .5-60 ", " 1-2m ",
                                         " 2-5m ",      " 5-20m ",        " 20-60m ", " >60m "};
    struct canvas cv;
    struct buf b;
    struct fake *f = malloc(sizeof *f);
    ck_assert_ptr_nonnull(f);
    canvas_init(&cv);
    buf_init(&b, GOLDEN_MAX);
    ck_assert_int_eq(canvas_resize(&cv, spec.cols, spec.rows), ERR_OK);
    fake_init(f, FAKE_INCIDENT, screen_columns(&spec));
    double *cells = calloc((size_t)6 * f->columns, sizeof *cells);
    ck_assert_ptr_nonnull(cells);
    for (size_t i = 0; i < 6; i++) {
        cells[i * f->columns] = 1;
    }
    f->latency.stages = stages;
    f->latency.stage_count = sizeof stages / sizeof *stages;
    f->latency.heat = (struct vheat){.rows = 6, .columns = f->columns, .cell = cells, .edge = edge, .open_lo = 3600, .max = 1};
    (void)screen_paint(&cv, &spec, f);
    ck_assert_int_eq(canvas_export(&cv, CANVAS_GLYPHS, &b), ERR_OK);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        ck_assert_msg(strstr(b.data, wanted[i]) != NULL, "no '%s' in\n%s", wanted[i], b.data);
    }
    const char *bar = strstr(b.data, "|openai 68%"); /* of 118 columns */
    ck_assert(bar[80] == '|' && bar[80 + 33] == '|' && bar[80 + 33 + 4] == '|' && bar[118] != '|');
    free(cells);
    buf_fini(&b);
    fake_fini(f);
    free(f);
    canvas_fini(&cv);
}
END_TEST

START_TEST(test_masked_screens)
{
    static const char *const names[] = {"f31a", "search", "support", "agents"};
    struct canvas cv;
    canvas_init(&cv);
    for (int p = 0; p < SHOTS; p++) {
        struct screen_spec spec = {
            .pane = shots[p].pane, .detail = shots[p].detail, .kind = FAKE_INCIDENT, .cols = 200, .rows = 60, .mask = true, .selected = 0};
        struct buf b;
        buf_init(&b, GOLDEN_MAX);
        (void)screen_draw(&cv, &spec);
        ck_assert_int_eq(canvas_export(&cv, CANVAS_GLYPHS, &b), ERR_OK);
        const char *hit = NULL;
        for (size_t i = 0; i < sizeof names / sizeof *names && !hit; i++) {
            hit = strstr(b.data, names[i]);
        }
        ck_assert_msg(hit == NULL, "%s still shows: %.40s", shots[p].name, hit ? hit : "");
        buf_fini(&b);
    }
    canvas_fini(&cv);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("panes");
    TCase *t = tcase_create("panes");
    tcase_set_timeout(t, 300);
    tcase_add_loop_test(t, test_golden, 0, SHOTS * FAKE_KINDS);
    tcase_add_test(t, test_golden_specials);
    tcase_add_test(t, test_ascii_is_ascii);
    tcase_add_loop_test(t, test_every_size, 0, SHOTS);
    tcase_add_test(t, test_every_screen);
    tcase_add_test(t, test_nothing_at_all);
    tcase_add_test(t, test_marks_on_every_chart);
    tcase_add_test(t, test_selection);
    tcase_add_test(t, test_latency_says_how_exact);
    tcase_add_test(t, test_latency_on_a_narrow_screen_says_all);
    tcase_add_test(t, test_objectives_that_burn_are_seen);
    tcase_add_test(t, test_masked_screens);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
