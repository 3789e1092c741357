/* SPDX-License-Identifier: MIT */
/* Calendar arithmetic is by day numbers (Hinnant 2013, "chrono-compatible low-level date algorithms": the year begins in March, so
 * that the leap day is its last), not by the C library, whose inverse of gmtime is no standard function. Only local time asks the
 * library. */
#include "base/timefmt.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const int64_t duration_max = INT64_C(36525) * DAY; /* 100 years */

static const struct {
    const char *name;
    int64_t ms;
} units[] = {{"w", INT64_C(7) * DAY}, {"d", DAY}, {"h", HOUR}, {"m", MINUTE}, {"s", SECOND}, {"ms", 1}};
enum { UNIT_COUNT = sizeof units / sizeof units[0] };

/* What "N units ago" may call them. */
static const struct {
    const char *word, *name;
} unit_words[] = {
    {"week", "w"}, {"day", "d"}, {"hour", "h"}, {"hr", "h"}, {"minute", "m"}, {"min", "m"}, {"second", "s"}, {"sec", "s"},
};
enum { UNIT_WORDS = sizeof unit_words / sizeof unit_words[0] };

static const char expected_instant[] = "expected now, 3h ago, 2 days ago (weeks, days, hours, min, s), 02:58, 02:58:10, yesterday 14:00, "
                                       "2026-11-24, 2026-11-24 02:58 or @1763953090";

static int quoted(struct str s)
{
    return s.n > 80 ? 80 : (int)s.n; /* as much of the input as an error quotes */
}

/* Reads digits at s[*i]; false without one, or when they pass limit. */
static bool read_number(struct str s, size_t *i, int64_t limit, int64_t *ret)
{
    size_t start = *i;
    int64_t v = 0;
    bool small = true;
    for (; *i < s.n && s.p[*i] >= '0' && s.p[*i] <= '9'; (*i)++) {
        v = small ? v * 10 + (s.p[*i] - '0') : v;
        small = v <= limit;
    }
    *ret = v;
    return *i > start && small;
}

enum err duration_parse(struct str s, int64_t *ret_ms, struct errctx *ctx)
{
    static const char expected[] = "expected numbers with units (w d h m s ms), largest first, such as 15s, 5m, 1h30m or 2d";
    int64_t total = 0;
    int next = 0; /* the largest unit that may still come */
    if (s.n == 0)
        return errctx_set(ctx, ERR_PARSE, "the duration is empty: %s", expected);
    for (size_t i = 0; i < s.n;) {
        size_t start = i;
        int64_t count;
        if (!read_number(s, &i, duration_max, &count))
            return i > start ? errctx_set(ctx, ERR_LIMIT, "duration \"%.*s\" is longer than 100 years", quoted(s), s.p)
                             : errctx_set(ctx, ERR_PARSE, "duration \"%.*s\": %s", quoted(s), s.p, expected);
        size_t name = i;
        while (i < s.n && s.p[i] >= 'a' && s.p[i] <= 'z')
            i++;
        if (i == name)
            return errctx_set(ctx, ERR_PARSE, "duration \"%.*s\": the unit is missing after %lld; %s", quoted(s), s.p, (long long)count,
                              expected);
        int u = next;
        while (u < UNIT_COUNT && !str_eq_z((struct str){s.p + name, i - name}, units[u].name))
            u++;
        if (u == UNIT_COUNT)
            return errctx_set(ctx, ERR_PARSE, "duration \"%.*s\": \"%.*s\" is not a unit, or stands after a smaller one; %s", quoted(s),
                              s.p, quoted((struct str){s.p + name, i - name}), s.p + name, expected);
        if (count > (duration_max - total) / units[u].ms)
            return errctx_set(ctx, ERR_LIMIT, "duration \"%.*s\" is longer than 100 years", quoted(s), s.p);
        total += count * units[u].ms;
        next = u + 1;
    }
    *ret_ms = total;
    return ERR_OK;
}

