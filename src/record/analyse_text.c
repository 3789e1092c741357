/* SPDX-License-Identifier: MIT */
/* Numbers and names as the analysers' sentences say them. */
#include <math.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/timefmt.h"
#include "model/money.h"
#include "record/analyse_int.h"

enum { NAME_MAX_BYTES = 160 }; /* of a remote name in a sentence */

const char *text_safe(struct analyser *an, const char *remote)
{
    char *out = arena_alloc(&an->scratch, NAME_MAX_BYTES);
    if (out != NULL)
        (void)safe_text(out, NAME_MAX_BYTES, str_of(remote));
    return out;
}

const char *text_string(struct analyser *an, uint32_t string)
{
    return text_safe(an, intern_text(store_strings(an->st), string));
}

const char *text_burn(struct analyser *an, double burn)
{
    if (isnan(burn))
        return "n/a";
    return arena_printf(&an->scratch, "%.*fx", burn < 9.95 ? 1 : 0, burn);
}

const char *text_share(struct analyser *an, uint64_t part, uint64_t whole)
{
    if (whole == 0)
        return "n/a";
    double percent = 100 * (double)part / (double)whole;
    int decimals = percent == 0 || percent >= 99.95 ? 0 : percent >= 9.95 ? 1 : 2;
    return arena_printf(&an->scratch, "%.*f %%", decimals, percent);
}

const char *text_count(struct analyser *an, uint64_t n)
{
    char digits[24], out[32];
    str_format(digits, sizeof digits, "%llu", (unsigned long long)n);
    size_t len = strlen(digits), at = 0;
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    return arena_strdup(&an->scratch, (struct str){out, at});
}

const char *text_number(struct analyser *an, double v, int digits)
{
    static const struct {
        double size;
        const char *unit;
    } units[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    const char *unit = "";
    for (size_t i = 0; i < sizeof units / sizeof *units && *unit == '\0'; i++) {
        if (v >= units[i].size * 0.9995) {
            v /= units[i].size;
            unit = units[i].unit;
        }
    }
    /* %g would write what has more digits than that with an exponent */
    return v >= pow(10, digits) - 0.5 ? arena_printf(&an->scratch, "%.0f%s", v, unit)
                                      : arena_printf(&an->scratch, "%.*g%s", digits, v, unit);
}

const char *text_duration(struct analyser *an, int64_t ms)
{
    char out[TIMEFMT_MAX];
    duration_format(ms, out);
    return arena_strdup(&an->scratch, str_of(out));
}

const char *text_usd(struct analyser *an, int64_t nusd)
{
    char out[MONEY_MAX];
    money_format(nusd, out);
    return arena_strdup(&an->scratch, str_of(out));
}

const char *text_beside(struct analyser *an, int64_t at_ms, int64_t other_ms)
{
    char out[TIMEFMT_MAX];
    instant_format_beside(at_ms, other_ms, out);
    return arena_strdup(&an->scratch, str_of(out));
}

const char *text_clock(struct analyser *an, int64_t at_ms)
{
    char out[TIMEFMT_MAX];
    instant_format_clock(at_ms, out);
    return arena_strdup(&an->scratch, str_of(out));
}
