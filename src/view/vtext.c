/* SPDX-License-Identifier: MIT */
#include "view/vtext.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vstream.h"

enum { NUMBER_DECIMALS = 12 }; /* what is smaller is zero to any reader */

/* Three significant digits without trailing noise. */
static void significant(double v, const char *unit, char out[VTEXT_MAX])
{
    double size = fabs(v);
    int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
    if (size < 0.995 && size > 0) {
        decimals = 2;
        while (decimals < 6 && size * pow(10, decimals) < 9.95)
            decimals++;
    }
    double scale = pow(10, decimals), rounded = round(v * scale) / scale;
    while (decimals > 0 && fabs(rounded * pow(10, decimals - 1) - round(rounded * pow(10, decimals - 1))) < 1e-9)
        decimals--;
    (void)str_format(out, VTEXT_MAX, "%.*f%s", decimals, rounded, unit);
}

void vtext_count(uint64_t n, char out[VTEXT_MAX])
{
    static const struct {
        double size;
        const char *unit;
    } units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if ((double)n >= units[i].size) {
            significant((double)n / units[i].size, units[i].unit, out);
            return;
        }
    }
    (void)str_format(out, VTEXT_MAX, "%llu", (unsigned long long)n);
}

void vtext_number(double v, char out[VTEXT_MAX])
{
    int decimals = v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2;
    if (v >= 999.5) {
        vtext_count((uint64_t)round(v), out);
        return;
    }
    for (double size = v; size > 0 && size < 0.9995 && decimals < NUMBER_DECIMALS; size *= 10)
        decimals++;
    (void)str_format(out, VTEXT_MAX, "%.*f", decimals, v);
    if (decimals > 0) {
        char *end = out + strlen(out);
        while (end[-1] == '0')
            *--end = '\0';
        if (end[-1] == '.')
            end[-1] = '\0';
    }
}

void vtext_percent(double percent, char out[VTEXT_MAX])
{
    if (isnan(percent))
        (void)str_format(out, VTEXT_MAX, "?");
    else if (percent >= 9.95 && percent <= 99)
        (void)str_format(out, VTEXT_MAX, "%.0f%%", percent);
    else
        significant(percent, "%", out);
}

void vtext_seconds(double s, char out[VTEXT_MAX])
{
    if (isnan(s))
        (void)str_format(out, VTEXT_MAX, "?");
    else if (s < 1)
        significant(s * 1000, " ms", out);
    else
        significant(s, " s", out);
}

void vtext_usd(double usd, char out[VTEXT_MAX])
{
    char money[MONEY_MAX] = "$?";
    if (!isnan(usd))
        money_format(llround(fmax(-9e18, fmin(usd * (double)NUSD_PER_USD, 9e18))), money);
    (void)str_copy(out, VTEXT_MAX, str_of(money));
}

void vtext_usd_per_h(double usd, char out[VTEXT_MAX])
{
    char money[VTEXT_MAX];
    vtext_usd(usd, money);
    (void)str_format(out, VTEXT_MAX, "%.30s/h", money);
}

void vtext_quantile(const struct quantile *q, bool about, char out[VTEXT_MAX])
{
    const struct quantile_reading r = quantile_read(q, about);
    char number[VTEXT_MAX];
    vtext_seconds(r.v, number);
    (void)str_format(out, VTEXT_MAX, "%s%s", exact_mark(r.exact), r.is == QUANTILE_THIN ? "thin" : number);
}

void vtext_age(int64_t ms, char out[VTEXT_MAX])
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}};
    size_t i = 0;
    while (i < 3 && ms < 2 * units[i].ms)
        i++;
    (void)str_format(out, VTEXT_MAX, "%lld%s", (long long)(ms > 0 ? ms / units[i].ms : 0), units[i].unit);
}

void vtext_last(int64_t window_ms, char out[VTEXT_MAX])
{
    char text[TIMEFMT_MAX];
    duration_format(window_ms, text);
    (void)str_format(out, VTEXT_MAX, "last %s", text);
}

const char *vtext_moment(struct arena *a, int64_t at_ms)
{
    char day[TIMEFMT_MAX], clock[TIMEFMT_MAX];
    instant_format_day(at_ms, day);
    instant_format_clock(at_ms, clock);
    return arena_printf(a, "%s %.5sZ", day + 4, clock); /* without the weekday */
}

const char *vtext_error(struct arena *a, int64_t error_ms)
{
    char text[TIMEFMT_MAX];
    duration_format_error(error_ms, text);
    return text[0] != '\0' ? arena_printf(a, "%s", text) : "";
}

void vtext_span(int64_t from_ms, int64_t to_ms, char out[VTEXT_MAX])
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX];
    instant_format_clock(from_ms, from);
    instant_format_clock(to_ms, to);
    from[strlen(from) - 1] = '\0'; /* the second one's Z is of both */
    (void)str_format(out, VTEXT_MAX, "%s-%s", from, to);
}

const char *vtext_since(struct arena *a, int64_t since_ms, int64_t error_ms, int64_t cursor_ms)
{
    char clock[TIMEFMT_MAX], age[TIMEFMT_MAX];
    if (since_ms <= 0)
        return "";
    instant_format_clock(since_ms, clock);
    duration_format(cursor_ms > since_ms ? cursor_ms - since_ms : 0, age);
    const char *error = vtext_error(a, error_ms);
    return error != NULL ? arena_printf(a, " since %s%s (%s)", clock, error, age) : NULL;
}

