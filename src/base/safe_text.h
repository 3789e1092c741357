/* SPDX-License-Identifier: MIT */
/* The one filter between bytes from outside and anything that shows them: terminal, log, report, file name.
 *
 * Promise: the output is valid UTF-8 that holds only printable runes of a known width; C0, C1, DEL, bidi controls, zero-width and
 * tag characters, and invalid bytes appear as visible text (^[, <U+202E>, U+FFFD); at most two combining marks per base.
 * It is idempotent, and its output is at most 4 times its input, capped by cap. Linear time.
 * Source: docs/decisions/0004 (CVE-2021-25743, CVE-2024-52005, CVE-2022-45063 classes). */
#ifndef GWTOP_BASE_SAFE_TEXT_H
#define GWTOP_BASE_SAFE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Writes the safe form of s into dst[cap], NUL-terminated, cut at a rune with a final '~' when it does not fit. cap >= 2.
 * Returns the number of bytes written without the NUL. */
size_t safe_text(char *dst, size_t cap, struct str s);

/* Decodes one rune at s.p (s.n >= 1): returns its length in bytes (1..4) and the code point; an invalid byte is length 1, U+FFFD. */
size_t utf8_decode(struct str s, uint32_t *ret_rune);
size_t utf8_encode(uint32_t rune, char out[4]); /* returns 1..4 */
bool utf8_is_valid(struct str s);
/* Terminal columns of a rune: 0, 1 or 2; -1 for what must not be shown. One table for layout and for drawing; locale-free. */
int utf8_width(uint32_t rune);
/* Terminal columns of a whole safe text. */
size_t utf8_columns(struct str s);

#endif
