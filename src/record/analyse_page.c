/* SPDX-License-Identifier: MIT */
/* What there is to tell people: the note "pages", put into the transaction of the data that it came from. Who is told is the pager's
 * business (pager.h), which reads it only once it is durable. */
#include <stdlib.h>
#include <string.h>

#include "model/act.h"
#include "record/analyse_int.h"

/* A log that never heard of acts hears of none that were taken in before: nobody waits for their word any more. */
static enum err skip_acts(struct analyser *an, struct errctx *ctx)
{
    struct store_act *acts;
    size_t count;
    enum err e = store_acts(an->st, INT64_MAX, &an->scratch, &acts, &count, ctx);
    an->pages->act_id = 0;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        an->pages->act_id = acts[i].id > an->pages->act_id ? acts[i].id : an->pages->act_id;
    return e;
}

enum err analyse_pages_open(struct analyser *an, struct errctx *ctx)
{
    struct str text;
    struct errctx bad;
    an->pages = calloc(1, sizeof *an->pages);
    if (an->pages == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the log of pages");
    an->pages->act_id = -1;
    enum err e = store_note(an->st, PAGES_NOTE, INT64_MAX, &an->scratch, &text);
    if (e == ERR_OK)
        e = page_log_read(text, &an->scratch, an->pages, &bad);
    if (e != ERR_OK && e != ERR_NOTFOUND && e != ERR_PARSE)
        return errctx_set(ctx, e, "the log of pages cannot be read");
    return an->pages->act_id < 0 ? skip_acts(an, ctx) : ERR_OK;
}

enum err analyse_page_case(struct analyser *an, const struct incident_case *k, enum page_on on, const char *rule, int64_t at_ms,
                           int64_t known_ms, const char *text, struct errctx *ctx)
{
    struct buf out;
    struct page_told p = {.on = on,
                          .severity = k->severity,
                          .incident = k->id,
                          .at_ms = at_ms,
                          .since_ms = k->onset_ms != 0 ? k->onset_ms : k->opened_ms,
                          .known_ms = known_ms};
    (void)str_copy(p.rule, sizeof p.rule, str_of(rule));
    (void)str_copy(p.title, sizeof p.title, str_of(k->title));
    (void)str_copy(p.scope, sizeof p.scope, str_of(k->scope));
    (void)str_copy(p.text, sizeof p.text, str_of(text != NULL ? text : ""));
    page_log_add(an->pages, &p);
    buf_init(&out, PAGING_NOTE_MAX_BYTES);
    enum err e = page_log_write(an->pages, &out);
    if (e != ERR_OK)
        (void)errctx_set(ctx, e, "the log of pages cannot be written down");
    else
        e = store_put_note(an->st, PAGES_NOTE, 0, buf_str(&out), ctx); /* one version: nobody reads an old one */
    buf_fini(&out);
    return e;
}

enum err analyse_page_over(struct analyser *an, const struct incident_case *k, int64_t at_ms, int64_t known_ms, const char *text,
                           struct errctx *ctx)
{
    struct incident *list;
    size_t count;
    enum err e = store_incidents(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const struct incident *in = &list[i];
        const struct incident_case part = {.id = in->id,
                                           .title = in->title,
                                           .scope = in->scope,
                                           .severity = in->worst,
                                           .onset_ms = in->onset_ms,
                                           .opened_ms = in->opened_ms};
        const char *of =
            in->parent == k->id ? arena_printf(&an->scratch, "it was one with #%lld %s: %s", (long long)k->id, k->title, text) : NULL;
        if (in->parent == k->id)
            e = analyse_page_case(an, &part, PAGE_RESOLVED, "", at_ms, known_ms, of, ctx);
    }
    return e == ERR_OK ? analyse_page_case(an, k, PAGE_RESOLVED, "", at_ms, known_ms, text, ctx) : e;
}

/* Of one that is over, or that is told under another, nobody is owed an end: who said it of a part knew nothing of the rest. */
static enum err tell_resolved(struct analyser *an, const struct store_act *act, struct errctx *ctx)
{
    struct incident *list;
    size_t count;
    const char *colon = act->text[0] != '\0' ? ": " : "";
    const char *text = arena_printf(&an->scratch, "resolved by %s%s%s", act->author, colon, act->text);
    enum err e = store_incidents(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    if (e == ERR_OK && text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what operators did");
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const struct incident_case k = {.id = list[i].id,
                                        .title = list[i].title,
                                        .scope = list[i].scope,
                                        .severity = list[i].worst,
                                        .onset_ms = list[i].onset_ms,
                                        .opened_ms = list[i].opened_ms};
        if (list[i].id == act->incident && list[i].parent == 0 && list[i].state != INCIDENT_RESOLVED)
            e = analyse_page_over(an, &k, act->at_ms, act->known_ms, text, ctx);
    }
    return e;
}

enum err analyse_page_acts(struct analyser *an, const struct store_act *acts, size_t count, struct errctx *ctx)
{
    const int64_t seen = an->pages->act_id;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        if (acts[i].pending || acts[i].id <= seen)
            continue;
        an->pages->act_id = acts[i].id > an->pages->act_id ? acts[i].id : an->pages->act_id;
        if (strcmp(acts[i].verb, act_verb_name(ACT_RESOLVE)) == 0)
            e = tell_resolved(an, &acts[i], ctx);
    }
    return e;
}

enum err analyse_page_word(struct analyser *an, int64_t incident, int64_t since_ms, enum page_word *ret, struct errctx *ctx)
{
    struct store_act *acts;
    size_t count;
    int64_t paged_ms = since_ms;
    for (uint32_t i = 0; i < an->pages->count; i++)
        if (an->pages->list[i].on == PAGE_PAGE && an->pages->list[i].incident == incident && an->pages->list[i].known_ms > since_ms)
            paged_ms = an->pages->list[i].known_ms;
    enum err e = store_acts(an->st, INT64_MAX, &an->scratch, &acts, &count, ctx);
    *ret = PAGE_UNANSWERED;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        enum act_verb verb;
        if (acts[i].incident != incident || acts[i].pending || acts[i].at_ms <= paged_ms || !act_verb_by_name(acts[i].verb, &verb))
            continue;
        if (verb == ACT_RESOLVE)
            *ret = PAGE_PUT_DOWN;
        else if (verb == ACT_ACK || verb == ACT_MITIGATE)
            *ret = PAGE_TAKEN;
    }
    return e;
}

const struct page_log *analyser_pages(const struct analyser *an)
{
    return an->pages;
}
