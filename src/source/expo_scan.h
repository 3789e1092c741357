/* SPDX-License-Identifier: MIT */
/* The byte scans of the exposition parser, sixteen bytes at a time where SSE2 is there, byte by byte elsewhere.
 *
 * Each returns the first byte in [p, end) that stops it, or end. Bytes in [end, readable) may be looked at but never decide; nothing
 * at or past readable is touched. The _portable forms are the definition, and the tests hold the fast ones against them. */
#ifndef GWTOP_SOURCE_EXPO_SCAN_H
#define GWTOP_SOURCE_EXPO_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static inline bool expo_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool expo_is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

static inline bool expo_is_label_char(char c)
{
    return (unsigned char)((c | 0x20) - 'a') <= 25 || expo_is_digit(c) || c == '_';
}

static inline bool expo_is_name_char(char c)
{
    return expo_is_label_char(c) || c == ':';
}

static inline const char *expo_skip_blanks(const char *p, const char *end)
{
    while (p < end && expo_is_blank(*p)) {
        p++;
    }
    return p;
}

/* Stops at what can't be in a metric name: [a-zA-Z0-9_:]. A digit in front is the caller's to refuse. */
static inline const char *expo_scan_name_portable(const char *p, const char *end)
{
    while (p < end && expo_is_name_char(*p)) {
        p++;
    }
    return p;
}

/* Stops at what can't be in a label name: [a-zA-Z0-9_]. */
static inline const char *expo_scan_label_portable(const char *p, const char *end)
{
    while (p < end && expo_is_label_char(*p)) {
        p++;
    }
    return p;
}

/* Stops at a double quote, a backslash, or a byte with its high bit set. */
static inline const char *expo_scan_value_portable(const char *p, const char *end)
{
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p < 0x80) {
        p++;
    }
    return p;
}

/* The last '}' in [p, end), or NULL. */
static inline const char *expo_find_last_brace_portable(const char *p, const char *end)
{
    while (end > p) {
        if (*--end == '}') {
            return end;
        }
    }
    return NULL;
}

#if defined(__SSE2__)

/* One bit per byte that is not in [a-zA-Z0-9_], nor in the digits' range stretched to '0'..last ('9', or ':' which follows it). */
static inline unsigned expo_mask_no_word(const char *p, char last)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i letter = _mm_sub_epi8(_mm_or_si128(x, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    __m128i digit = _mm_sub_epi8(x, _mm_set1_epi8('0'));
    __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
    __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8((char)(last - '0'))), digit);
    __m128i is_underscore = _mm_cmpeq_epi8(x, _mm_set1_epi8('_'));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(is_letter, is_digit), is_underscore)) ^ 0xFFFFu;
}

static inline const char *expo_scan_word(const char *p, const char *end, const char *readable, char last)
{
    while (p < end) {
        if (readable - p < 16) {
            return last == ':' ? expo_scan_name_portable(p, end) : expo_scan_label_portable(p, end);
        }
        unsigned mask = expo_mask_no_word(p, last);
        if (mask) {
            p += __builtin_ctz(mask);
            break;
        }
        p += 16;
    }
    return p < end ? p : end;
}

static inline const char *expo_scan_name(const char *p, const char *end, const char *readable)
{
    return expo_scan_word(p, end, readable, ':');
}

static inline const char *expo_scan_label(const char *p, const char *end, const char *readable)
{
    return expo_scan_word(p, end, readable, '9');
}

static inline const char *expo_scan_value(const char *p, const char *end, const char *readable)
{
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    while (p < end) {
        if (readable - p < 16) {
            return expo_scan_value_portable(p, end);
        }
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, backslash));
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(stop, x)); /* x itself: its sign bits are the high bits */
        if (mask) {
            p += __builtin_ctz(mask);
            break;
        }
        p += 16;
    }
    return p < end ? p : end;
}

static inline const char *expo_find_last_brace(const char *p, const char *end)
{
    const __m128i brace = _mm_set1_epi8('}');
    while (end - p >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(end - 16));
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, brace));
        if (mask) {
            return end - 16 + (31 - __builtin_clz(mask));
        }
        end -= 16;
    }
    return expo_find_last_brace_portable(p, end);
}

#else

static inline const char *expo_scan_name(const char *p, const char *end, const char *readable)
{
    (void)readable;
    return expo_scan_name_portable(p, end);
}

static inline const char *expo_scan_label(const char *p, const char *end, const char *readable)
{
    (void)readable;
    return expo_scan_label_portable(p, end);
}

static inline const char *expo_scan_value(const char *p, const char *end, const char *readable)
{
    (void)readable;
    return expo_scan_value_portable(p, end);
}

static inline const char *expo_find_last_brace(const char *p, const char *end)
{
    return expo_find_last_brace_portable(p, end);
}

#endif

#endif
