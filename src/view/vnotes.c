/* SPDX-License-Identifier: MIT */
/* The recorder writes what its profiles say of each signal as the note "profile_notes" (record/profile_notes.h): {"litellm": {"ttft":
 * "..."}}. */
#include "view/vparts.h"

#include <string.h>

#include "base/str.h"

/* Whether what source i says of a signal is among what is shown of it, and is still recorded. */
static bool tells(const struct vread *vr, size_t i, enum signal s)
{
    return !vread_is_gone(vr, i) && vread_counts(vr, s, i);
}

/* Signals of which a source had buckets in the now window that contradict each other. */
static enum err odd_of(struct vread *vr, size_t i, uint64_t *ret)
{
    int64_t at_ms[SIG_COUNT];
    enum err e = store_odd_buckets(vr->l->st, vr->sources[i].id, vr->p->cursor_ms, vr->l->scratch, at_ms, NULL);

    if (e != ERR_OK)
        return e;
    *ret = 0;
    for (int s = 0; s < SIG_COUNT; s++)
        if (at_ms[s] != 0 && at_ms[s] + STORE_ODD_BUCKETS_MS > vr->until_ms[s] - vr->p->now_window_ms && tells(vr, i, (enum signal)s))
            *ret |= UINT64_C(1) << s;
    return ERR_OK;
}

enum err vnotes_load(struct vread *vr, struct vnotes *ret)
{
    struct str text;
    *ret = (struct vnotes){.said = NULL, .odd = arena_array(vr->l->arena, vr->source_count + 1, sizeof *ret->odd)};
    if (ret->odd == NULL)
        return ERR_NOMEM;
    enum err e = store_note(vr->l->st, "profile_notes", INT64_MAX, vr->l->arena, &text);
    if (e == ERR_OK) {
        e = yaml_parse(text, "profile_notes", vr->l->arena, &ret->said, NULL);
        e = e == ERR_NOMEM || e == ERR_LIMIT ? e : ERR_OK; /* a note that is no YAML says nothing */
    } else if (e == ERR_NOTFOUND) {
        e = ERR_OK;
    }
    for (size_t i = 0; e == ERR_OK && i < vr->source_count; i++)
        e = odd_of(vr, i, &ret->odd[i]);
    return e;
}

bool vnotes_is_odd(const struct vread *vr, const struct vnotes *notes, enum signal signal)
{
    bool odd = false;
    for (size_t i = 0; i < vr->source_count; i++)
        odd = odd || (notes->odd[i] >> signal & 1) != 0;
    return odd;
}

/* The profile's word on a signal, NULL when it has none. */
static const struct yaml_node *word_of(const struct yaml_node *notes, const char *profile, enum signal signal)
{
    const struct yaml_node *of = notes->kind == YAML_MAPPING ? yaml_get(notes, profile) : NULL;
    const struct yaml_node *word = of != NULL && of->kind == YAML_MAPPING ? yaml_get(of, signal_info(signal)->name) : NULL;
    return word != NULL && word->kind == YAML_SCALAR ? word : NULL;
}

const char *vnotes_of(struct vread *vr, const struct vnotes *notes, enum signal signal)
{
    struct arena *a = vr->l->arena;
    const char *text = "", *odd = "";
    for (size_t i = 0; i < vr->source_count; i++) {
        if ((notes->odd[i] >> signal & 1) != 0)
            odd = arena_printf(a, "%sbuckets of %s do not rise with le, so the lower ones are believed; ", odd, vr->sources[i].name);
        if (odd == NULL)
            return NULL;
    }
    for (size_t i = 0; notes->said != NULL && i < vr->source_count; i++) {
        const char *profile = vr->sources[i].profile;
        bool said = !tells(vr, i, signal);
        for (size_t k = 0; k < i && !said; k++)
            said = strcmp(vr->sources[k].profile, profile) == 0;
        const struct yaml_node *word = said ? NULL : word_of(notes->said, profile, signal);
        if (word == NULL)
            continue;
        text = arena_printf(a, "%s%s%s: %.*s", text, text[0] != '\0' ? "; " : "", profile, (int)word->text.n, word->text.p);
        if (text == NULL)
            return NULL;
    }
    return arena_printf(a, "%s%s", odd, text[0] != '\0' ? text : signal_info(signal)->help);
}
