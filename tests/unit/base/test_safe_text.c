/* SPDX-License-Identifier: MIT */
#include "base/safe_text.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"

Suite *suite_safe_text(void);

#define FFFD "\uFFFD"

static const struct {
    const char *in, *out;
} rows[] = {
    /* nothing to do */
    {"", ""},
    {"gpt-x in team search; 100%", "gpt-x in team search; 100%"},
    {"caf\u00e9 \u6a21\u578b \U0001F600 \u28ff \u2500", "caf\u00e9 \u6a21\u578b \U0001F600 \u28ff \u2500"},
    /* C0 and DEL */
    {"a\tb\nc\rd\be\af\x1bg\x7f", "a^Ib^Jc^Md^He^Gf^[g^?"},
    {"\x01\x1f", "^A^_"},
    /* C1, encoded and raw */
    {"\xc2\x80\xc2\x9b\xc2\x9f", "<U+0080><U+009B><U+009F>"},
    {"\x9b"
     "31m\x90\x9d",
     FFFD "31m" FFFD FFFD},
    /* sequences: CSI, OSC title, colour, link, font, clipboard, iTerm; DCS, APC, PM, SOS; unterminated */
    {"\x1b[31mred\x1b[0m", "^[[31mred^[[0m"},
    {"\x1b]0;title\x07", "^[]0;title^G"},
    {"\x1b]4;1;?\x1b\\", "^[]4;1;?^[\\"},
    {"\x1b]8;;http://evil/\x1b\\x\x1b]8;;\x1b\\", "^[]8;;http://evil/^[\\x^[]8;;^[\\"},
    {"\x1b]50;?\x07", "^[]50;?^G"},
    {"\x1b]52;c;aGk=\x07", "^[]52;c;aGk=^G"},
    {"\x1b]1337;File=:AA\x07", "^[]1337;File=:AA^G"},
    {"\x1bPq\x1b\\ \x1b_a\x1b\\ \x1b^p\x1b\\ \x1bXs\x1b\\", "^[Pq^[\\ ^[_a^[\\ ^[^p^[\\ ^[Xs^[\\"},
    {"\x1bGQ", "^[GQ"},
    {"\xc2\x9d"
     "0;t\xc2\x9c",
     "<U+009D>0;t<U+009C>"},
    {"end\x1b[", "end^[["},
    {"end\x1b", "end^["},
    /* not UTF-8: one replacement per maximal subpart */
    {"\xff\xfe", FFFD FFFD},
    {"\xc0\xaf", FFFD FFFD},
    {"\xc1\xbf", FFFD FFFD},
    {"\xe0\x80\xaf", FFFD FFFD FFFD},
    {"\xf0\x80\x80\xaf", FFFD FFFD FFFD FFFD},
    {"\xed\xa0\x80", FFFD FFFD FFFD},
    {"\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD},
    {"\xf8\x88\x80\x80\x80", FFFD FFFD FFFD FFFD FFFD},
    {"a\xf0\x9f\x98", "a" FFFD},
    {"a\xf0\x9f\x98z", "a" FFFD "z"},
    {"\xe6\xa8", FFFD},
    {"\xc3", FFFD},
    {"\x80", FFFD},
    /* bidi */
    {"a\u202eb\u202c", "a<U+202E>b<U+202C>"},
    {"\u202a\u202b\u202d\u2066\u2067\u2068\u2069", "<U+202A><U+202B><U+202D><U+2066><U+2067><U+2068><U+2069>"},
    {"\u200e\u200f\u061c", "<U+200E><U+200F><U+061C>"},
    /* invisible */
    {"g\u200bp\u200ct\u200d-\u2060x\ufeff", "g<U+200B>p<U+200C>t<U+200D>-<U+2060>x<U+FEFF>"},
    {"\u00ad\u180e\u034f\u115f\u3164", "<U+00AD><U+180E><U+034F><U+115F><U+3164>"},
    {"\U000E0001\U000E0041\U000E007F", "<U+E0001><U+E0041><U+E007F>"},
    {"\u26a0\ufe0f \ufe00 \U000E0100 \U000E01EF", "\u26a0<U+FE0F> <U+FE00> <U+E0100> <U+E01EF>"},
    {"\U0001F469\u200d\U0001F4BB", "\U0001F469<U+200D>\U0001F4BB"},
    /* combining marks: two per base, none without one */
    {"e\u0301\u0302", "e\u0301\u0302"},
    {"e\u0301\u0302\u0303x\u0301", "e\u0301\u0302<U+0303>x\u0301"},
    {"\u0301x", "<U+0301>x"},
    {"\x1b\u0301", "^[<U+0301>"},
    {"\u202e\u0301", "<U+202E><U+0301>"},
    {"\u1112\u1161\u11ab", "\u1112\u1161\u11ab"}, /* one Hangul syllable in its parts */
    /* no agreed look or width */
    {"\u2028\u2029", "<U+2028><U+2029>"},
    {"\U000FFFFF\U00010000\U00100000", "<U+FFFFF>\U00010000<U+100000>"},
    {"\ue000\U000F0000\U0010FFFD", "<U+E000><U+F0000><U+10FFFD>"},
    {"\ufdd0\uffff\U0010FFFF", "<U+FDD0><U+FFFF><U+10FFFF>"},
    {"\u0378\U0001F1E9\U0001F1EA", "<U+0378><U+1F1E9><U+1F1EA>"},
};

START_TEST(every_class_has_its_visible_form)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[256];
        size_t n = safe_text(out, sizeof out, str_of(rows[i].in));
        ck_assert_msg(strcmp(out, rows[i].out) == 0, "row %zu became \"%s\"", i, out);
        ck_assert_uint_eq(n, strlen(out));
    }
    char out[16];
    ck_assert_uint_eq(safe_text(out, sizeof out, (struct str){"a\0b", 3}), 4);
    ck_assert_str_eq(out, "a^@b");
}
END_TEST

