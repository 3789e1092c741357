/* SPDX-License-Identifier: MIT */
/* A series of one's own: any bytes are rows or are left out, nothing crashes; what is kept is finite, in order, of its kind, and can be fed
 * to the detectors. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "analysis/csvseries.h"
#include "analysis/deviation.h"
#include "analysis/edetect.h"

#undef NDEBUG /* the assertions are the test */
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rows(const struct csvseries *s, enum csvseries_kind kind)
{
    struct deviation dev;
    struct edetect drift;
    deviation_init(&dev);
    edetect_init(&drift, kind == CSVSERIES_BINARY ? EDETECT_BINARY : EDETECT_SCORE, 100);
    for (size_t i = 0; i < s->count; i++) {
        const struct csvseries_row *r = &s->rows[i], *before = i > 0 ? r - 1 : NULL;
        struct deviation_alarm alarm;
        assert(isfinite(r->value) && r->n >= 1 && r->line <= s->lines && r->row <= s->data_rows);
        assert(before == NULL || (r->line > before->line && r->wall_ms >= before->wall_ms));
        if (kind == CSVSERIES_BINARY)
            edetect_feed_binary(&drift, (int64_t)i, r->n, (uint64_t)r->value);
        else if (kind == CSVSERIES_SCORE)
            edetect_feed_score(&drift, (int64_t)i, r->value);
        else
            assert(deviation_feed(&dev, (int64_t)i, s->timed ? r->wall_ms : DEVIATION_NO_TIME, r->value, &alarm) >= 0);
    }
    assert(edetect_valid(&drift));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csvseries s;
    csvseries_init(&s);
    for (size_t i = 0, end; i < size; i = end + 1) {
        const uint8_t *lf = memchr(data + i, '\n', size - i);
        end = lf != NULL ? (size_t)(lf - data) : size;
        assert(csvseries_add_line(&s, (struct str){(const char *)data + i, end - i}, NULL) == ERR_OK);
    }
    assert(s.count + s.left_out == s.data_rows);
    enum csvseries_kind kind = size % 4 == 3 ? csvseries_guess(&s) : (enum csvseries_kind)(size % 4);
    assert(csvseries_restrict(&s, kind, NULL) == ERR_OK);
    assert(s.count + s.left_out == s.data_rows);
    check_rows(&s, kind);
    csvseries_fini(&s);
    return 0;
}
