/* SPDX-License-Identifier: MIT */
/* Third parties' bodies, which are not part of this project: usage: payloads_shared FOLDER. Without the folder it says "skipped: why" and
 * exits 77. Parsers must never crash on any of it; what their owners call good is accepted without a warning; what they call bad gives
 * one. */
#include "payloads/payload_files.h"
#include "unit/source/promjson_transcript.h"

enum { EXIT_SKIPPED = 77, CUTS = 40 };

static int failures;

static void complain(const char *path, const char *what, const char *detail)
{
    failures++;
    printf("FAILED %s: %s\n%s\n", path, what, detail);
}

static struct expo_stats read_exposition(const char *path, struct str body, bool openmetrics, size_t cut, struct buf *ret_text)
{
    struct transcript t;
    transcript_begin(&t);
    struct expo_handler h = transcript_handler(&t);
    struct expo *p = expo_new(&h, PAYLOAD_MAX);
    transcript_must(p != NULL, path);
    expo_set_openmetrics(p, openmetrics);
    struct expo_stats s = transcript_run(&t, p, body, cut, 0);
    expo_free(p);
    *ret_text = t.text;
    return s;
}

static enum err read_answer(struct str body, size_t cut, struct buf *ret_text)
{
    struct answer a;
    answer_begin(&a);
    struct promjson_handler h = answer_handler(&a);
    struct promjson *p = promjson_new(&h, PAYLOAD_MAX);
    answer_must(p != NULL, "out of memory");
    enum err e = answer_run(&a, p, body, cut, 0);
    promjson_free(p);
    *ret_text = a.text;
    return e;
}

/* The body in both dialects and as an answer, whole and at some cuts: nothing crashes, no cut matters. */
static void check_robust(const char *path, struct str body)
{
    for (int reader = 0; reader < 3; reader++) {
        struct buf whole, parts;
        for (size_t i = 0; i <= CUTS; i++) {
            struct buf *text = i ? &parts : &whole;
            size_t cut = body.n * i / CUTS;
            if (reader == 2) {
                (void)read_answer(body, cut, text);
            } else {
                (void)read_exposition(path, body, reader == 1, cut, text);
            }
            if (i && (whole.len != parts.len || memcmp(whole.data, parts.data, whole.len) != 0)) {
                complain(path, "the cut changed the answer", parts.data);
            }
            if (i) {
                buf_fini(&parts);
            }
        }
        buf_fini(&whole);
    }
}

struct totals {
    size_t accepted, accepted_quietly, rejected, rejected_loudly;
};

/* One row of an INDEX.tsv: path TAB accept|reject ... */
static void check_row(const char *root, char *row, struct totals *t)
{
    char path[1024];
    char *tab = strchr(row, '\t');
    bool accept = tab && strncmp(tab + 1, "accept", 6) == 0;
    if (!tab || (!accept && strncmp(tab + 1, "reject", 6) != 0)) {
        return;
    }
    transcript_must(str_format(path, sizeof path, "%s/%.*s", root, (int)(tab - row), row), "path is too long");
    struct buf body, text;
    buf_init(&body, PAYLOAD_MAX);
    if (!payload_read(path, &body)) {
        complain(path, "listed and not there", "");
        return;
    }
    bool openmetrics = strstr(path, "openmetrics-suite") != NULL || payload_is(path, ".om.txt");
    struct expo_stats s = read_exposition(path, buf_str(&body), openmetrics, 0, &text);
    t->accepted += accept;
    t->rejected += !accept;
    t->accepted_quietly += accept && s.warnings == 0;
    t->rejected_loudly += !accept && s.warnings > 0;
    if (accept && s.warnings > 0) {
        complain(path, "is good, but gave a warning", text.data);
    }
    if (!accept && s.warnings == 0) {
        complain(path, "is bad, but gave no warning", text.data);
    }
    buf_fini(&text);
    check_robust(path, buf_str(&body));
    buf_fini(&body);
}

static void check_suite(const char *root, const char *name)
{
    char path[1024];
    struct totals t = {0};
    struct buf index;
    buf_init(&index, PAYLOAD_MAX);
    transcript_must(str_format(path, sizeof path, "%s/%s/INDEX.tsv", root, name), "path is too long");
    if (!payload_read(path, &index)) {
        printf("skipped: no %s\n", path);
        buf_fini(&index);
        return;
    }
    for (char *row = strtok(index.data, "\n"); row; row = strtok(NULL, "\n")) {
        check_row(root, row, &t);
    }
    printf("%s: %zu of %zu good ones without a warning, %zu of %zu bad ones with one\n", name, t.accepted_quietly, t.accepted,
           t.rejected_loudly, t.rejected);
    buf_fini(&index);
}

/* Query answers by their shape: anything else in JSON is refused, in words. */
static void check_answer(const char *path, struct str body, size_t *answers, size_t *refused)
{
    struct buf text;
    bool has_result = false;
    for (size_t i = 0; i + 12 < body.n; i++) {
        has_result = has_result || memcmp(body.p + i, "\"resultType\"", 12) == 0;
    }
    enum err e = read_answer(body, 0, &text);
    *answers += e == ERR_OK;
    *refused += e != ERR_OK;
    if (has_result && e && !strstr(path, "INVALIDJSON")) {
        complain(path, "a query answer was refused", text.data);
    }
    if (!has_result && !e) {
        complain(path, "taken for a query answer", text.data);
    }
    buf_fini(&text);
}

static void check_folder(const char *folder, bool quiet)
{
    size_t count = 0, answers = 0, refused = 0;
    char **paths = payload_list(folder, &count);
    struct buf body, text;
    buf_init(&body, PAYLOAD_MAX);
    for (size_t i = 0; paths && i < count; i++) {
        if (!payload_read(paths[i], &body)) {
            complain(paths[i], "can't be read", "");
            continue;
        }
        if (body.len < (1u << 20)) {
            check_robust(paths[i], buf_str(&body));
        }
        if (payload_is(paths[i], ".json")) {
            check_answer(paths[i], buf_str(&body), &answers, &refused);
        } else if (!quiet && (payload_is(paths[i], ".prom") || payload_is(paths[i], ".txt"))) {
            struct expo_stats s = read_exposition(paths[i], buf_str(&body), false, 0, &text);
            printf("%-80s %5zu samples %3zu warnings\n", strrchr(paths[i], '/') + 1, s.samples, s.warnings);
            buf_fini(&text);
        }
    }
    printf("%s: %zu files; as query answers %zu understood, %zu refused in words\n", folder, count, answers, refused);
    payload_list_free(paths, count);
    buf_fini(&body);
}

int main(int argc, char **argv)
{
    const char *root = getenv("GWTOP_PAYLOADS");
    root = root ? root : argc > 1 ? argv[1] : NULL;
    struct stat st;
    if (!root || stat(root, &st) != 0 || !S_ISDIR(st.st_mode)) {
        printf("skipped: no third-party payloads at %s (set GWTOP_PAYLOADS)\n", root ? root : "any known place");
        return EXIT_SKIPPED;
    }
    static const char *const folders[] = {"", "/textformat-suite/expfmt-go-table", "/textformat-suite/expfmt-fuzz",
                                          "/textformat-suite/prometheus-textparse", "/textformat-suite/expfmt-testdata"};
    check_suite(root, "openmetrics-suite");
    check_suite(root, "textformat-suite");
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char folder[1024];
        transcript_must(str_format(folder, sizeof folder, "%s%s", root, folders[i]), "path is too long");
        check_folder(folder, i > 0);
    }
    printf("%d failures\n", failures);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
