/* SPDX-License-Identifier: MIT */
/* The story of an opened incident: the entries of its timeline, its rules with their evidence, what people keep in view. Entries, rules and
 * suspects are one list to select from, in this order; each draws from row 0 of its area down. */
#ifndef GWTOP_UI_DRAW_PART_STORY_H
#define GWTOP_UI_DRAW_PART_STORY_H

#include "ui/draw/area.h"
#include "ui/draw/part.h"
#include "view/view_incidents.h"

/* What of the one list is selected: a row of one section, -1 in the others; all -1 where nothing is. */
struct part_pick {
    int entry, rule, suspect;
};
int part_pick_rows(const struct view_incidents *v); /* of the whole list */
struct part_pick part_pick_of(const struct view_incidents *v, const struct draw_ctx *ctx);

/* "03:06:40  E text (who says so)", below it what it said before it was corrected; whole sentences where all have room, else a row each.
 * Fills ctx->out, with the entry that is selected. Rows that it would like: with two for each sentence, or with whole ones. */
void part_entries(struct area a, const struct view_incidents *v, const struct part_pick *pick, const struct draw_ctx *ctx);
int part_entries_want(const struct view_incidents *v, int width, bool whole);

/* "03:07:02  PAGE page-1h  28m  evidence", those that fire first. */
void part_rules(struct area a, const struct view_incidents *v, const struct part_pick *pick, const struct draw_ctx *ctx);
int part_rules_want(const struct view_incidents *v, int width);

/* Pinned entries, then notes, the newest last. */
void part_notes(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx);
int part_notes_want(const struct view_incidents *v, int width);

#endif
