/* SPDX-License-Identifier: MIT */
/* Reads a rendered page back, independently of what wrote it: every sample line as text and value. */
#ifndef GWTOP_TESTS_SIM_SAMPLES_H
#define GWTOP_TESTS_SIM_SAMPLES_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sim/sim.h"

enum { SAMPLES_ROOM = 32 << 20, PAIR_ROOM = 160 };

struct sample {
    const char *name, *series; /* series: name and labels */
    double value;
};

struct samples {
    char *text; /* owns what the samples point to */
    struct sample *at;
    size_t count;
};

static inline int samples_order(const void *a, const void *b)
{
    return strcmp(((const struct sample *)a)->series, ((const struct sample *)b)->series);
}

/* Cuts the text into samples, sorted by series; a series that occurs twice, or a line that is none, fails the test. */
static inline struct samples samples_of(const struct buf *page)
{
    struct samples s = {.text = malloc(page->len + 1)};
    size_t cap = 0;
    ck_assert_ptr_nonnull(s.text);
    memcpy(s.text, page->data, page->len + 1);
    char *save = NULL;
    for (char *line = strtok_r(s.text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
        if (line[0] == '#')
            continue;
        if (s.count == cap) {
            cap = cap == 0 ? 1024 : cap * 2;
            s.at = realloc(s.at, cap * sizeof *s.at);
            ck_assert_ptr_nonnull(s.at);
        }
        char *space = strrchr(line, ' '), *end;
        ck_assert_ptr_nonnull(space);
        *space = '\0';
        s.at[s.count] = (struct sample){line, line, strtod(space + 1, &end)};
        ck_assert_msg(*end == '\0' && end > space + 1, "%s has no value", line);
        s.count++;
    }
    qsort(s.at, s.count, sizeof *s.at, samples_order);
    for (size_t i = 1; i < s.count; i++)
        ck_assert_msg(strcmp(s.at[i - 1].series, s.at[i].series) != 0, "twice: %s", s.at[i].series);
    return s;
}

static inline void samples_free(struct samples *s)
{
    free(s->text);
    free(s->at);
}

static inline struct samples samples_render(struct sim *sim, enum sim_page page)
{
    struct buf text;
    buf_init(&text, SAMPLES_ROOM);
    ck_assert_int_eq(sim_render(sim, page, &text), ERR_OK);
    struct samples s = samples_of(&text);
    buf_fini(&text);
    return s;
}

static inline bool sample_is(const struct sample *s, const char *name)
{
    size_t n = strlen(name);
    return strncmp(s->name, name, n) == 0 && (s->name[n] == '{' || s->name[n] == '\0');
}

/* Whether the series carries name="value". */
static inline bool sample_has(const struct sample *s, const char *name, const char *value)
{
    char pair[PAIR_ROOM];
    const char *at = s->series;
    snprintf(pair, sizeof pair, "%s=\"%s\"", name, value);
    while ((at = strstr(at, pair)) != NULL) {
        if (at[-1] == '{' || at[-1] == ',')
            return true;
        at++;
    }
    return false;
}

static inline const struct sample *samples_find(const struct samples *s, const char *series)
{
    struct sample key = {.series = series};
    return bsearch(&key, s->at, s->count, sizeof *s->at, samples_order);
}

/* Sum over the family's series that carry up to two labels (name NULL: any). */
static inline double samples_sum2(const struct samples *s, const char *family, const char *n1, const char *v1, const char *n2,
                                  const char *v2)
{
    double sum = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct sample *x = &s->at[i];
        if (sample_is(x, family) && (n1 == NULL || sample_has(x, n1, v1)) && (n2 == NULL || sample_has(x, n2, v2)))
            sum += x->value;
    }
    return sum;
}

static inline double samples_sum(const struct samples *s, const char *family, const char *name, const char *value)
{
    return samples_sum2(s, family, name, value, NULL, NULL);
}

#endif