/* The promise, checked without the filter's own code but for utf8_decode and utf8_width, which have tests of their own. */
static const char *broken_promise(struct str in)
{
    static const char *const marks_message = "more than two marks on a base, or a mark without one";
    char once[512], twice[512];
    size_t n = safe_text(once, sizeof once, in);
    if (once[n] != '\0' || memchr(once, '\0', n) != NULL)
        return "not terminated where it says";
    if (n > 4 * in.n)
        return "larger than four times the input";
    if (!utf8_is_valid((struct str){once, n}))
        return "not UTF-8";
    int marks = 2;
    for (size_t i = 0; i < n;) {
        uint32_t rune;
        i += utf8_decode((struct str){once + i, n - i}, &rune);
        int width = utf8_width(rune);
        if (width < 0)
            return "holds what must not be shown";
        marks = width > 0 ? 0 : marks + 1;
        if (marks > 2)
            return marks_message;
    }
    if (safe_text(twice, sizeof twice, (struct str){once, n}) != n || memcmp(once, twice, n) != 0)
        return "not idempotent";
    return NULL;
}

START_TEST(holds_for_all_strings_of_two_bytes)
{
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            char text[2] = {(char)a, (char)b};
            const char *why = broken_promise((struct str){text, 2});
            if (why != NULL) /* ck_assert is too slow for so many */
                ck_abort_msg("%02x %02x: %s", a, b, why);
        }
    }
}
END_TEST

/* The fast path works on words of eight bytes: every byte at every place of a long text. */
START_TEST(no_byte_slips_through_a_long_text)
{
    for (size_t place = 0; place < 40; place++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char room[120], out[200], *text = room + 40; /* printable on both sides: a look at the wrong place finds nothing wrong */
            memset(room, 'x', sizeof room);
            text[place] = (char)byte;
            size_t n = safe_text(out, sizeof out, (struct str){text, 40});
            char caret[3] = {'^', (char)(byte ^ 0x40), '\0'}, itself[2] = {(char)byte, '\0'};
            struct str shown = str_of(byte >= 0x80 ? FFFD : byte < 0x20 || byte == 0x7F ? caret : itself);
            if (n != 39 + shown.n || memcmp(out, text, place) != 0 || memcmp(out + place, shown.p, shown.n) != 0 ||
                memcmp(out + place + shown.n, text + place + 1, 39 - place) != 0)
                ck_abort_msg("byte %02x at %zu", byte, place);
        }
    }
}
END_TEST

/* Half of the strings are raw bytes, the other half runes from the interesting planes, so that multi-byte paths are met often. */
static size_t random_text(struct rng *r, char out[64])
{
    size_t n = 0, bytes = rng_below(r, 60);
    bool raw = rng_below(r, 2) == 0;
    while (n < bytes) {
        if (raw) {
            out[n++] = (char)rng_u64(r);
            continue;
        }
        static const uint32_t tops[] = {0x80, 0x400, 0x3000, 0x10000, 0x20000, 0x110000};
        n += utf8_encode((uint32_t)rng_below(r, tops[rng_below(r, 6)]), out + n);
        if (rng_below(r, 3) == 0)
            n += utf8_encode(0x0300 + (uint32_t)rng_below(r, 8), out + n);
    }
    return n;
}