/* Cut, not rounded, so that an age never runs ahead of the clock. */
void duration_format(int64_t ms, char out[TIMEFMT_MAX])
{
    const char *sign = ms < 0 ? "-" : "";
    uint64_t v = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    unsigned long long large, small;
    const char *names;
    if (v < SECOND) {
        snprintf(out, TIMEFMT_MAX, "%s%llums", v == 0 ? "" : sign, (unsigned long long)v);
        return;
    }
    if (v < MINUTE) {
        snprintf(out, TIMEFMT_MAX, "%s%llus", sign, (unsigned long long)(v / SECOND));
        return;
    }
    if (v < HOUR) {
        large = v / MINUTE, small = v % MINUTE / SECOND, names = "ms";
    } else if (v < DAY) {
        large = v / HOUR, small = v % HOUR / MINUTE, names = "hm";
    } else {
        large = v / DAY, small = v % DAY / HOUR, names = "dh";
    }
    if (small == 0)
        snprintf(out, TIMEFMT_MAX, "%s%llu%c", sign, large, names[0]);
    else
        snprintf(out, TIMEFMT_MAX, "%s%llu%c%02llu%c", sign, large, names[0], small, names[1]);
}

void duration_format_error(int64_t error_ms, char out[TIMEFMT_MAX])
{
    char text[TIMEFMT_MAX];
    duration_format(error_ms < SECOND ? error_ms : (error_ms + SECOND - 1) / SECOND * SECOND, text);
    snprintf(out, TIMEFMT_MAX, "%s%.40s", error_ms > 0 ? " +-" : "", error_ms > 0 ? text : "");
}

int64_t instant_floor(int64_t wall_ms, int64_t step_ms)
{
    int64_t rest = wall_ms % step_ms;
    if (rest < 0)
        rest += step_ms;
    return wall_ms < INT64_MIN + rest ? INT64_MIN : wall_ms - rest; /* remote timestamps can be anything */
}

