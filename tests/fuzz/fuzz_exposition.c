/* SPDX-License-Identifier: MIT */
/* Any bytes are an exposition. What must hold, beside memory safety: the same answer wherever the feeds are cut; every series that was
 * accepted is accepted again on its own, with the same name and labels; and knowing series changes nothing but the splitting.
 * The first byte of the input chooses dialect and cut. */
#include <stdint.h>
#include <string.h>

#include "unit/source/expo_transcript.h"

enum { MAX_BYTES = 1 << 20, KNOWN_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Remembers the first series of a body, by copy. */
struct known {
    char *series[KNOWN_MAX];
    size_t length[KNOWN_MAX];
    size_t count, samples;
};

static bool same_bytes(struct str s, const char *p, size_t n)
{
    return s.n == n && memcmp(s.p, p, n) == 0;
}

static bool is_known(void *ctx, struct str series)
{
    const struct known *k = ctx;
    for (size_t i = 0; i < k->count; i++) {
        if (same_bytes(series, k->series[i], k->length[i])) {
            return true;
        }
    }
    return false;
}

static bool remember(void *ctx, const struct expo_sample *s)
{
    struct known *k = ctx;
    k->samples++;
    if (k->count < KNOWN_MAX && !is_known(k, s->series)) {
        k->series[k->count] = malloc(s->series.n);
        transcript_must(k->series[k->count] != NULL, "out of memory");
        memcpy(k->series[k->count], s->series.p, s->series.n);
        k->length[k->count++] = s->series.n;
    }
    transcript_must(s->label_count <= EXPO_LABELS_MAX, "too many labels");
    transcript_must(s->series.n > 0, "empty series");
    return true;
}

static void parse(struct expo *p, const char *bytes, size_t n)
{
    transcript_must(transcript_feed(p, bytes, n) == ERR_OK, "refused a feed");
    transcript_must(expo_finish(p) == ERR_OK, "refused to finish");
}

static void check_cuts(const char *bytes, size_t n, bool openmetrics, size_t cut)
{
    struct transcript whole, parts;
    transcript_begin(&whole);
    transcript_begin(&parts);
    struct expo_handler h = transcript_handler(&whole), g = transcript_handler(&parts);
    struct expo *p = expo_new(&h, MAX_BYTES), *q = expo_new(&g, MAX_BYTES);
    transcript_must(p && q, "out of memory");
    expo_set_openmetrics(p, openmetrics);
    expo_set_openmetrics(q, openmetrics);
    transcript_run(&whole, p, (struct str){bytes, n}, 0, 0);
    transcript_run(&parts, q, (struct str){bytes, n}, cut % (n + 1), (cut * 7 + 3) % (n + 1));
    transcript_must(whole.text.len == parts.text.len && memcmp(whole.text.data, parts.text.data, whole.text.len) == 0,
                    "the cut changed the answer");
    expo_free(p);
    expo_free(q);
    buf_fini(&whole.text);
    buf_fini(&parts.text);
}

/* Every remembered series on a page of its own. */
static void check_series(const struct known *k, bool openmetrics)
{
    for (size_t i = 0; i < k->count; i++) {
        struct known again = {0};
        struct expo_handler h = {.on_sample = remember, .ctx = &again};
        struct expo *p = expo_new(&h, MAX_BYTES);
        char *page = malloc(k->length[i] + 3);
        transcript_must(p && page, "out of memory");
        expo_set_openmetrics(p, openmetrics);
        memcpy(page, k->series[i], k->length[i]);
        memcpy(page + k->length[i], " 1\n", 3);
        if (k->length[i] + 2 <= EXPO_LINE_MAX) {
            parse(p, page, k->length[i] + 3);
            transcript_must(again.count == 1, "an accepted series was refused on its own");
            transcript_must(same_bytes((struct str){again.series[0], again.length[0]}, k->series[i], k->length[i]), "a series changed");
            free(again.series[0]);
        }
        free(page);
        expo_free(p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > MAX_BYTES) {
        return 0;
    }
    bool openmetrics = data[0] & 1;
    const char *bytes = (const char *)data + 1;
    size_t n = size - 1;
    check_cuts(bytes, n, openmetrics, data[0] >> 1);

    struct known k = {0};
    struct expo_handler h = {.on_sample = remember, .ctx = &k};
    struct expo_handler g = {.on_sample = remember, .on_known = is_known, .ctx = &k};
    struct expo *p = expo_new(&h, MAX_BYTES), *q = expo_new(&g, MAX_BYTES);
    transcript_must(p && q, "out of memory");
    expo_set_openmetrics(p, openmetrics);
    expo_set_openmetrics(q, openmetrics);
    parse(p, bytes, n);
    size_t samples = k.samples, count = k.count;
    k.samples = 0;
    parse(q, bytes, n);
    transcript_must(k.samples == samples && k.count == count, "knowing series changed the samples");
    check_series(&k, openmetrics);
    for (size_t i = 0; i < k.count; i++) {
        free(k.series[i]);
    }
    expo_free(p);
    expo_free(q);
    return 0;
}
