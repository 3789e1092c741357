/* SPDX-License-Identifier: MIT */
/* The option table: every key that gwtop.yaml may hold. Validation, nearest-name hints, help and the man page read these rows, so a
 * new option is one row here and one member of struct config. Defaults stand in defaults.yaml, not here. */
#ifndef GWTOP_CONFIG_OPTION_H
#define GWTOP_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A mapping of the file; the rows of one section are the keys it may hold. */
enum section {
    SECTION_TOP,
    SECTION_KEEP,
    SECTION_SOURCE,
    SECTION_SECRET,
    SECTION_HEADER,
    SECTION_LABEL,
    SECTION_SLO,
    SECTION_LATENCY,
    SECTION_BUDGET,
    SECTION_SCORE,
    SECTION_PRICE,
    SECTION_HOSTING,
    SECTION_ENERGY,
    SECTION_TARIFF,
    SECTION_CANARY,
    SECTION_PROMPT,
    SECTION_MESSAGE,
    SECTION_RULE,
    SECTION_BUILTIN,
    SECTION_ON_PAGE,
    SECTION_NOTIFY,
    SECTION_HEARTBEAT,
    SECTION_AUTHORITY,
    SECTION_EDGE,
    SECTION_BINDINGS,
    SECTION_DEFAULTS,
    SECTION_COUNT
};

enum option_type {
    OPTION_TEXT,     /* const char *: printable, not empty */
    OPTION_PATH,     /* const char *: resolved against the file's directory */
    OPTION_URL,      /* const char * */
    OPTION_MATCH,    /* const char *: label matchers */
    OPTION_CHOICE,   /* const char *: one of `choices` */
    OPTION_PERIOD,   /* int: index into `choices` */
    OPTION_SIGNAL,   /* enum signal: one of `choices` */
    OPTION_BOOL,     /* bool */
    OPTION_NUMBER,   /* double */
    OPTION_COUNT,    /* uint32_t */
    OPTION_BYTES,    /* int64_t */
    OPTION_DURATION, /* int64_t ms */
    OPTION_SECONDS,  /* double: a duration in seconds */
    OPTION_PERCENT,  /* double: a share, written as a percentage */
    OPTION_MONEY,    /* int64_t nano-USD */
    OPTION_PRICE,    /* int64_t pico-USD per token */
    OPTION_DATE,     /* int64_t wall_ms */
    OPTION_PROSE,    /* const char *: lines of it, too */
    OPTION_SCOPE,    /* read by the section's own code, as is */
    OPTION_WORDS,    /* the same: a list of texts */
    OPTION_SCHEMA,   /* the same: JSON Schema */
    OPTION_SIGNAL_OR_ALL,
    OPTION_MAP, /* a mapping with the rows of `inner` */
    OPTION_LIST /* a list of such mappings */
};

enum {
    OPTION_REQUIRED = 1, /* must stand in each mapping of its section */
    OPTION_OWN = 2,      /* belongs to one item: not allowed under `defaults` */
    OPTION_MAY_EMPTY = 4
};

struct option {
    enum section section;
    const char *key;
    enum option_type type;
    enum section inner;  /* MAP and LIST */
    size_t offset;       /* of the member in the section's struct */
    double min, max;     /* in the member's unit; both 0 = no range */
    const char *choices; /* "a|b|c" */
    unsigned flags;
    const char *help; /* one sentence without a final stop */
};

/* All rows, grouped by section in the order they are documented in. */
const struct option *option_table(size_t *ret_count);
/* "sources", "sources[].bearer", ...: the first place where a section is used; "" at the top. */
const char *option_section_path(enum section s);
/* What a value of this type must look like: "a duration like 15s". */
const char *option_type_expected(enum option_type t);

/* A number of a type's unit as a person writes it: "15s", "64MB", "99.9%". */
enum { OPTION_AMOUNT_MAX = 80 };
void option_show_amount(enum option_type t, double v, char out[OPTION_AMOUNT_MAX]);

#endif
