/* SPDX-License-Identifier: MIT */
/* What of scores is not judged: those that a source left out, those of the past that it still reads, and those that wait. */
#include "view/vquality.h"

#include <string.h>

#include "model/score.h"
#include "view/vread.h"
#include "view/vtext.h"

static bool tells_scores(const struct source_status *s)
{
    static const char *const kinds[] = {"langfuse", "phoenix", "score"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(s->kind, kinds[i]) == 0)
            return true;
    return false;
}

/* "1 Dec 03:00Z" of what a source says that still reads the past; "". */
static const char *until_of(struct arena *a, const struct source_status *s)
{
    static const char begin[] = SCORE_PAST_REMARK SCORE_PAST_UNTIL;
    if (s->state != SOURCE_OK || strncmp(s->reason, begin, sizeof begin - 1) != 0)
        return "";
    const char *from = s->reason + sizeof begin - 1, *end = strstr(from, SCORE_PAST_END);
    return end != NULL ? arena_strdup(a, (struct str){from, (size_t)(end - from)}) : "";
}

static const char *source_text(struct arena *a, const struct vquality_source *s)
{
    char n[VTEXT_MAX];
    vtext_count(s->left_out, n);
    const char *until = s->until[0] != '\0' ? arena_printf(a, "judged up to %s: %s " SCORE_PAST_REMARK, s->until, s->name) : "",
               *left = s->left_out > 0 ? arena_printf(a, "%s: %s left out, the newest: %s", s->name, n, s->left_why) : "";
    if (until == NULL || left == NULL)
        return NULL;
    return arena_printf(a, "%s%s%s", until, until[0] != '\0' && left[0] != '\0' ? "; " : "", left);
}

/* How far streams are judged while scores wait. */
static enum err read_judged(const struct vquality *q, int64_t *ret, struct errctx *ctx)
{
    struct str text;
    enum err e = store_note(q->vr->l->st, DRIFT_JUDGED_NOTE, q->p->cursor_ms, q->vr->l->scratch, &text);
    if (e != ERR_OK)
        return e == ERR_NOTFOUND ? ERR_OK : errctx_set(ctx, e, "how far scores are judged cannot be read");
    if (!str_to_i64(text, ret) || *ret < 0)
        *ret = 0;
    return ERR_OK;
}

enum err vquality_sources(const struct vquality *q, struct view_quality *v, struct errctx *ctx)
{
    struct arena *a = q->vr->l->arena;
    struct vquality_source *list = arena_array(a, q->vr->source_count + 1, sizeof *list);
    enum err e = list != NULL ? read_judged(q, &v->judged_ms, ctx) : vquality_nomem(ctx);
    if (e != ERR_OK)
        return e;
    const char *text = "";
    if (v->judged_ms > 0) {
        const char *at = vtext_moment(a, v->judged_ms);
        text = at != NULL ? arena_printf(a, "judged up to %s: scores wait", at) : NULL;
    }
    v->sources = list;
    for (size_t i = 0; text != NULL && i < q->vr->source_count; i++) {
        const struct source_status *s = &q->vr->sources[i];
        const struct vquality_source one = {
            .name = s->name, .until = until_of(a, s), .left_out = tells_scores(s) ? s->warnings : 0, .left_why = s->warning};
        if (one.until == NULL)
            return vquality_nomem(ctx);
        if (one.until[0] == '\0' && one.left_out == 0)
            continue;
        list[v->source_count++] = one;
        const char *more = source_text(a, &one);
        text = more != NULL ? arena_printf(a, "%s%s%s", text, text[0] != '\0' ? "; " : "", more) : NULL;
    }
    v->sources_text = text;
    return text != NULL ? ERR_OK : vquality_nomem(ctx);
}