const char *vtext_back(struct arena *a, const struct alert *al, int64_t cursor_ms)
{
    char age[TIMEFMT_MAX];
    const int64_t until = al->silent_ms != 0 ? al->silent_ms : cursor_ms;
    duration_format(until > al->ended_ms ? until - al->ended_ms : 0, age);
    return arena_printf(a, "back at its baseline for %s, not confirmed yet", age);
}

const char *vtext_onset_error(struct arena *a, const struct alert *al)
{
    char text[TIMEFMT_MAX];
    const struct instant_between onset = alert_onset(al);
    instant_format_between(&onset, text);
    return text[0] != '\0' ? arena_printf(a, "%s", text) : "";
}

/* " since 12:00:44Z +-3m (2h)", " since 12:00:44Z (11:58:10 to 12:20:44Z), for 2h"; "" where that is not known. */
static const char *began_since(struct arena *a, const struct alert *al, int64_t cursor_ms)
{
    const struct instant_between onset = alert_onset(al);
    char clock[TIMEFMT_MAX], age[TIMEFMT_MAX];
    if (!instant_is_lopsided(&onset))
        return vtext_since(a, al->onset_ms, al->onset_error_ms, cursor_ms);
    instant_format_clock(al->onset_ms, clock);
    duration_format(cursor_ms > al->onset_ms ? cursor_ms - al->onset_ms : 0, age);
    const char *error = vtext_onset_error(a, al);
    return error != NULL ? arena_printf(a, " since %s%s, for %s", clock, error, age) : NULL;
}

/* " since 12:00:44Z +-3m (2h), back at its baseline for 40m, not confirmed yet": of a drift what is proved closes it. */
static const char *drift_since(struct arena *a, const struct alert *al, int64_t cursor_ms)
{
    const char *since = began_since(a, al, cursor_ms), *back = vtext_back(a, al, cursor_ms);
    return since != NULL && back != NULL ? arena_printf(a, "%s, %s", since, back) : NULL;
}

const char *vtext_silent(struct arena *a, const struct alert *al, int64_t cursor_ms)
{
    static const char quality[] = "quality:";
    if (al->silence == SILENCE_NONE)
        return "";
    if (al->silence == SILENCE_UNASKED)
        return "whether it lasts was not looked at";
    const bool is_share = strncmp(al->rule, quality, strlen(quality)) == 0 && vstream_share_of(al->rule + strlen(quality)) != NULL;
    const char *what = is_share ? "answer" : "score", *since = vtext_since(a, al->silent_ms, 0, cursor_ms);
    if (al->silence == SILENCE_BEFORE)
        return arena_printf(a, "no %s within a day, whether it lasts is not known", what);
    return since != NULL ? arena_printf(a, "no %s%s, whether it lasts is not known", what, since) : NULL;
}

/* " since 12:00:44Z +-3m, no score since 13:40:00Z (2h), whether it lasts is not known": how long it lasts nobody knows. */
static const char *silent_since(struct arena *a, const struct alert *al, int64_t cursor_ms)
{
    char clock[TIMEFMT_MAX];
    instant_format_clock(al->onset_ms, clock);
    const char *error = vtext_onset_error(a, al), *silent = vtext_silent(a, al, cursor_ms),
               *back = al->ended_ms != 0 ? vtext_back(a, al, cursor_ms) : "", *and = al->ended_ms != 0 ? ", " : "";
    return error != NULL && silent != NULL && back != NULL ? arena_printf(a, " since %s%s, %s%s%s", clock, error, back, and, silent) : NULL;
}

const char *vtext_found_since(struct arena *a, const struct alert *al, int64_t cursor_ms)
{
    static const char drift[] = "quality:";
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], age[TIMEFMT_MAX];
    if (al->silence != SILENCE_NONE && al->onset_ms > 0)
        return silent_since(a, al, cursor_ms);
    if (al->ended_ms == 0)
        return began_since(a, al, cursor_ms);
    if (strncmp(al->rule, drift, sizeof drift - 1) == 0)
        return drift_since(a, al, cursor_ms);
    instant_format_clock(al->onset_ms, from);
    instant_format_clock(al->ended_ms, to);
    duration_format(cursor_ms > al->ended_ms ? cursor_ms - al->ended_ms : 0, age);
    const char *began = vtext_onset_error(a, al), *ended = vtext_error(a, al->ended_error_ms);
    return began != NULL && ended != NULL ? arena_printf(a, " from %s%s to %s%s, back for %s", from, began, to, ended, age) : NULL;
}

const char *vtext_signals(struct arena *a, uint64_t signals)
{
    const char *first = "";
    int more = -1;
    for (int k = 0; k < SIG_COUNT; k++) {
        if ((signals >> k & 1) != 0 && more++ < 0)
            first = signal_info((enum signal)k)->name;
    }
    return more > 0 ? arena_printf(a, "%s +%d", first, more) : first;
}

const char *vtext_scope(struct arena *a, const struct slo *s)
{
    const char *text = "all requests";
    for (uint32_t i = 0; i < s->scope_count && text != NULL; i++)
        text = i == 0 ? s->scope[i].value : arena_printf(a, "%s %s", text, s->scope[i].value);
    return text;
}

const char *vtext_instant(struct arena *a, int64_t at_ms, bool with_day)
{
    char day[TIMEFMT_MAX], clock[TIMEFMT_MAX];
    instant_format_day(at_ms, day);
    instant_format_clock(at_ms, clock);
    return with_day ? arena_printf(a, "%s %s", day + 4, clock) : arena_printf(a, "%s", clock);
}
