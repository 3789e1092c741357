/* SPDX-License-Identifier: MIT */
/* What a cell means. Panes name roles, themes give roles their colours, and nobody else knows a colour.
 *
 * Invariant: one row per role; names are what theme files use; letters are unique, they draw the role plane of the golden files.
 * Colour is a budget: only severities and the one accent have a hue of their own; everything else is the terminal's text, bold or dim.
 * Severity is never told by hue alone: the text beside it says PAGE or TICKET, or the glyph differs. */
#ifndef GWTOP_UI_DRAW_ROLE_H
#define GWTOP_UI_DRAW_ROLE_H

#include <stdbool.h>

#include "base/str.h"

/* X(id, name in theme files, letter of the role plane, help sentence) */
#define ROLE_TABLE(X)                                                                                                                      \
    X(TEXT, "text", '.', "ordinary text and numbers: the terminal's own foreground")                                                       \
    X(STRONG, "strong", 'b', "the value that the eye should find first")                                                                   \
    X(DIM, "dim", ',', "context: units, table headers, earlier values, hints")                                                             \
    X(ACCENT, "accent", 'a', "the one accent: gateway name, focus, numbered suspects")                                                     \
    X(TITLE, "title", 'T', "title of a pane or section")                                                                                   \
    X(RULE, "rule", '-', "the thin rule that separates sections")                                                                          \
    X(BAR, "bar", '=', "ground of the header and footer rows")                                                                             \
    X(TAB, "tab", 'i', "name of a pane in the tab row")                                                                                    \
    X(TAB_ON, "tab_on", 'N', "name of the pane that is shown")                                                                             \
    X(KEY, "key", 'k', "a key in the footer or the help")                                                                                  \
    X(OK, "ok", 'o', "known to be good: LIVE, REAL, an answer that arrived")                                                               \
    X(TICKET, "ticket", 'w', "severity ticket: look at it today")                                                                          \
    X(PAGE, "page", 'p', "severity page: somebody has to act now")                                                                         \
    X(UNKNOWN, "unknown", 'u', "not known: no data, no rules")                                                                             \
    X(STALE, "stale", 's', "a value whose source has fallen silent")                                                                       \
    X(OK_BADGE, "ok_badge", 'O', "the verdict OK")                                                                                         \
    X(TICKET_BADGE, "ticket_badge", 'W', "the verdict TICKET")                                                                             \
    X(PAGE_BADGE, "page_badge", 'P', "the verdict PAGE")                                                                                   \
    X(UNKNOWN_BADGE, "unknown_badge", 'U', "the verdicts UNKNOWN and NO RULES")                                                            \
    X(MODE, "mode", 'M', "a mode that must not be overlooked: DEMO, NOT KEPT")                                                             \
    X(PAST, "past", 'R', "the cursor stands in the past, or the screen is frozen")                                                         \
    X(SELECTION, "selection", 'S', "ground of the selected row")                                                                           \
    X(CURSOR, "cursor", '|', "the time cursor across all charts")                                                                          \
    X(AXIS, "axis", 'x', "ticks and labels of the time axis")                                                                              \
    X(GAP, "gap", 'g', "where nothing was recorded")                                                                                       \
    X(ZERO, "zero", 'z', "a measured zero in a chart")                                                                                     \
    X(THRESHOLD, "threshold", 'h', "the line where a rule fires")                                                                          \
    X(STRIP, "strip", '#', "a chart within what is usual")                                                                                 \
    X(STRIP_STALE, "strip_stale", '%', "a chart whose source has fallen silent, or a quantile of too few")                                 \
    X(MARK, "mark", 'c', "a change on the event row")                                                                                      \
    X(MARK_HOLLOW, "mark_hollow", 'e', "an onset that was found only later")                                                               \
    X(POPUP, "popup", 'v', "text and ground of help, lists and prompts")                                                                   \
    X(POPUP_TITLE, "popup_title", 'V', "title of such a box")                                                                              \
    X(INPUT, "input", 'y', "what is being typed")                                                                                          \
    X(ERROR, "error", '!', "a message that something failed")                                                                              \
    X(MATCH, "match", 'm', "text that the filter or search found")                                                                         \
    X(SERIES1, "series1", '1', "first of several series in one chart")                                                                     \
    X(SERIES2, "series2", '2', "second series")                                                                                            \
    X(SERIES3, "series3", '3', "third series")                                                                                             \
    X(SERIES4, "series4", '4', "fourth series")                                                                                            \
    X(SERIES5, "series5", '5', "fifth series")                                                                                             \
    X(SERIES6, "series6", '6', "sixth series, and `other`")                                                                                \
    X(HEAT0, "heat0", 'A', "heatmap: almost nothing (backgrounds, from here on)")                                                          \
    X(HEAT1, "heat1", 'B', "heatmap, second step")                                                                                         \
    X(HEAT2, "heat2", 'C', "heatmap, third step")                                                                                          \
    X(HEAT3, "heat3", 'D', "heatmap, fourth step")                                                                                         \
    X(HEAT4, "heat4", 'E', "heatmap, fifth step")                                                                                          \
    X(HEAT5, "heat5", 'F', "heatmap, sixth step")                                                                                          \
    X(HEAT6, "heat6", 'G', "heatmap, seventh step")                                                                                        \
    X(HEAT7, "heat7", 'H', "heatmap, eighth step")                                                                                         \
    X(HEAT8, "heat8", 'I', "heatmap: the fullest cell")

enum role {
#define ROLE_ID(id, name, letter, help) ROLE_##id,
    ROLE_TABLE(ROLE_ID)
#undef ROLE_ID
        ROLE_COUNT
};

enum { ROLE_SERIES_COUNT = 6, ROLE_HEAT_COUNT = 9 };

struct role_info {
    const char *name;
    char letter;
    const char *help;
};

const struct role_info *role_info(enum role r); /* r < ROLE_COUNT; static storage */
bool role_by_name(struct str name, enum role *ret);

#endif
