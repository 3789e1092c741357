/* SPDX-License-Identifier: MIT */
/* The table of raw series of one page: the bytes of name and labels as the exporter writes them -> what is remembered of the series.
 *
 * Exporters print their series in the same order each time, so every slot remembers which slot followed it: the next look-up
 * compares bytes with that guess first, and only a miss costs a hash. A series that is known allocates nothing and splits no label.
 * Invariant: slot numbers are dense from 0 and stay valid until slots_sweep; equal keys have one slot. */
#ifndef GWTOP_RECORD_SLOTS_H
#define GWTOP_RECORD_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define SLOT_NONE UINT32_MAX

struct slot {
    double cur, last;         /* staged by the poll `seen`; committed by the poll `last_seen` */
    double peak, low;         /* values before and after the latest decrease; peak 0: it has since climbed back, or gone on by itself */
    uint32_t seen, last_seen; /* poll numbers from 1, 0 = never */
    uint32_t feed;            /* the owner's: what it feeds, SLOT_NONE = nothing, so that its labels are not looked at again */
    uint32_t name;            /* the owner's: which metric it is of */
    uint32_t next;            /* guess: the slot that came after it last time */
    uint32_t key, key_len;    /* in the key pool */
    uint32_t hash;
    float pace;       /* the steepest rise so far, per ms, 0 = none yet */
    uint8_t paced;    /* intervals it rose in that this is of, at most SAWTOOTH_WINDOW */
    bool cumulative;  /* a counter or a part of a histogram or score */
    bool swung;       /* it fell and jumped back at once */
    bool replaced;    /* the page has another in its place: nobody misses it */
    uint8_t lack;     /* enum lack (record/lacks.h), 0 = the page has it, or need not */
    int64_t moved_ms; /* the beginning of the poll in which it last rose, 0 = it never did */
    int64_t left_ms;  /* the last poll that had it, where it is lacking */
};

struct slots {
    struct slot *list;
    uint32_t count, cap, max;
    uint32_t *table; /* slot + 1, 0 = free; at most half full */
    uint32_t mask;
    char *keys;
    size_t keys_len, keys_cap;
    uint64_t hash_key;
    uint32_t prev;  /* the slot seen last in this poll, SLOT_NONE at the beginning */
    uint32_t first; /* the slot that began the previous poll */
};

enum { SLOTS_KEYS_MAX = 256 << 20 }; /* bytes of keys of one page: 100,000 series of 370 bytes are 37 MB */

void slots_init(struct slots *t, uint32_t max);
void slots_fini(struct slots *t);
void slots_rewind(struct slots *t); /* a new poll begins at the top of the page */

/* Finds the slot of key and makes it the previous one. Cost: one comparison when the page kept its order, else one hash. */
bool slots_find(struct slots *t, struct str key, uint32_t *ret);
/* The same without learning anything. */
bool slots_peek(const struct slots *t, struct str key, uint32_t *ret);
/* Adds a key that slots_find did not find. Errors: ERR_LIMIT at max or at the cap of key bytes, ERR_NOMEM. */
enum err slots_add(struct slots *t, struct str key, uint32_t *ret) GW_MUST_USE;
struct str slots_key(const struct slots *t, uint32_t i);

/* Whether the slot was not seen since poll `before`, and nobody waits for it. */
bool slots_is_old(const struct slot *s, uint32_t before);
/* Forgets the slots that are old, moving the others together. remap[old] is the new number or SLOT_NONE;
 * it has room for count entries. */
void slots_sweep(struct slots *t, uint32_t before, uint32_t *remap);

#endif