START_TEST(holds_for_a_million_random_strings)
{
    struct rng r;
    rng_seed(&r, 9);
    char text[80];
    for (int i = 0; i < 1000000; i++) {
        struct str s = {text, random_text(&r, text)};
        const char *why = broken_promise(s);
        if (why != NULL)
            ck_abort_msg("string %d: %s", i, why);
    }
}
END_TEST

static void cut_is(const char *in, size_t cap, const char *expected)
{
    char out[64];
    memset(out, 'Z', sizeof out);
    size_t n = safe_text(out, cap, str_of(in));
    ck_assert_msg(strcmp(out, expected) == 0, "\"%s\" in %zu bytes became \"%s\"", in, cap, out);
    ck_assert_uint_eq(n, strlen(expected));
    for (size_t i = cap; i < sizeof out; i++)
        ck_assert_int_eq(out[i], 'Z');
}

START_TEST(cuts_at_a_rune_and_marks_it)
{
    cut_is("abcdef", 7, "abcdef");
    cut_is("abcdef", 6, "abcd~");
    cut_is("abcdefghijklmnopqrstuvwxyz", 20, "abcdefghijklmnopqr~");
    cut_is("ab", 2, "~");
    cut_is("a", 2, "a");
    cut_is("\u00e9\u00e9", 5, "\u00e9\u00e9");
    cut_is("\u00e9\u00e9x", 5, "\u00e9~");
    cut_is("\u00e9\u00e9\u00e9", 5, "\u00e9~");
    cut_is("x\u6a21\u578b", 7, "x\u6a21~");
    cut_is("x\u6a21\u578b", 6, "x\u6a21~");
    cut_is("x\u6a21\u578b", 5, "x~");
    cut_is("ab\xc2\x9b", 10, "ab~"); /* a stand-in is never shown in part */
    cut_is("ab\xc2\x9b", 11, "ab<U+009B>");
    cut_is("\x1b", 2, "~");
    cut_is("e\u0301x", 5, "e\u0301x");
    cut_is("e\u0301x", 4, "e~");
}
END_TEST

START_TEST(every_cut_of_every_row_keeps_the_promise)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t whole = strlen(rows[i].out);
        for (size_t cap = 2; cap <= whole + 1; cap++) {
            char out[256], again[256];
            size_t n = safe_text(out, cap, str_of(rows[i].in));
            ck_assert_uint_lt(n, cap);
            ck_assert(utf8_is_valid(str_of(out)));
            ck_assert_uint_eq(safe_text(again, cap, str_of(out)), n);
            ck_assert_str_eq(out, again);
            if (cap <= whole) {
                ck_assert_int_eq(out[n - 1], '~');
                ck_assert_mem_eq(out, rows[i].out, n - 1);
            }
        }
    }
}
END_TEST

START_TEST(decodes_exactly_the_well_formed)
{
    for (uint32_t rune = 0; rune < 0x110000; rune++) {
        char utf8[4];
        uint32_t back;
        size_t n = utf8_encode(rune, utf8);
        bool surrogate = rune >= 0xD800 && rune <= 0xDFFF;
        bool good = utf8_decode((struct str){utf8, n}, &back) == n && back == (surrogate ? 0xFFFD : rune);
        for (size_t cut = 1; cut < n; cut++)
            good &= utf8_decode((struct str){utf8, cut}, &back) == 1 && back == 0xFFFD;
        if (!good)
            ck_abort_msg("U+%04X", (unsigned)rune);
    }
    char utf8[4];
    ck_assert_uint_eq(utf8_encode(0x110000, utf8), 3);
    ck_assert_mem_eq(utf8, "\uFFFD", 3);
    ck_assert(utf8_is_valid(str_of("a\u00e9\u6a21\U0001F600")));
    ck_assert(!utf8_is_valid(str_of("a\xe6\xa8")));
    ck_assert(!utf8_is_valid(str_of("a\xff")));
    ck_assert(utf8_is_valid((struct str){NULL, 0}));
}
END_TEST

/* Well-formed by the table of the standard, written out as ranges: all strings of three bytes against it would be slow, so the first
 * two bytes run over everything and the rest is the smallest continuation. */
