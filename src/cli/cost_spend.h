/* SPDX-License-Identifier: MIT */
/* The part of `gwtop cost` that is about computed cost, and its tables by several dimensions: text, JSON, CSV, FOCUS. */
#ifndef GWTOP_CLI_COST_SPEND_H
#define GWTOP_CLI_COST_SPEND_H

#include "cli/cli.h"
#include "view/spend.h"

/* The table by model, and before it the sentence, where that has not been said because the money rests on it. */
void spend_print_models(const struct view_spend *v, const struct cli_store *s);
/* Rows by all dimensions. */
void spend_print_rows(const struct view_spend *v, const struct cli_store *s);
/* "team,model" */
void spend_by(const struct view_spend *v, char out[CLI_CELL_MAX]);
/* The member "computed" of the object that is open. */
void spend_json(struct json *w, const struct view_spend *v, const struct cli_store *s);
/* The member "rows" by several dimensions. */
void spend_json_rows(struct json *w, const struct view_spend *v, const struct cli_store *s);
void spend_csv_rows(const struct view_spend *v, const struct cli_store *s);
/* Columns of FOCUS, a row per day and combination. */
void spend_focus(const struct view_charges *v, const struct cli_store *s);

/* The row of that value in a view by one dimension; NULL when there is none. kind: "row", "other", "total". */
const struct vspend_row *spend_row_of(const struct view_spend *v, const char *value, bool is_total);
void spend_json_computed(struct json *w, const struct vspend_row *r); /* members of the row that is open; r NULL: null */
void spend_csv_computed(const struct cli_io *io, const struct vspend_row *r);
#define SPEND_CSV_COMPUTED ",computed_usd_least,computed_usd_most,computed_exactness,unpriced_share"

#endif
