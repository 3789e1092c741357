/* SPDX-License-Identifier: MIT */
/* How this works: the input is read rune by rune and each becomes one unit of output: itself when it is printable, else a visible
 * stand-in. Every stand-in consists of printable runes, so a second pass changes nothing. The largest growth is a two-byte control,
 * written as the eight bytes of <U+009B>. */
#include "base/safe_text.h"

#include <string.h>

enum { MARKS_MAX = 2, RUNE_INVALID = 0xFFFD, UNIT_MAX = 16 };

/* Runs of equal width over the whole code space: first rune of the run << 2 | (columns + 1). */
static const uint32_t width_runs[] = {
#define RUN(first, columns) ((uint32_t)(first) << 2 | (uint32_t)((columns) + 1)),
#include "base/utf8_width.def"
#undef RUN
};

int utf8_width(uint32_t rune)
{
    if (rune >= 0x20 && rune < 0x7F)
        return 1;
    if ((rune >= 0x2500 && rune <= 0x25FC) || (rune >= 0x2800 && rune <= 0x28FF)) /* what charts and frames are made of */
        return 1;
    if (rune > 0x10FFFF)
        return -1;
    size_t low = 0, high = sizeof width_runs / sizeof width_runs[0]; /* the run is in [low, high) */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (width_runs[middle] >> 2 <= rune)
            low = middle;
        else
            high = middle;
    }
    return (int)(width_runs[low] & 3) - 1;
}

/* The well-formed sequence at s, or the maximal subpart of an ill-formed one (Unicode 14, section 3.9, table 3-7): its length, and
 * whether it is well-formed. s.n >= 1. */
static size_t decode(struct str s, uint32_t *ret_rune, bool *ret_valid)
{
    const unsigned char *p = (const unsigned char *)s.p;
    unsigned lead = p[0];
    *ret_rune = lead;
    *ret_valid = lead < 0x80;
    if (lead < 0xC2 || lead > 0xF4)
        return 1;
    size_t need = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;  /* no over-long forms */
    unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF; /* no surrogates, nothing past U+10FFFF */
    uint32_t rune = lead & (0x7Fu >> need);
    for (size_t i = 1; i < need; i++) {
        if (i == s.n || p[i] < low || p[i] > high)
            return i;
        rune = rune << 6 | (p[i] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    *ret_rune = rune;
    *ret_valid = true;
    return need;
}

size_t utf8_decode(struct str s, uint32_t *ret_rune)
{
    uint32_t rune;
    bool valid;
    size_t n = decode(s, &rune, &valid);
    *ret_rune = valid ? rune : RUNE_INVALID;
    return valid ? n : 1;
}

size_t utf8_encode(uint32_t rune, char out[4])
{
    if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF))
        rune = RUNE_INVALID;
    if (rune < 0x80) {
        out[0] = (char)rune;
        return 1;
    }
    size_t n = rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, rune >>= 6)
        out[i] = (char)(0x80u | (rune & 0x3Fu));
    out[0] = (char)((0xF00u >> n & 0xF0u) | rune);
    return n;
}

bool utf8_is_valid(struct str s)
{
    while (s.n > 0) {
        uint32_t rune;
        bool valid;
        size_t n = decode(s, &rune, &valid);
        if (!valid)
            return false;
        s.p += n;
        s.n -= n;
    }
    return true;
}

size_t utf8_columns(struct str s)
{
    size_t columns = 0;
    while (s.n > 0) {
        uint32_t rune;
        size_t n = utf8_decode(s, &rune);
        int width = utf8_width(rune);
        columns += width > 0 ? (size_t)width : 0;
        s.p += n;
        s.n -= n;
    }
    return columns;
}

/* How many of the first bytes are printable ASCII, counted in steps of eight by word arithmetic. */
static size_t ascii_run(struct str s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
    size_t n = 0;
    for (; n + 8 <= s.n; n += 8) {
        uint64_t w;
        memcpy(&w, s.p + n, 8);
        uint64_t controls = (w - ones * 0x20) & ~w;
        uint64_t dels = (w ^ ones * 0x7F) - ones;
        if (((w | controls | dels) & tops) != 0)
            break;
    }
    while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7F)
        n++;
    return n;
}

/* <U+202E>, four to six digits. */
static size_t write_code_point(char out[UNIT_MAX], uint32_t rune)
{
    size_t n = 0;
    out[n++] = '<';
    out[n++] = 'U';
    out[n++] = '+';
    for (int shift = rune > 0xFFFFF ? 20 : rune > 0xFFFF ? 16 : 12; shift >= 0; shift -= 4)
        out[n++] = "0123456789ABCDEF"[rune >> shift & 0xFu];
    out[n++] = '>';
    return n;
}

/* One unit of the input at s as visible text; *marks is how many combining marks the current base still takes. */
static size_t make_unit(struct str s, char out[UNIT_MAX], size_t *ret_n, int *marks)
{
    uint32_t rune;
    bool valid;
    size_t used = decode(s, &rune, &valid);
    int width = valid ? utf8_width(rune) : -1;
    if (width > 0) {
        memcpy(out, s.p, used);
        *ret_n = used;
        *marks = MARKS_MAX;
        return used;
    }
    if (width == 0 && *marks > 0) {
        memcpy(out, s.p, used);
        *ret_n = used;
        (*marks)--;
        return used;
    }
    *marks = 0; /* a mark would attach itself to the stand-in's last letter */
    if (!valid) {
        *ret_n = utf8_encode(RUNE_INVALID, out);
    } else if (rune < 0x80) {
        out[0] = '^';
        out[1] = (char)(rune ^ 0x40); /* ^@ .. ^_ and ^? */
        *ret_n = 2;
    } else {
        *ret_n = write_code_point(out, rune);
    }
    return used;
}

size_t safe_text(char *dst, size_t cap, struct str s)
{
    size_t len = 0;
    size_t fallback = 0; /* the last end of a unit that leaves room for '~' */
    int marks = 0;
    while (s.n > 0) {
        size_t run = ascii_run(s);
        if (run > 0) {
            size_t room = cap - 1 - len;
            size_t take = run < room ? run : room;
            memcpy(dst + len, s.p, take);
            len += take;
            if (take > 0)
                fallback = len < cap - 1 ? len : cap - 2;
            if (take < run)
                goto cut;
            marks = MARKS_MAX;
            s.p += run;
            s.n -= run;
            continue;
        }
        char unit[UNIT_MAX];
        size_t n;
        size_t used = make_unit(s, unit, &n, &marks);
        if (n > cap - 1 - len)
            goto cut;
        memcpy(dst + len, unit, n);
        len += n;
        if (len < cap - 1)
            fallback = len;
        s.p += used;
        s.n -= used;
    }
    dst[len] = '\0';
    return len;
cut:
    dst[fallback] = '~';
    dst[fallback + 1] = '\0';
    return fallback + 1;
}
