/* SPDX-License-Identifier: MIT */
/* How exact a number is, the mark that says so, and what two such numbers say of how the one changed to the other: the same on every pane
 * and in every report. Pure; every function is O(1). Source: docs/decisions/0003. */
#ifndef GWTOP_MODEL_EXACT_H
#define GWTOP_MODEL_EXACT_H

/* AT_LEAST, AT_MOST: of a sum, some of which is missing or may count twice. ABOVE, BELOW: of a quantile that lies beyond a histogram's
 * edges. */
enum exactness { EXACT, AT_LEAST, AT_MOST, ABOUT, ABOVE, BELOW };

enum { EXACT_TEXT_MAX = 32 }; /* bytes that hold any text written here */

const char *exact_mark(enum exactness e); /* "", ">=", "<=", "~", ">", "<" */
/* Of part / whole, and of part - whole: a bound stays one where the other is exact or bounds it on the same side; else it is about. */
enum exactness exact_over(enum exactness part, enum exactness whole);

/* How often one number holds the other, or by how much it is more. v NaN: not known; +inf: from nothing to something, ABOUT where it may
 * have been something. */
struct change {
    double v;
    enum exactness exact;
};
/* now / then; not known where either is not, and of 0 to 0. */
struct change change_times(double now, enum exactness now_is, double then, enum exactness then_is);
struct change change_points(double now, enum exactness now_is, double then, enum exactness then_is); /* now - then */

/* Times of something, in two significant digits: "0.05x" "0.4x" "8.2x" "49x" "380x" "1.2kx"; "<.01x" of less. v: 0 or more, finite. Returns
 * out. */
const char *exact_times(double v, char out[EXACT_TEXT_MAX]);
/* A share in whole percent: "74%", "<1%" below one, ">99%", "0%" and "100%" of nothing and all alone. Finite. Returns out. */
const char *exact_share(double ratio, char out[EXACT_TEXT_MAX]);
/* The one way to write a ratio to the past: "1.7x", "~1.7x", ">3.8x", "new" of what was nothing, "~new" of what may have been, "-" where it
 * is not known. Returns out. */
const char *change_text(struct change c, char out[EXACT_TEXT_MAX]);

#endif