struct civil {
    int64_t year;
    int month, day; /* 1 .. 12, 1 .. 31 */
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Milliseconds since midnight UTC. */
static int64_t of_day(int64_t wall_ms)
{
    int64_t rest = wall_ms % DAY;
    return rest < 0 ? rest + DAY : rest;
}

/* Days since 1970-01-01. */
static int64_t days_of(struct civil c)
{
    int64_t y = c.month <= 2 ? c.year - 1 : c.year;
    int64_t era = floor_div(y, 400), year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (c.month > 2 ? c.month - 3 : c.month + 9) + 2) / 5 + c.day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static struct civil civil_of(int64_t days)
{
    days += 719468;
    int64_t era = floor_div(days, 146097), d = days - era * 146097;
    int64_t year_of_era = (d - d / 1460 + d / 36524 - d / 146096) / 365;
    int64_t day_of_year = d - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t m = (5 * day_of_year + 2) / 153;
    int month = (int)(m < 10 ? m + 3 : m - 9);
    return (struct civil){year_of_era + era * 400 + (month <= 2), month, (int)(day_of_year - (153 * m + 2) / 5 + 1)};
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* A point on the calendar as written, before it is known in which zone. */
struct written {
    bool has_date, yesterday, utc_only; /* utc_only: "Z" or an offset was written, so " local" contradicts it */
    struct civil date;
    int64_t of_day_ms, offset_ms; /* ms since midnight; what must be subtracted to get UTC */
};

/* Two digits at s[*i] in 0..max. */
static enum err read_field(struct str whole, size_t *i, const char *what, int max, int *ret, struct errctx *ctx)
{
    if (*i + 2 > whole.n || whole.p[*i] < '0' || whole.p[*i] > '9' || whole.p[*i + 1] < '0' || whole.p[*i + 1] > '9')
        return errctx_set(ctx, ERR_PARSE, "time \"%.*s\": expected two digits for the %s, as in 2026-11-24 02:58:10", quoted(whole),
                          whole.p, what);
    int v = (whole.p[*i] - '0') * 10 + (whole.p[*i + 1] - '0');
    if (v > max)
        return errctx_set(ctx, ERR_PARSE, "time \"%.*s\": %s %02d is not in 00..%02d", quoted(whole), whole.p, what, v, max);
    *i += 2;
    *ret = v;
    return ERR_OK;
}

/* "" , "Z" or "+02:00" at the end. */
static enum err read_zone(struct str s, size_t *i, struct written *w, struct errctx *ctx)
{
    if (*i < s.n && s.p[*i] == 'Z') {
        w->utc_only = true;
        (*i)++;
    } else if (*i < s.n && (s.p[*i] == '+' || s.p[*i] == '-')) {
        bool west = s.p[(*i)++] == '-';
        int hour, minute = 0;
        enum err e = read_field(s, i, "offset's hour", 14, &hour, ctx);
        if (e == ERR_OK && *i < s.n && s.p[*i] == ':')
            (*i)++;
        if (e == ERR_OK)
            e = read_field(s, i, "offset's minute", 59, &minute, ctx);
        if (e != ERR_OK)
            return e;
        int64_t offset = (int64_t)hour * HOUR + (int64_t)minute * MINUTE;
        w->offset_ms = west ? -offset : offset;
        w->utc_only = true;
    }
    return ERR_OK;
}

/* "02:58", "02:58:10", "02:58:10.123", then a zone. */
static enum err read_clock(struct str s, size_t *i, struct written *w, struct errctx *ctx)
{
    int hour, minute, second = 0;
    enum err e = read_field(s, i, "hour", 23, &hour, ctx);
    if (e == ERR_OK && (*i == s.n || s.p[*i] != ':'))
        e = errctx_set(ctx, ERR_PARSE, "time \"%.*s\": expected minutes after the hour, as in 02:58", quoted(s), s.p);
    if (e == ERR_OK) {
        (*i)++;
        e = read_field(s, i, "minute", 59, &minute, ctx);
    }
    if (e == ERR_OK && *i < s.n && s.p[*i] == ':') {
        (*i)++;
        e = read_field(s, i, "second", 59, &second, ctx);
    }
    if (e != ERR_OK)
        return e;
    w->of_day_ms = (int64_t)hour * HOUR + (int64_t)minute * MINUTE + (int64_t)second * SECOND;
    if (*i + 1 < s.n && s.p[*i] == '.' && s.p[*i + 1] >= '0' && s.p[*i + 1] <= '9') {
        (*i)++;
        for (int64_t unit = 100; *i < s.n && s.p[*i] >= '0' && s.p[*i] <= '9'; (*i)++, unit /= 10)
            w->of_day_ms += (s.p[*i] - '0') * unit; /* digits past the millisecond are cut */
    }
    return read_zone(s, i, w, ctx);
}

static bool looks_like_date(struct str s)
{
    return s.n >= 5 && s.p[4] == '-';
}

static enum err read_date(struct str s, size_t *i, struct written *w, struct errctx *ctx)
{
    int64_t year;
    int month = 0, day = 0;
    if (!read_number(s, i, 9999, &year) || *i != 4 || year < 1970)
        return errctx_set(ctx, ERR_PARSE, "time \"%.*s\": expected a year of four digits from 1970 on, as in 2026-11-24", quoted(s), s.p);
    (*i)++;
    enum err e = read_field(s, i, "month", 12, &month, ctx);
    if (e == ERR_OK && (*i == s.n || s.p[*i] != '-'))
        e = errctx_set(ctx, ERR_PARSE, "time \"%.*s\": expected a day after the month, as in 2026-11-24", quoted(s), s.p);
    if (e == ERR_OK) {
        (*i)++;
        e = read_field(s, i, "day", 31, &day, ctx);
    }
    if (e != ERR_OK)
        return e;
    if (month == 0 || day == 0 || day > days_in_month(year, month))
        return errctx_set(ctx, ERR_PARSE, "time \"%.*s\": there is no such day", quoted(s), s.p);
    w->has_date = true;
    w->date = (struct civil){year, month, day};
    return ERR_OK;
}

static enum err read_written(struct str s, struct written *w, struct errctx *ctx)
{
    static const char day_before[] = "yesterday ";
    *w = (struct written){0};
    size_t i = 0;
    enum err e = ERR_OK;
    bool clock = true;
    if (looks_like_date(s)) {
        e = read_date(s, &i, w, ctx);
        clock = i < s.n;
        if (e == ERR_OK && clock && s.p[i] != ' ' && s.p[i] != 'T')
            e = errctx_set(ctx, ERR_PARSE, "time \"%.*s\": expected a blank or T after the date, as in 2026-11-24 02:58", quoted(s), s.p);
        i++;
    } else if (str_has_prefix(s, day_before)) {
        w->yesterday = true;
        i = sizeof day_before - 1;
    } else if (s.n < 3 || s.p[2] != ':') {
        return errctx_set(ctx, ERR_PARSE, "time \"%.*s\": %s", quoted(s), s.p, expected_instant);
    }
    if (e == ERR_OK && clock) {
        e = read_clock(s, &i, w, ctx);
        if (e == ERR_OK && i != s.n)
            e = errctx_set(ctx, ERR_PARSE, "time \"%.*s\": \"%.*s\" is left over; expected nothing, Z or \" local\" after the time",
                           quoted(s), s.p, quoted((struct str){s.p + i, s.n - i}), s.p + i);
    }
    return e;
}

/* The instant of a local calendar time. Around the end of summer time two have the same name: the later one that is not in the future
 * is meant. Around its beginning some names have none. */
static bool local_instant(int64_t days, int64_t of_day_ms, int64_t now_ms, int64_t *ret)
{
    struct civil c = civil_of(days);
    bool found = false;
    for (int summer = 0; summer < 2; summer++) {
        struct tm want = {.tm_year = (int)(c.year - 1900),
                          .tm_mon = c.month - 1,
                          .tm_mday = c.day,
                          .tm_hour = (int)(of_day_ms / HOUR),
                          .tm_min = (int)(of_day_ms % HOUR / MINUTE),
                          .tm_sec = (int)(of_day_ms % MINUTE / SECOND),
                          .tm_isdst = summer};
        struct tm got = want;
        time_t t = mktime(&got);
        if (got.tm_mday != want.tm_mday || got.tm_hour != want.tm_hour || got.tm_min != want.tm_min)
            continue; /* the library moved it: there is no such time with this flag */
        int64_t ms = (int64_t)t * 1000 + of_day_ms % 1000;
        bool better = !found || (ms <= now_ms ? *ret > now_ms || ms > *ret : *ret > now_ms && ms < *ret);
        if (better)
            *ret = ms;
        found = true;
    }
    return found;
}

static int64_t local_day(int64_t wall_ms)
{
    time_t t = (time_t)floor_div(wall_ms, 1000);
    struct tm tm;
    if (localtime_r(&t, &tm) == NULL)
        return floor_div(wall_ms, DAY);
    return days_of((struct civil){tm.tm_year + INT64_C(1900), tm.tm_mon + 1, tm.tm_mday});
}

static enum err resolve(struct str s, const struct written *w, bool local, int64_t now_ms, int64_t *ret, struct errctx *ctx)
{
    int64_t today = local ? local_day(now_ms) : floor_div(now_ms + w->offset_ms, DAY);
    int64_t days = w->has_date ? days_of(w->date) : w->yesterday ? today - 1 : today;
    int tries = w->has_date || w->yesterday ? 1 : 3; /* a clock time alone: today, else the day before; two back over a skipped hour */
    bool found = false;
    int64_t at = 0;
    for (; tries > 0; tries--, days--) {
        if (local) {
            found = local_instant(days, w->of_day_ms, now_ms, &at);
        } else {
            at = days * DAY + w->of_day_ms - w->offset_ms;
            found = true;
        }
        if (found && at <= now_ms)
            break;
    }
    if (!found)
        return errctx_set(ctx, ERR_PARSE, "time \"%.*s\" does not exist: the clocks were put forward over it", quoted(s), s.p);
    *ret = at;
    return ERR_OK;
}

static enum err parse_epoch(struct str s, int64_t *ret, struct errctx *ctx)
{
    size_t i = 1;
    int64_t seconds, ms = 0;
    bool good = read_number(s, &i, INT64_C(253402300799), &seconds); /* the end of the year 9999 */
    if (good && i + 1 < s.n && s.p[i] == '.')
        for (int64_t unit = 100; ++i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; unit /= 10)
            ms += (s.p[i] - '0') * unit;
    if (!good || i != s.n)
        return errctx_set(ctx, ERR_PARSE, "time \"%.*s\": expected seconds since 1970 after @, as in @1763953090", quoted(s), s.p);
    *ret = seconds * 1000 + ms;
    return ERR_OK;
}

/* The short name of a unit that may be a word, in singular or plural. */
static struct str unit_name(struct str word)
{
    for (int i = 0; i < UNIT_WORDS; i++) {
        size_t n = strlen(unit_words[i].word);
        if (str_has_prefix(word, unit_words[i].word) && (word.n == n || (word.n == n + 1 && word.p[n] == 's')))
            return str_of(unit_words[i].name);
    }
    return word;
}

/* "2 days", "1 hour 30 min", "1h30m": a duration whose units may be words, with blanks between. */
static enum err parse_back(struct str whole, struct str s, int64_t *ret_ms, struct errctx *ctx)
{
    char strict[64];
    size_t n = 0;

    for (size_t i = 0; i < s.n;) {
        size_t start = i;
        bool word = s.p[i] >= 'a' && s.p[i] <= 'z';
        while (i < s.n && s.p[i] != ' ' && (s.p[i] >= 'a' && s.p[i] <= 'z') == word)
            i++;
        struct str part = {s.p + start, i - start};
        part = word ? unit_name(part) : part;
        if (n + part.n >= sizeof strict)
            return errctx_set(ctx, ERR_PARSE, "time \"%.*s\": %s", quoted(whole), whole.p, expected_instant);
        memcpy(strict + n, part.p, part.n);
        n += part.n;
        i += i < s.n && s.p[i] == ' ';
    }
    enum err e = duration_parse((struct str){strict, n}, ret_ms, NULL);
    if (e == ERR_LIMIT)
        return errctx_set(ctx, ERR_PARSE, "time \"%.*s\" is more than 100 years back", quoted(whole), whole.p);
    return e == ERR_OK ? e : errctx_set(ctx, ERR_PARSE, "time \"%.*s\": %s", quoted(whole), whole.p, expected_instant);
}

enum err instant_parse(struct str s, int64_t now_ms, int64_t *ret_wall_ms, struct errctx *ctx)
{
    static const char ago[] = " ago", zone[] = " local";
    if (str_eq_z(s, "now")) {
        *ret_wall_ms = now_ms;
        return ERR_OK;
    }
    if (s.n > 0 && s.p[0] == '@')
        return parse_epoch(s, ret_wall_ms, ctx);
    bool minus = s.n > 0 && s.p[0] == '-';
    if (minus || str_has_suffix(s, ago)) {
        int64_t back;
        struct str d = minus ? (struct str){s.p + 1, s.n - 1} : (struct str){s.p, s.n - (sizeof ago - 1)};
        enum err e = parse_back(s, d, &back, ctx);
        if (e != ERR_OK)
            return e;
        *ret_wall_ms = now_ms - back;
        return ERR_OK;
    }
    struct written w;
    bool local = str_has_suffix(s, zone);
    struct str text = local ? (struct str){s.p, s.n - (sizeof zone - 1)} : s;
    enum err e = read_written(text, &w, ctx);
    if (e != ERR_OK)
        return e;
    if (local && w.utc_only)
        return errctx_set(ctx, ERR_PARSE, "time \"%.*s\" is said to be both UTC or of an offset and local: keep one", quoted(s), s.p);
    return resolve(s, &w, local, now_ms, ret_wall_ms, ctx);
}

void instant_format_iso(int64_t wall_ms, char out[TIMEFMT_MAX])
{
    int64_t ms = of_day(wall_ms);
    struct civil c = civil_of(floor_div(wall_ms, DAY));
    char fraction[8] = "";
    if (ms % SECOND != 0)
        snprintf(fraction, sizeof fraction, ".%03d", (int)(ms % SECOND));
    snprintf(out, TIMEFMT_MAX, "%04lld-%02d-%02dT%02d:%02d:%02d%sZ", (long long)c.year, c.month, c.day, (int)(ms / HOUR),
             (int)(ms % HOUR / MINUTE), (int)(ms % MINUTE / SECOND), fraction);
}

void instant_format_clock(int64_t wall_ms, char out[TIMEFMT_MAX])
{
    int64_t ms = of_day(wall_ms);
    snprintf(out, TIMEFMT_MAX, "%02d:%02d:%02dZ", (int)(ms / HOUR), (int)(ms % HOUR / MINUTE), (int)(ms % MINUTE / SECOND));
}

void instant_format_day(int64_t wall_ms, char out[TIMEFMT_MAX])
{
    static const char weekdays[7][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* 1970-01-01 was a Thursday */
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t days = floor_div(wall_ms, DAY);
    struct civil c = civil_of(days);
    snprintf(out, TIMEFMT_MAX, "%s %d %s", weekdays[days - floor_div(days, 7) * 7], c.day, months[c.month - 1]);
}

void instant_format_beside(int64_t wall_ms, int64_t other_ms, char out[TIMEFMT_MAX])
{
    char day[TIMEFMT_MAX], clock[TIMEFMT_MAX];
    instant_format_day(wall_ms, day);
    instant_format_clock(wall_ms, clock);
    const bool is_of_it = floor_div(wall_ms, DAY) == floor_div(other_ms, DAY);
    snprintf(out, TIMEFMT_MAX, "%.6s%s%.9s", is_of_it ? "" : day + 4, is_of_it ? "" : " ", clock);
}

void instant_format_local(int64_t wall_ms, char out[TIMEFMT_MAX])
{
    time_t t = (time_t)floor_div(wall_ms, 1000);
    struct tm tm;
    if (localtime_r(&t, &tm) == NULL)
        snprintf(out, TIMEFMT_MAX, "--:--");
    else
        snprintf(out, TIMEFMT_MAX, "%02d:%02d", tm.tm_hour, tm.tm_min);
}

/* ---- how exactly a moment is known ---- */

bool instant_between_ends(const struct instant_between *b, int64_t *ret_from_ms, int64_t *ret_to_ms)
{
    if (b->at_ms == 0 || (b->from_ms == 0 && b->error_ms == 0))
        return false;
    const int64_t to = b->from_ms != 0 ? b->to_ms : b->at_ms + b->error_ms;
    *ret_from_ms = b->from_ms != 0 ? b->from_ms : b->at_ms - b->error_ms;
    *ret_to_ms = b->limit_ms != 0 && to > b->limit_ms ? b->limit_ms : to;
    return true;
}

bool instant_is_lopsided(const struct instant_between *b)
{
    int64_t from_ms, to_ms;
    if (!instant_between_ends(b, &from_ms, &to_ms))
        return false;
    const int64_t sooner = b->at_ms - from_ms, later = to_ms - b->at_ms, wider = sooner > later ? sooner : later,
                  apart = sooner > later ? sooner - later : later - sooner;
    return (apart >= MINUTE && 4 * apart >= wider) || (b->limit_ms != 0 && later < wider && b->at_ms + wider > b->limit_ms);
}

void instant_format_between(const struct instant_between *b, char out[TIMEFMT_MAX])
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX];
    int64_t from_ms = b->at_ms, to_ms = b->at_ms;
    (void)instant_between_ends(b, &from_ms, &to_ms);
    if (!instant_is_lopsided(b)) {
        duration_format_error(b->at_ms - from_ms > to_ms - b->at_ms ? b->at_ms - from_ms : to_ms - b->at_ms, out);
        return;
    }
    instant_format_beside(from_ms, to_ms, from);
    instant_format_beside(to_ms, from_ms, to);
    snprintf(out, TIMEFMT_MAX, " (%.*s to %.16s)", (int)strlen(from) - 1, from, to); /* the second one's Z is of both */
}
