/* SPDX-License-Identifier: MIT */
/* The project's own recorded bodies (parse/) and what must be understood of them (BODY.want), whole and cut at every byte.
 *
 * A .prom is 0.0.4, a .om OpenMetrics, a .json a query answer. Each line of a .want is a figure ("samples 29", "warnings 0", "series 2",
 * "points 7", "end parse") or a line that the transcript must have (tests/unit/source/ *_transcript.h). */
#include <check.h>

#include "payloads/payload_files.h"
#include "unit/source/promjson_transcript.h"

enum { CUT_ALL_MAX = 3000, CUT_STEP = 53 }; /* bodies longer than the first are cut at every so manyth byte */

static char **bodies;
static size_t body_count;

struct reading {
    struct buf text;
    size_t samples, series, points, warnings, families;
    const char *end;
};

static void read_exposition(struct reading *r, const char *path, struct str body, size_t cut)
{
    struct transcript t;
    transcript_begin(&t);
    struct expo_handler h = transcript_handler(&t);
    struct expo *p = expo_new(&h, PAYLOAD_MAX);
    ck_assert_ptr_nonnull(p);
    expo_set_openmetrics(p, payload_is(path, ".om"));
    struct expo_stats s = transcript_run(&t, p, body, cut, 0);
    expo_free(p);
    *r = (struct reading){.text = t.text, .samples = s.samples, .warnings = s.warnings, .families = s.families, .end = "ok"};
}

static void read_answer(struct reading *r, struct str body, size_t cut)
{
    struct answer a;
    answer_begin(&a);
    struct promjson_handler h = answer_handler(&a);
    struct promjson *p = promjson_new(&h, PAYLOAD_MAX);
    ck_assert_ptr_nonnull(p);
    enum err e = answer_run(&a, p, body, cut, 0);
    promjson_free(p);
    *r = (struct reading){.text = a.text, .series = a.series, .points = a.points, .warnings = a.warnings, .end = e ? err_name(e) : "ok"};
}

static void read_body(struct reading *r, const char *path, struct str body, size_t cut)
{
    if (payload_is(path, ".json")) {
        read_answer(r, body, cut);
    } else {
        read_exposition(r, path, body, cut);
    }
}

static bool has_line(struct str text, struct str line)
{
    for (size_t at = 0; at + line.n < text.n; at++) {
        if ((at == 0 || text.p[at - 1] == '\n') && text.p[at + line.n] == '\n' && memcmp(text.p + at, line.p, line.n) == 0) {
            return true;
        }
    }
    return false;
}

static void check_figure(const char *path, const char *line, const struct reading *r)
{
    char name[32], value[32], got[32];
    ck_assert_int_eq(sscanf(line, "%31s %31s", name, value), 2);
    const struct {
        const char *name;
        size_t figure;
    } figures[] = {
        {"samples", r->samples}, {"series", r->series}, {"points", r->points}, {"warnings", r->warnings}, {"families", r->families}};
    bool known = strcmp(name, "end") == 0;
    snprintf(got, sizeof got, "%s", r->end);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        if (strcmp(name, figures[i].name) == 0) {
            known = true;
            snprintf(got, sizeof got, "%zu", figures[i].figure);
        }
    }
    ck_assert_msg(known, "%s: unknown figure %s", path, name);
    ck_assert_msg(strcmp(got, value) == 0, "%s: %s is %s, wanted %s\n%.3000s", path, name, got, value, r->text.data);
}

static void check_wanted(const char *path, const struct reading *r)
{
    char want_path[1024];
    struct buf want;
    buf_init(&want, PAYLOAD_MAX);
    transcript_must(str_format(want_path, sizeof want_path, "%s.want", path), "path is too long");
    ck_assert_msg(payload_read(want_path, &want), "%s is missing: say what must be understood of this body", want_path);
    size_t lines = 0;
    for (char *line = strtok(want.data, "\n"); line; line = strtok(NULL, "\n"), lines++) {
        if (line[0] >= 'a' && line[0] <= 'z') {
            check_figure(path, line, r);
        } else {
            ck_assert_msg(has_line(buf_str(&r->text), str_of(line)), "%s: no line\n%s\nin\n%.3000s", path, line, r->text.data);
        }
    }
    ck_assert_msg(lines > 0, "%s is empty", want_path);
    buf_fini(&want);
}

START_TEST(test_body)
{
    const char *path = bodies[_i];
    if (payload_is(path, ".want")) {
        return;
    }
    struct buf body;
    struct reading whole, cut;
    buf_init(&body, PAYLOAD_MAX);
    ck_assert(payload_read(path, &body));
    read_body(&whole, path, buf_str(&body), 0);
    check_wanted(path, &whole);
    for (size_t at = 1; at<body.len; at += body.len> CUT_ALL_MAX ? CUT_STEP : 1) {
        read_body(&cut, path, buf_str(&body), at);
        ck_assert_msg(cut.text.len == whole.text.len && memcmp(cut.text.data, whole.text.data, whole.text.len) == 0, "%s: cut at byte %zu",
                      path, at);
        buf_fini(&cut.text);
    }
    buf_fini(&whole.text);
    buf_fini(&body);
}
END_TEST

int main(void)
{
    bodies = payload_list(PAYLOADS_OWN, &body_count);
    if (!bodies) {
        perror(PAYLOADS_OWN);
        return EXIT_FAILURE;
    }
    Suite *s = suite_create("payloads/parse");
    TCase *t = tcase_create("bodies");
    tcase_add_loop_test(t, test_body, 0, (int)body_count);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    payload_list_free(bodies, body_count);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
