/* SPDX-License-Identifier: MIT */
/* "did you mean": optimal string alignment distance (Levenshtein with swaps of neighbours), at most a third of the word. */
#include <string.h>

#include "config/reader.h"

enum { WORD_MAX = 40 };

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == '-' || c == '.' ? '_' : c;
}

static size_t distance(struct str a, struct str b)
{
    size_t d[3][WORD_MAX + 1];
    for (size_t k = 0; k <= b.n; k++)
        d[0][k] = k;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *row = d[i % 3], *up = d[(i - 1) % 3], *up2 = d[(i + 1) % 3];
        row[0] = i;
        for (size_t k = 1; k <= b.n; k++) {
            bool same = fold(a.p[i - 1]) == fold(b.p[k - 1]);
            row[k] = min3(up[k] + 1, row[k - 1] + 1, up[k - 1] + !same);
            bool swapped = i > 1 && k > 1 && fold(a.p[i - 1]) == fold(b.p[k - 2]) && fold(a.p[i - 2]) == fold(b.p[k - 1]);
            if (swapped && up2[k - 2] + 1 < row[k])
                row[k] = up2[k - 2] + 1;
        }
    }
    return d[a.n % 3][b.n];
}

const char *nearest_name(struct arena *a, struct str text, const char *names)
{
    struct str best = {0};
    size_t best_distance = SIZE_MAX;
    if (text.n == 0 || text.n > WORD_MAX)
        return NULL;
    for (const char *p = names; *p != 0;) {
        size_t n = strcspn(p, "|");
        struct str word = {p, n};
        size_t far = n <= WORD_MAX ? distance(text, word) : SIZE_MAX;
        if (far < best_distance && far <= (n > text.n ? n : text.n) / 3) {
            best = word;
            best_distance = far;
        }
        p += n + (p[n] == '|');
    }
    return best.p != NULL ? arena_strdup(a, best) : NULL;
}