START_TEST(refuses_exactly_the_ill_formed)
{
    for (unsigned a = 0x80; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            char text[4] = {(char)a, (char)b, (char)0x80, (char)0x80};
            bool continuation = b >= 0x80 && b <= 0xBF;
            size_t expected = 1;
            if (a >= 0xC2 && a <= 0xDF && continuation)
                expected = 2;
            else if ((a == 0xE0 && b >= 0xA0 && b <= 0xBF) || (a == 0xED && b >= 0x80 && b <= 0x9F) ||
                     (a > 0xE0 && a < 0xF0 && a != 0xED && continuation))
                expected = 3;
            else if ((a == 0xF0 && b >= 0x90 && b <= 0xBF) || (a == 0xF4 && b >= 0x80 && b <= 0x8F) ||
                     (a > 0xF0 && a < 0xF4 && continuation))
                expected = 4;
            uint32_t rune;
            if (utf8_decode((struct str){text, 4}, &rune) != expected || (expected == 1) != (rune == 0xFFFD))
                ck_abort_msg("%02x %02x", a, b);
        }
    }
}
END_TEST

START_TEST(widths)
{
    static const struct {
        uint32_t first, last;
        int width;
    } ranges[] = {
        {0x00, 0x1F, -1},        {0x20, 0x7E, 1},          {0x7F, 0x9F, -1},
        {0xA1, 0xAC, 1},         {0xAD, 0xAD, -1},         {0x0300, 0x034E, 0},
        {0x0301, 0x0301, 0},     {0x0489, 0x0489, 0},      {0x0410, 0x044F, 1},
        {0x05D0, 0x05EA, 1},     {0x0903, 0x0903, 1},      {0x1100, 0x115E, 2},
        {0x1161, 0x11FF, 0},     {0x200B, 0x200F, -1},     {0x2028, 0x202E, -1},
        {0x2066, 0x2069, -1},    {0x20AC, 0x20AC, 1},      {0x20D0, 0x20DC, 0},
        {0x2190, 0x2199, 1},     {0x231A, 0x231B, 2},      {0x2500, 0x257F, 1},
        {0x2580, 0x259F, 1},     {0x25A0, 0x25FC, 1},      {0x25FD, 0x25FE, 2},
        {0x26A0, 0x26A0, 1},     {0x26A1, 0x26A1, 2},      {0x2800, 0x28FF, 1},
        {0x3000, 0x3029, 2},     {0x302A, 0x302D, 0},      {0x3042, 0x3042, 2},
        {0x3248, 0x324F, -1},    {0x4DC0, 0x4DFF, -1},     {0x4E00, 0x9FFC, 2},
        {0xAC00, 0xD7A3, 2},     {0xD800, 0xDFFF, -1},     {0xE000, 0xF8FF, -1},
        {0xFDD0, 0xFDEF, -1},    {0xFE00, 0xFE0F, -1},     {0xFEFF, 0xFEFF, -1},
        {0xFF01, 0xFF60, 2},     {0xFF61, 0xFF9F, 1},      {0xFFFD, 0xFFFD, 1},
        {0xFFFE, 0xFFFF, -1},    {0x1F1E6, 0x1F1FF, -1},   {0x1F300, 0x1F320, 2},
        {0x1F600, 0x1F64F, 2},   {0x20000, 0x2A6DF, 2},    {0xE0000, 0xE0FFF, -1},
        {0xF0000, 0x10FFFF, -1}, {0x110000, 0x110010, -1}, {UINT32_MAX, UINT32_MAX, -1},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        for (uint32_t rune = ranges[i].first;; rune++) {
            if (utf8_width(rune) != ranges[i].width)
                ck_abort_msg("U+%04X is %d wide", (unsigned)rune, utf8_width(rune));
            if (rune == ranges[i].last)
                break;
        }
    }
    ck_assert_uint_eq(utf8_columns(str_of("ab\u6a21e\u0301\U0001F600")), 7);
    ck_assert_uint_eq(utf8_columns(str_of("")), 0);
    ck_assert_uint_eq(utf8_columns(str_of("a")), 1);
}
END_TEST

Suite *suite_safe_text(void)
{
    Suite *suite = suite_create("safe_text");
    TCase *t = tcase_create("safe_text");
    tcase_add_test(t, every_class_has_its_visible_form);
    tcase_add_test(t, no_byte_slips_through_a_long_text);
    tcase_add_test(t, holds_for_all_strings_of_two_bytes);
    tcase_add_test(t, holds_for_a_million_random_strings);
    tcase_add_test(t, cuts_at_a_rune_and_marks_it);
    tcase_add_test(t, every_cut_of_every_row_keeps_the_promise);
    tcase_add_test(t, decodes_exactly_the_well_formed);
    tcase_add_test(t, refuses_exactly_the_ill_formed);
    tcase_add_test(t, widths);
    suite_add_tcase(suite, t);
    return suite;
}
