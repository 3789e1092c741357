/* SPDX-License-Identifier: MIT */
/* The story of the incident: what the overview's timeline has, with a change that was found later, an entry that was corrected, one that is
 * pinned, and what people said, of whom one waits to be taken in. */
#include "panes/fake_views.h"

#include <stdlib.h>

enum { SAID = 2, MANY = 80 };

static void *room(struct fake *f, size_t count, size_t size)
{
    void *p = arena_array(&f->arena, count, size);
    if (!p) {
        abort();
    }
    return p;
}

static struct ventry noted(struct fake *f, const struct timeline_entry *t)
{
    struct ventry e = {.id = arena_printf(&f->arena, "t%lld", (long long)t->id),
                       .at_ms = t->at_ms,
                       .known_ms = t->known_ms,
                       .letter = t->letter,
                       .text = t->text,
                       .source = t->source,
                       .was = "",
                       .corrected_by = "",
                       .pinned_by = ""};
    if (t->letter == 'k') {
        e.known_ms = t->at_ms + 9 * 60000;
        e.hollow = true;
    } else if (t->letter == 'c' && f->cursor_ms >= fake_clock(3, 12, 5)) {
        e.pinned_by = "ana";
        e.was = e.text;
        e.text = "config 9f3c > a102, by deploy-bot: weights of gpt-x";
        e.corrected_by = "ana";
        e.corrected_ms = fake_clock(3, 12, 5);
    }
    return e;
}

static const struct {
    int m, s;
    char letter;
    const char *text, *source;
    bool pending;
} said[SAID] = {{11, 2, 'n', "azure takes it; openai's status page says nothing", "ana", false},
                {13, 50, 'n', "called the provider, ticket 8841", "bo", true}};

void fake_build_story(struct fake *f)
{
    static const struct alert page = {.rule = "slo:gpt-x:page-1h",
                                      .scope = "model=gpt-x",
                                      .severity = SEV_PAGE,
                                      .state = ALERT_FIRING,
                                      .text = "burn 49x over 1h and 380x over 5m, 14.4x pages; 1,984 of 5,200 bad"},
                              ticket = {.rule = "slo:ttft:ticket-6h", .severity = SEV_TICKET, .text = "burn 0.6x over 6h"};
    struct view_incidents *d = &f->incident;
    const size_t all = f->overview.timeline_count, rules = f->kind == FAKE_OVERFLOW ? MANY : 2;
    struct ventry *e = room(f, all + SAID, sizeof *e);
    struct vincident_rule *r = room(f, rules, sizeof *r);
    for (size_t i = 0; i < all; i++) {
        e[d->entry_count++] = noted(f, &f->overview.timeline[i]);
    }
    for (size_t i = 0; i < SAID; i++) {
        const int64_t at_ms = fake_clock(3, said[i].m, said[i].s);
        if (at_ms <= f->cursor_ms) {
            e[d->entry_count++] = (struct ventry){.id = said[i].pending ? "" : "n2",
                                                  .at_ms = at_ms,
                                                  .known_ms = at_ms,
                                                  .letter = said[i].letter,
                                                  .text = said[i].text,
                                                  .source = said[i].source,
                                                  .was = "",
                                                  .corrected_by = "",
                                                  .pinned_by = "",
                                                  .is_said = true,
                                                  .pending = said[i].pending};
        }
    }
    for (size_t i = 0; i < rules; i++) {
        r[i] = i % 2 == 0 ? (struct vincident_rule){&page, ALERT_FIRING, INT64_C(1795489622000), 0, 1}
                          : (struct vincident_rule){&ticket, ALERT_INACTIVE, INT64_C(1795470000000), INT64_C(1795480000000), 3};
    }
    d->entries = e;
    d->rules = r;
    d->rule_count = rules;
    d->life = (struct vlife){.onset_ms = INT64_C(1795489600000), .detected_ms = INT64_C(1795489622000)};
    d->counts = (struct vimpact){.known = true, .failed = 1041, .counted = 2900, .spend = {.v = 9.4, .exact = AT_LEAST}};
}
