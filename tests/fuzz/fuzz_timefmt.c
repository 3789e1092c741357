/* SPDX-License-Identifier: MIT */
/* Reading instants and durations: any bytes are accepted input, a refusal says why and leaves the result alone, and what was read
 * survives being written and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"

#undef NDEBUG /* the assertions are the test */
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t now = INT64_C(1795490062000), untouched = -77;

static void check_duration(struct str s)
{
    int64_t ms = untouched;
    struct errctx ctx = {""};
    if (duration_parse(s, &ms, &ctx) != ERR_OK) {
        assert(ms == untouched && ctx.text[0] != '\0');
        return;
    }
    assert(ms >= 0 && ms <= INT64_C(36525) * 86400000);
    char text[TIMEFMT_MAX];
    int64_t back;
    duration_format(ms, text);
    assert(duration_parse(str_of(text), &back, NULL) == ERR_OK && back <= ms); /* written with two units: cut, never more */
}

static void check_instant(struct str s)
{
    int64_t at = untouched;
    struct errctx ctx = {""};
    enum err e = instant_parse(s, now, &at, &ctx);
    if (e != ERR_OK) {
        assert(e == ERR_PARSE && at == untouched && ctx.text[0] != '\0');
        return;
    }
    char text[TIMEFMT_MAX];
    int64_t back;
    instant_format_iso(at, text);
    bool readable = at >= 0 && at < INT64_C(253402300800000); /* an offset may lead out of the years that can be written, 1970 to 9999 */
    assert(!readable || (instant_parse(str_of(text), now, &back, NULL) == ERR_OK && back == at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = {(const char *)data, size};
    check_duration(s);
    check_instant(s);
    return 0;
}
