/* SPDX-License-Identifier: MIT */
/* The parts of reading a configuration that the option table cannot say: lists, layers of defaults, and rules between options. */
#ifndef GWTOP_CONFIG_CONFIG_READ_H
#define GWTOP_CONFIG_CONFIG_READ_H

#include "config/reader.h"

/* The `defaults` mappings, the built-in one first; NULL where there is none. */
struct layers {
    const struct yaml_node *builtin, *user;
};

/* Fills an item of section s from the built-in defaults under key, the file's own, and then itself. */
void config_read_layers(struct reader *r, enum section s, const char *key, const struct layers *l, const struct yaml_node *item,
                        void *target);
/* `sources` into c. Every finding goes to r. */
void config_read_sources(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c);
/* A finding at `at` unless exactly one origin is named; value: the text that may stand instead, NULL. */
void config_check_secret(struct reader *r, const struct yaml_node *at, const char *option, const struct config_secret *s,
                         const char *value);
/* At most CONFIG_HEADERS_MAX. */
void config_read_headers(struct reader *r, const struct yaml_node *n, struct config_header *list, uint32_t *count);
/* `only` and `labels` of a source. */
void config_read_change_options(struct reader *r, const struct yaml_node *item, struct config_source *s);
/* An item of `prices`, before items of one model and date are joined. Prices not given are below 0. */
struct config_price {
    const char *model;
    int64_t from_ms;
    double discount;                 /* below 0 = none */
    int64_t pusd[PRICE_TOKEN_TERMS]; /* per token */
    int64_t request_nusd, query_nusd;
    enum price_service service; /* in the order of the option's choices */
    uint32_t above_tokens;
    bool graduated;
};
/* `prices` into c. */
void config_read_prices(struct reader *r, const struct yaml_node *n, struct config *c);
/* An item of energy.tariff, before its hours are read. */
struct config_tariff {
    struct tariff rate;
    const char *hours; /* NULL = the whole day */
};
/* What money is computed by, `prices`, `hosting` and `energy`, into c. */
void config_read_pricing(struct reader *r, const struct yaml_node *root, struct config *c);
/* The same as JSON; NULL where the file has none of them, or after a finding. */
const char *config_pricing_text(struct reader *r, const struct yaml_node *root);
/* `hosting` and `energy` into c, whose sources were read. */
void config_read_hosting(struct reader *r, const struct yaml_node *n, struct config *c);
void config_read_energy(struct reader *r, const struct yaml_node *n, struct config *c);

/* An item of `prompts`, before its messages, schema and command are read. */
struct config_prompt {
    const char *id, *prompt, *exact, *matches, *token;
    uint32_t max_tokens;
    bool json;
};
/* `canaries` into c, whose sources were read. */
void config_read_canaries(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c);

/* A program and its arguments, ended by NULL; NULL with a finding. */
const char *const *config_read_argv(struct reader *r, const struct yaml_node *n, const char *key);
/* `rules` into c. */
void config_read_rules(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c);
/* `on_page`, `notify` and `heartbeat` into c. */
void config_read_paging(struct reader *r, const struct yaml_node *root, const struct layers *l, struct config *c);

/* Whether a source is called that, with a finding at n when none is. */
bool config_check_source(struct reader *r, const struct config *c, const char *option, const struct yaml_node *n);

/* The whole file over the built-in defaults. */
void config_read(struct reader *r, const struct yaml_node *builtin, const struct yaml_node *root, struct config *c);

#endif
