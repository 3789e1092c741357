/* SPDX-License-Identifier: MIT */
/* Internal to price_import*.c: collecting the rows of a list, whatever its form. */
#ifndef GWTOP_ANALYSIS_PRICE_IMPORT_INT_H
#define GWTOP_ANALYSIS_PRICE_IMPORT_INT_H

#include "analysis/price_import.h"
#include "base/jsontree.h"

/* Powers of ten that make pico-USD of the lists' units. */
enum { USD_PER_TOKEN = 12, USD_PER_MILLION = 6, CENTS_PER_TOKEN = 10 };

struct price_row {
    struct price price; /* strings and the reason are set; rates below */
    struct price_rate rates[PRICE_RATES_MAX];
    bool is_weak[PRICE_RATES_MAX]; /* by a field's second name */
};

struct price_import {
    const struct price_import_options *opt;
    struct arena *arena;
    struct price *rows; /* of those that are finished */
    size_t count, max;
    struct price_import_report report;
    struct price_row row; /* the one being read */
    bool nomem;
};

/* Begins a row. The name may come in two parts ("openai" / "gpt-x"); provider and mode may be empty. */
void import_begin(struct price_import *im, struct str prefix, struct str model, struct str provider, struct str mode);
/* A price of the row. field: its name in the list, for the reason when the value cannot be taken. value NULL or null: not listed. weak:
 * gives way to another price for the same. Graduated and above as in struct price_rate. */
void import_rate(struct price_import *im, const char *field, const struct jsontree *value, int power, struct price_rate rate, bool weak);
void import_uplift(struct price_import *im, const char *field, struct str region, const struct jsontree *value);
/* Leaves the row without a price; the first reason stays. */
void import_fault(struct price_import *im, const char *fmt, ...) GW_PRINTF(2, 3);
/* Leaves the row without a price where its currency ("" = not told) is another than USD. */
void import_currency(struct price_import *im, struct str currency);
/* Keeps the row. */
void import_end(struct price_import *im);

/* A count of tokens such as 256000 or 256000.0. */
bool import_tokens(const struct jsontree *value, int64_t *ret);

void import_litellm(struct price_import *im, const struct jsontree *root);
void import_agentgateway(struct price_import *im, const struct jsontree *root);
void import_modelsdev(struct price_import *im, const struct jsontree *root);
void import_portkey(struct price_import *im, const struct jsontree *root);

#endif
