/* SPDX-License-Identifier: MIT */
/* The sentence on a gateway's own budget of which all is spent: what it spends and since when that rose says nothing then, for the gateway
 * lets nothing through. What is refused does, since when, and until when. */
#include "base/timefmt.h"
#include "model/money.h"
#include "view/vpace.h"
#include "view/vrefused.h"
#include "view/vtext.h"
#include "view/vtrouble.h"

static const int64_t minute_ms = 60000, before_ms = 600000, most_ms = 86400000; /* how far back the first refusal is looked for */

/* "290 of 291 requests refused since 11:52:27Z +-30s (37m30s)". NULL when the arena is full. */
static const char *refused_phrase(struct vread *vr, size_t all, const char *since)
{
    const struct voutcomes o = vread_outcomes(vr, all, 0, DIM_COUNT, 0);
    struct arena *a = vr->l->arena;
    char n[VTEXT_MAX], of[VTEXT_MAX];
    const char *unsplit = vread_unsplit_text(vr, SIG_REQUESTS), *mark = exact_mark(vnum_of(0, 0, VNUM_SUM, o.trust).exact);

    if (unsplit == NULL)
        return NULL;
    if (unsplit[0] != '\0')
        return arena_printf(a, "spent%s; how many requests it refuses is not known: %s", since, unsplit);
    if (!o.known || o.trust.stale)
        return arena_printf(a, "spent%s; how many requests it refuses is not known", since);
    vtext_count(o.refused, n);
    vtext_count(o.all, of);
    return o.refused > 0 ? arena_printf(a, "spent, %s%s of %s%s requests refused%s", mark, n, mark, of, since)
                         : arena_printf(a, "spent%s; of %s%s requests it refused none", since, mark, of);
}

enum err vpace_spent_sentence(struct vread *vr, const struct vpace_spent *in, const char **ret, struct errctx *ctx)
{
    struct arena *a = vr->l->arena;
    const int64_t until = vr->until_ms[SIG_REQUESTS], onset = in->al->onset_ms != 0 ? in->al->onset_ms : in->al->since_ms;
    const bool dated = vrefused_is_spent(in->al); /* else it began to fire before all was spent */
    const int64_t from = dated ? onset - in->al->onset_error_ms : in->al->since_ms - before_ms;
    int64_t begin = instant_floor(from > until - most_ms ? from : until - most_ms, minute_ms), since = onset;
    char limit[MONEY_MAX];

    vr->count = 0;
    const size_t minutes = vread_add(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), begin, minute_ms, (uint32_t)((until - begin) / minute_ms + 1));
    enum err e = vslo_narrow_to(vr, in->scope, in->scope_count, in->reach);
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    if (!dated)
        since = vrefused_since_ms(vr, minutes);
    const int64_t wide = dated ? vtrouble_wide_ms(vr, SIG_REQUESTS, in->al->onset_error_ms) : minute_ms;
    const char *when = since != 0 ? vtext_since(a, since, wide, until) : "";
    vr->count = 0;
    const size_t all = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), since != 0 ? since : begin, until);
    e = vslo_narrow_to(vr, in->scope, in->scope_count, in->reach);
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    const char *refused = when != NULL ? refused_phrase(vr, all, when) : NULL;
    const char *anew = in->left->to_ms != 0 ? vtext_moment(a, in->left->to_ms) : NULL;
    money_format(in->left->limit_nusd, limit);
    *ret = refused == NULL || (in->left->to_ms != 0 && anew == NULL)
               ? NULL
               : arena_printf(a, "budget %s: all of %s is %s; %s%s", in->name, limit, refused,
                              anew != NULL ? "starts anew " : "when it starts anew is not told", anew != NULL ? anew : "");
    return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}
